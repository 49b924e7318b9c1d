SELECT id, intent_a, intent_b, reviewed, reviewed_at, notes, body
FROM intent_conflict
WHERE intent_a = ?1 OR intent_b = ?1
ORDER BY id;
