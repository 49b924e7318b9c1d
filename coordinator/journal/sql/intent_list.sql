SELECT id, agent, owner, worktree, scope, branch_name, state, token, claimed_at, queue, ttl_ms,
	boot, until_ms, wall_us, reason, created_at, updated_at, footprint, body
FROM intent_row
WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR agent = ?2) AND open >= ?3
ORDER BY id DESC
LIMIT ?4;
