DELETE FROM intent WHERE open = -1;
