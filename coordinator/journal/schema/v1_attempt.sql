CREATE TABLE attempt (
	job TEXT NOT NULL REFERENCES job (id),
	number INTEGER NOT NULL,
	worker TEXT NOT NULL,
	began_at TEXT NOT NULL,
	ended_at TEXT,
	state TEXT,
	PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;
