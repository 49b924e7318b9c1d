CREATE INDEX intent_lease_of_agent ON intent_lease (agent, ttl_ms, until_ms);
