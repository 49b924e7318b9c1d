UPDATE intent_conflict SET reviewed = 1, reviewed_at = ?2, notes = ?3 WHERE id = ?1;
