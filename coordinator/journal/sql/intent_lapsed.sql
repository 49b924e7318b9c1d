SELECT id, agent, owner, worktree, scope, branch_name, state, token, claimed_at, queue, ttl_ms,
	lease_boot, lease_until_ms, lease_wall_us, reason, created_at, updated_at, footprint, body
FROM intent
WHERE open = 1 AND lease_boot = ?1 AND lease_until_ms <= ?2
ORDER BY lease_until_ms
LIMIT 256;
