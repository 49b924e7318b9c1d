SELECT id, agent, owner, worktree, scope, branch_name, state, token, claimed_at, queue, ttl_ms,
	lease_boot, lease_until_ms, lease_wall_us, reason, created_at, updated_at, footprint, body
FROM intent
WHERE token IS NOT NULL AND (?1 IS NULL OR agent = ?1)
ORDER BY token;
