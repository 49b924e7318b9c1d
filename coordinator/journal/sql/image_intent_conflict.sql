SELECT json_group_array(json_object(
	'id', id, 'intent_a', intent_a, 'intent_b', intent_b, 'blocks', blocks,
	'reviewed', reviewed, 'reviewed_at', reviewed_at, 'notes', notes,
	'body', json_set(body, '$.statement_a', NULL, '$.statement_b', NULL)))
FROM intent_conflict
WHERE intent_a = ?1;
