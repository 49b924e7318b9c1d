SELECT id, size FROM bundle_file WHERE sha256 = ?1 AND complete = 1 LIMIT 1;
