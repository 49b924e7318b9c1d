INSERT INTO worker (name, version, last_seen) VALUES (?1, ?2, ?3)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, last_seen = excluded.last_seen;
