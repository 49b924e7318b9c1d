INSERT INTO intent (id, agent, owner, worktree, scope, branch_name, state, open, token, claimed_at,
	queue, reason, created_at, updated_at, footprint, body)
SELECT json_extract(value, '$.id'), json_extract(value, '$.agent'), json_extract(value, '$.owner'),
	json_extract(value, '$.worktree'), json_extract(value, '$.scope'),
	json_extract(value, '$.branch_name'), json_extract(value, '$.state'),
	json_extract(value, '$.open'), json_extract(value, '$.token'),
	json_extract(value, '$.claimed_at'), json_extract(value, '$.queue'),
	json_extract(value, '$.reason'), json_extract(value, '$.created_at'),
	json_extract(value, '$.updated_at'), json_extract(value, '$.footprint'),
	json_extract(value, '$.body')
FROM json_each(?1)
WHERE true
ON CONFLICT (id) DO UPDATE
SET agent = excluded.agent, owner = excluded.owner, worktree = excluded.worktree,
	scope = excluded.scope, branch_name = excluded.branch_name, state = excluded.state,
	open = excluded.open, token = excluded.token, claimed_at = excluded.claimed_at,
	queue = excluded.queue, reason = excluded.reason, created_at = excluded.created_at,
	updated_at = excluded.updated_at, footprint = excluded.footprint,
	body = json_set(excluded.body, '$.schema_changes',
		json_extract(intent.body, '$.schema_changes'));
