SELECT json_group_array(json_object(
	'worker', worker, 'name', name, 'environment', environment,
	'target_key', target_key, 'protected', protected, 'tracking_table', tracking_table))
FROM target
WHERE worker = ?1;
