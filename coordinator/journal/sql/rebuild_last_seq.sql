UPDATE job
SET last_seq = max(last_seq, coalesce((
	SELECT max(seq) FROM job_event
	WHERE job_event.job = job.id AND job_event.attempt = job.attempt), 0));
