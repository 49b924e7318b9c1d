UPDATE worker SET last_seen = ?2 WHERE name = ?1;
