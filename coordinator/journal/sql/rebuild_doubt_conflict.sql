UPDATE intent_conflict SET blocks = -1;
