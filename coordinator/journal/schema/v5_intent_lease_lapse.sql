CREATE INDEX intent_lease_lapse ON intent_lease (boot, until_ms);
