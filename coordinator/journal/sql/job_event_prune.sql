DELETE FROM job_event
WHERE job IN (
	SELECT id FROM job
	WHERE state IN ('succeeded', 'failed', 'cancelled') AND finished_at < ?1);
