INSERT INTO intent_conflict (intent_a, intent_b, blocks, body) VALUES (?1, ?2, ?3, ?4) RETURNING id;
