UPDATE bundle_file SET used_us = ?2 WHERE sha256 = ?1;
