SELECT json_group_array(json_object(
	'id', id, 'state', state, 'open', open, 'token', token, 'claimed_at', claimed_at,
	'queue', queue, 'reason', reason, 'updated_at', updated_at,
	'body', json_set(body, '$.schema_changes', json('[]'))))
FROM intent
WHERE id = ?1;
