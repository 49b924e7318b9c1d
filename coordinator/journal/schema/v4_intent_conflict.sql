CREATE TABLE intent_conflict (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	intent_a TEXT NOT NULL REFERENCES intent (id),
	intent_b TEXT NOT NULL REFERENCES intent (id),
	blocks INTEGER NOT NULL,
	reviewed INTEGER NOT NULL DEFAULT 0,
	reviewed_at TEXT,
	notes TEXT,
	body TEXT NOT NULL
) STRICT;
