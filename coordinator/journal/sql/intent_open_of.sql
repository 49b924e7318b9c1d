SELECT count(*) FROM intent WHERE agent = ?1 AND open = 1;
