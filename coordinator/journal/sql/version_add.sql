INSERT INTO version (version, name, agent, branch, worktree, reserved_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO NOTHING
RETURNING 1;
