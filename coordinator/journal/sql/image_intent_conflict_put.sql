INSERT INTO intent_conflict (id, intent_a, intent_b, blocks, reviewed, reviewed_at, notes, body)
SELECT json_extract(value, '$.id'), json_extract(value, '$.intent_a'),
	json_extract(value, '$.intent_b'), json_extract(value, '$.blocks'),
	json_extract(value, '$.reviewed'), json_extract(value, '$.reviewed_at'),
	json_extract(value, '$.notes'), json_extract(value, '$.body')
FROM json_each(?1)
WHERE true
ON CONFLICT (id) DO UPDATE
SET intent_a = excluded.intent_a, intent_b = excluded.intent_b, blocks = excluded.blocks,
	reviewed = excluded.reviewed, reviewed_at = excluded.reviewed_at, notes = excluded.notes,
	body = json_set(excluded.body,
		'$.statement_a', json_extract(intent_conflict.body, '$.statement_a'),
		'$.statement_b', json_extract(intent_conflict.body, '$.statement_b'));
