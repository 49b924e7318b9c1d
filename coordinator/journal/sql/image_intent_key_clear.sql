DELETE FROM intent_key WHERE intent = ?1;
