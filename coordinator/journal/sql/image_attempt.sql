SELECT json_group_array(json_object(
	'job', job, 'number', number, 'worker', worker, 'began_at', began_at,
	'ended_at', ended_at, 'state', state))
FROM attempt
WHERE job = ?1;
