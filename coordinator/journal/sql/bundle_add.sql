INSERT INTO bundle_file (sha256, uploader, size, stored, complete, used_us)
VALUES (?1, ?2, ?3, 0, 0, ?4);
