UPDATE intent
SET state = ?2, open = ?3, token = ?4, claimed_at = ?5, queue = ?6, reason = ?7, updated_at = ?8,
	body = ?9
WHERE id = ?1 AND state = ?10
RETURNING 1;
