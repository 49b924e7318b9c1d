UPDATE intent
SET lease_until_ms = ?3 + ttl_ms, lease_wall_us = ?4 + ttl_ms * 1000
WHERE agent = ?1 AND open = 1 AND queue IS NULL AND lease_boot = ?2
	AND lease_until_ms < ?3 + ttl_ms - ttl_ms / 10;
