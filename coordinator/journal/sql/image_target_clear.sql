DELETE FROM target WHERE worker = ?1;
