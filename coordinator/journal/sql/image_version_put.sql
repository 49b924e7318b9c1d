INSERT INTO version (version, name, agent, branch, worktree, reserved_at)
SELECT json_extract(value, '$.version'), json_extract(value, '$.name'),
	json_extract(value, '$.agent'), json_extract(value, '$.branch'),
	json_extract(value, '$.worktree'), json_extract(value, '$.reserved_at')
FROM json_each(?1);
