DELETE FROM target WHERE name = ?1;
