UPDATE attempt SET ended_at = ?3, state = ?4 WHERE job = ?1 AND number = ?2;
