SELECT start, data FROM bundle_part WHERE file = ?1 AND start <= ?2 ORDER BY start DESC LIMIT 1;
