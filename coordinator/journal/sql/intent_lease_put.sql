INSERT INTO intent_lease (intent, agent, waits, ttl_ms, boot, until_ms, wall_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (intent) DO UPDATE
SET waits = excluded.waits, ttl_ms = excluded.ttl_ms, boot = excluded.boot,
	until_ms = excluded.until_ms, wall_us = excluded.wall_us
WHERE waits <> excluded.waits OR ttl_ms <> excluded.ttl_ms OR boot <> excluded.boot
	OR until_ms <> excluded.until_ms;
