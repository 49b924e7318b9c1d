SELECT DISTINCT owner FROM job
WHERE state IN ('queued', 'offered', 'running', 'cancelling') AND owner <> ?1;
