SELECT id, intent_a, intent_b, reviewed, reviewed_at, notes, body
FROM intent_conflict
WHERE id = ?1;
