DELETE FROM bundle_file WHERE id = ?1;
