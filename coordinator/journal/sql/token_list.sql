SELECT id, identity, sha256, created_at, expires_us, revoked_at FROM token ORDER BY id;
