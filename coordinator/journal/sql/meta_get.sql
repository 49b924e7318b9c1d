SELECT id FROM meta WHERE one = 1;
