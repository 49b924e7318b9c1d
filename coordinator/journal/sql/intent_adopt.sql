UPDATE intent_lease
SET boot = ?1, until_ms = ?2 + ttl_ms, wall_us = ?3 + ttl_ms * 1000
WHERE ?4 OR boot <> ?1;
