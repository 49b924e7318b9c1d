DELETE FROM reply
WHERE (boot_id = ?1 AND boot_ms <= ?2) OR (boot_id <> ?1 AND wall_us <= ?3);
