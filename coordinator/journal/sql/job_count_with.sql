SELECT count(*) FROM job WHERE state IN ('offered', 'running', 'cancelling') AND worker = ?1;
