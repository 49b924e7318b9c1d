INSERT OR REPLACE INTO upkeep (task, time, detail) VALUES (?1, ?2, ?3);
