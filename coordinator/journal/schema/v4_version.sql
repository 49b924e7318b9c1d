CREATE TABLE version (
	version TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	agent TEXT NOT NULL,
	branch TEXT,
	worktree TEXT,
	reserved_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
