SELECT data FROM bundle_part WHERE file = ?1 ORDER BY start;
