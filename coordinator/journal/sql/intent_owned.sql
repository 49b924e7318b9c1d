SELECT id, agent, owner, worktree, scope, branch_name, state, token, claimed_at, queue, ttl_ms,
	boot, until_ms, wall_us, reason, created_at, updated_at, footprint, body
FROM intent_row
WHERE owner = ?1 AND open = 1;
