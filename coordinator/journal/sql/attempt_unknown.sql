SELECT number FROM attempt WHERE job = ?1 AND number < ?2 AND state = 'unknown' ORDER BY number;
