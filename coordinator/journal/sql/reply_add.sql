INSERT INTO reply (identity, key, message, request_hash, body, boot_id, boot_ms, wall_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);
