INSERT INTO bundle_part (file, start, data) VALUES (?1, ?2, ?3);
