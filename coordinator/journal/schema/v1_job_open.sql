CREATE INDEX job_open ON job (state, owner, target)
WHERE state IN ('queued', 'offered', 'running', 'unknown', 'cancelling');
