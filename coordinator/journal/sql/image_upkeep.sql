SELECT json_group_array(json_object(
	'task', task, 'time', time, 'detail', detail))
FROM upkeep
WHERE task = ?1;
