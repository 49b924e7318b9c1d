CREATE INDEX intent_of_agent ON intent (agent) WHERE open = 1;
