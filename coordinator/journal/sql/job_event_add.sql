INSERT INTO job_event (job, attempt, seq, body) VALUES (?1, ?2, ?3, ?4);
