UPDATE bundle_file SET used_us = ?2
WHERE sha256 IN (
	SELECT json_extract(file.value, '$.sha256')
	FROM job, json_each(job.spec, '$.bundle.files') AS file
	WHERE job.id = ?1);
