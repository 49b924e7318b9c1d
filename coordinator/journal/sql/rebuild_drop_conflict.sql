DELETE FROM intent_conflict WHERE blocks = -1;
