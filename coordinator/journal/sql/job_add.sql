INSERT INTO job (id, kind, state, target, environment, agent, attempt, submitted_at, started_at,
	finished_at, exit_code, note, last_seq, bundle_hash, target_key, owner, worker,
	lease_boot, lease_until_ms, spec)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20);
