SELECT json_group_array(json_object(
	'id', id, 'state', state, 'attempt', attempt, 'started_at', started_at,
	'finished_at', finished_at, 'exit_code', exit_code, 'note', note,
	'last_seq', last_seq, 'worker', worker, 'lease_boot', lease_boot,
	'lease_until_ms', lease_until_ms, 'outcome', outcome, 'cancel_asked', cancel_asked))
FROM job
WHERE id = ?1;
