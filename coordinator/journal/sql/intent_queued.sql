SELECT id, agent, owner, worktree, scope, branch_name, state, token, claimed_at, queue, ttl_ms,
	lease_boot, lease_until_ms, lease_wall_us, reason, created_at, updated_at, footprint, body
FROM intent
WHERE queue IS NOT NULL
ORDER BY queue;
