CREATE INDEX intent_conflict_a ON intent_conflict (intent_a);
