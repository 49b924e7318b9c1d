UPDATE job
SET state = json_extract(?1, '$[0].state'), attempt = json_extract(?1, '$[0].attempt'),
	started_at = json_extract(?1, '$[0].started_at'),
	finished_at = json_extract(?1, '$[0].finished_at'),
	exit_code = json_extract(?1, '$[0].exit_code'),
	note = json_extract(?1, '$[0].note'), last_seq = json_extract(?1, '$[0].last_seq'),
	worker = json_extract(?1, '$[0].worker'),
	lease_boot = json_extract(?1, '$[0].lease_boot'),
	lease_until_ms = json_extract(?1, '$[0].lease_until_ms'),
	outcome = json_extract(?1, '$[0].outcome'),
	cancel_asked = json_extract(?1, '$[0].cancel_asked')
WHERE id = json_extract(?1, '$[0].id');
