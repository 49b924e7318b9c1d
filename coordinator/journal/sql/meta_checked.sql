UPDATE meta SET checksums = 1 WHERE one = 1 AND checksums = 0;
