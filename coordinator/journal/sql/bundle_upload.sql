SELECT id, size, stored FROM bundle_file WHERE sha256 = ?1 AND uploader = ?2;
