SELECT id, checksums FROM meta WHERE one = 1;
