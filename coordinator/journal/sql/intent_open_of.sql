SELECT count(*) FROM intent_lease WHERE agent = ?1;
