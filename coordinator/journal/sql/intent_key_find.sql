SELECT DISTINCT intent FROM intent_key WHERE key = ?1;
