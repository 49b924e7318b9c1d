SELECT name, worker, environment, target_key, protected, tracking_table
FROM target
ORDER BY name, worker;
