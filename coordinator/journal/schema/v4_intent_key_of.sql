CREATE INDEX intent_key_of ON intent_key (intent);
