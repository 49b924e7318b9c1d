SELECT id, agent, owner, worktree, scope, branch_name, state, token, claimed_at, queue, ttl_ms,
	lease_boot, lease_until_ms, lease_wall_us, reason, created_at, updated_at, footprint, body
FROM intent
WHERE id >= ?1 AND id < ?1 || '~'
ORDER BY id
LIMIT 2;
