INSERT OR REPLACE INTO event_mark (seq, hash) VALUES (?1, ?2);
