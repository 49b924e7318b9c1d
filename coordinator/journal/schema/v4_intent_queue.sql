CREATE INDEX intent_queue ON intent (queue) WHERE queue IS NOT NULL;
