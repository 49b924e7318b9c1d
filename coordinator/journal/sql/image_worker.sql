SELECT json_group_array(json_object(
	'name', name, 'version', version, 'draining', draining, 'last_seen', last_seen))
FROM worker
WHERE name = ?1;
