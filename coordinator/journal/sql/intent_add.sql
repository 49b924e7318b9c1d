INSERT INTO intent (id, agent, owner, worktree, scope, branch_name, state, open, token,
	claimed_at, queue, reason, created_at, updated_at, footprint, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
	?15, ?16);
