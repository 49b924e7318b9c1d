SELECT spec FROM job WHERE id = ?1;
