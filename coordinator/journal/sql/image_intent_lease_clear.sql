DELETE FROM intent_lease WHERE intent = ?1;
