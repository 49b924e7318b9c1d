UPDATE intent
SET lease_boot = ?1, lease_until_ms = ?2 + ttl_ms, lease_wall_us = ?3 + ttl_ms * 1000
WHERE open = 1 AND (?4 OR lease_boot <> ?1);
