CREATE INDEX intent_conflict_b ON intent_conflict (intent_b);
