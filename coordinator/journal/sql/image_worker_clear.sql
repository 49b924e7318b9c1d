DELETE FROM worker WHERE name = ?1;
