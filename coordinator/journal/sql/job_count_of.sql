SELECT count(*), count(*) FILTER (WHERE agent = ?1 OR substr(agent, 1, length(?1) + 1) = ?1 || '/')
FROM job
WHERE state IN ('queued', 'offered', 'running', 'unknown', 'cancelling');
