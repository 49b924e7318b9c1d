CREATE INDEX intent_lapse ON intent (lease_boot, lease_until_ms) WHERE open = 1;
