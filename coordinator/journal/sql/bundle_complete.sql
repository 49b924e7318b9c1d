UPDATE bundle_file SET complete = 1 WHERE id = ?1;
