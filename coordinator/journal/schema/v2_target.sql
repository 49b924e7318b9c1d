CREATE TABLE target (
	worker TEXT NOT NULL REFERENCES worker (name) ON DELETE CASCADE,
	name TEXT NOT NULL,
	environment TEXT NOT NULL,
	target_key TEXT,
	protected INTEGER NOT NULL,
	tracking_table TEXT,
	PRIMARY KEY (worker, name)
) STRICT, WITHOUT ROWID;
