UPDATE intent SET owner = ?2 WHERE id = ?1;
