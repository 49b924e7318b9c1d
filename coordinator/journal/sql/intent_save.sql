UPDATE intent
SET state = ?2, open = ?3, token = ?4, claimed_at = ?5, queue = ?6, ttl_ms = ?7, lease_boot = ?8,
	lease_until_ms = ?9, lease_wall_us = ?10, reason = ?11, updated_at = ?12, body = ?13
WHERE id = ?1 AND state = ?14
RETURNING 1;
