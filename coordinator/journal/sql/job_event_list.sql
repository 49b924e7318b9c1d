SELECT body FROM job_event
WHERE job = ?1 AND (attempt, seq) > (?2, ?3)
ORDER BY attempt, seq
LIMIT ?4;
