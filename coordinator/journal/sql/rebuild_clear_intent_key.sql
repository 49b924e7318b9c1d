DELETE FROM intent_key;
