CREATE VIEW intent_row AS
SELECT i.id, i.agent, i.owner, i.worktree, i.scope, i.branch_name, i.state, i.token, i.claimed_at,
	i.queue, l.ttl_ms, l.boot, l.until_ms, l.wall_us, i.reason, i.created_at, i.updated_at,
	i.footprint, i.body, i.open
FROM intent i LEFT JOIN intent_lease l ON l.intent = i.id;
