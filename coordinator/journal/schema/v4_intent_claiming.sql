CREATE INDEX intent_claiming ON intent (token) WHERE token IS NOT NULL;
