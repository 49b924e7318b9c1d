UPDATE intent
SET state = json_extract(?1, '$[0].state'), open = json_extract(?1, '$[0].open'),
	token = json_extract(?1, '$[0].token'), claimed_at = json_extract(?1, '$[0].claimed_at'),
	queue = json_extract(?1, '$[0].queue'), reason = json_extract(?1, '$[0].reason'),
	updated_at = json_extract(?1, '$[0].updated_at'),
	body = json_set(json_extract(?1, '$[0].body'), '$.schema_changes',
		json_extract(body, '$.schema_changes'))
WHERE id = json_extract(?1, '$[0].id');
