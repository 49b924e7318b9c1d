SELECT min(until_ms) FROM intent_lease WHERE boot = ?1;
