SELECT json_group_array(json_object(
	'version', version, 'name', name, 'agent', agent, 'branch', branch, 'worktree', worktree,
	'reserved_at', reserved_at))
FROM version
WHERE version = ?1;
