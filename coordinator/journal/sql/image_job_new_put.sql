INSERT INTO job (id, kind, state, target, target_key, environment, agent, owner, worker, attempt,
	submitted_at, started_at, finished_at, exit_code, note, last_seq, bundle_hash,
	lease_boot, lease_until_ms, spec, outcome, cancel_asked)
SELECT json_extract(value, '$.id'), json_extract(value, '$.kind'),
	json_extract(value, '$.state'), json_extract(value, '$.target'),
	json_extract(value, '$.target_key'), json_extract(value, '$.environment'),
	json_extract(value, '$.agent'), json_extract(value, '$.owner'),
	json_extract(value, '$.worker'), json_extract(value, '$.attempt'),
	json_extract(value, '$.submitted_at'), json_extract(value, '$.started_at'),
	json_extract(value, '$.finished_at'), json_extract(value, '$.exit_code'),
	json_extract(value, '$.note'), json_extract(value, '$.last_seq'),
	json_extract(value, '$.bundle_hash'), json_extract(value, '$.lease_boot'),
	json_extract(value, '$.lease_until_ms'), json_extract(value, '$.spec'),
	json_extract(value, '$.outcome'), json_extract(value, '$.cancel_asked')
FROM json_each(?1);
