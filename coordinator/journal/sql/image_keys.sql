SELECT 'job_new', id FROM job
UNION ALL SELECT 'attempt', job FROM (SELECT DISTINCT job FROM attempt)
UNION ALL SELECT 'worker', name FROM worker
UNION ALL SELECT 'target', worker FROM (SELECT DISTINCT worker FROM target)
UNION ALL SELECT 'token', id FROM token;
