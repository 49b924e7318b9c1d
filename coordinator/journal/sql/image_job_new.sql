SELECT json_group_array(json_object(
	'id', id, 'kind', kind, 'state', state, 'target', target, 'target_key', target_key,
	'environment', environment, 'agent', agent, 'owner', owner, 'worker', worker,
	'attempt', attempt, 'submitted_at', submitted_at, 'started_at', started_at,
	'finished_at', finished_at, 'exit_code', exit_code, 'note', note,
	'last_seq', last_seq, 'bundle_hash', bundle_hash, 'lease_boot', lease_boot,
	'lease_until_ms', lease_until_ms, 'spec', spec, 'outcome', outcome,
	'cancel_asked', cancel_asked))
FROM job
WHERE id = ?1;
