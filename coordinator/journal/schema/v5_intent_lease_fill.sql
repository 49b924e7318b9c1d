INSERT INTO intent_lease (intent, agent, waits, ttl_ms, boot, until_ms, wall_us)
SELECT id, agent, queue IS NOT NULL, ttl_ms, lease_boot, lease_until_ms, lease_wall_us
FROM intent
WHERE open = 1;
