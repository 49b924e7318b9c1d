SELECT json_group_array(json_object(
	'id', id, 'agent', agent, 'owner', owner, 'worktree', worktree, 'scope', scope,
	'branch_name', branch_name, 'state', state, 'open', open, 'token', token,
	'claimed_at', claimed_at, 'queue', queue, 'reason', reason, 'created_at', created_at,
	'updated_at', updated_at, 'footprint', json(footprint),
	'body', json_set(body, '$.schema_changes', json('[]'))))
FROM intent
WHERE id = ?1;
