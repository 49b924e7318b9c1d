INSERT INTO token (id, identity, sha256, created_at, expires_us) VALUES (?1, ?2, ?3, ?4, ?5);
