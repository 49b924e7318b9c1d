SELECT count(*) FROM job WHERE state IN ('queued', 'offered', 'running', 'unknown', 'cancelling');
