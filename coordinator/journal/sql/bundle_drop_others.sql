DELETE FROM bundle_file WHERE sha256 = ?1 AND complete = 0;
