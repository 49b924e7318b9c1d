DELETE FROM intent_lease;
