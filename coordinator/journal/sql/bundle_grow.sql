UPDATE bundle_file SET stored = ?2, used_us = ?3 WHERE id = ?1;
