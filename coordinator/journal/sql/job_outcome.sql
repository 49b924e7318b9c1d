SELECT outcome FROM job WHERE id = ?1;
