DELETE FROM bundle_file
WHERE used_us < ?1
	AND sha256 NOT IN (
		SELECT coalesce(json_extract(file.value, '$.sha256'), '')
		FROM job, json_each(job.spec, '$.bundle.files') AS file
		WHERE job.state IN ('queued', 'offered', 'running', 'unknown', 'cancelling'));
