UPDATE job
SET state = ?2, attempt = ?3, started_at = ?4, finished_at = ?5, exit_code = ?6, note = ?7,
	last_seq = ?8, worker = ?9, lease_boot = ?10, lease_until_ms = ?11,
	cancel_asked = ?12
WHERE id = ?1;
