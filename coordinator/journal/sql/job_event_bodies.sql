SELECT attempt, seq, body FROM job_event WHERE job = ?1 ORDER BY attempt, seq;
