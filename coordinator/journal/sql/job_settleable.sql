SELECT id, kind, state, target, environment, agent, attempt, submitted_at, started_at,
	finished_at, exit_code, note, last_seq, bundle_hash, target_key, owner, worker,
	lease_boot, lease_until_ms, outcome IS NOT NULL, cancel_asked
FROM job
WHERE state = 'unknown' AND owner = '' AND target = ?1 AND outcome IS NOT NULL
ORDER BY id;
