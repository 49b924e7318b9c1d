PRAGMA page_size = 4096;
