SELECT count(*)
FROM intent_conflict c JOIN intent o ON o.id = c.intent_b
WHERE c.intent_a = ?1 AND c.blocks = 1 AND c.reviewed = 0 AND o.open = 1;
