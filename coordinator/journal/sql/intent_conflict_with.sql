SELECT DISTINCT intent_b FROM intent_conflict WHERE intent_a = ?1
UNION
SELECT DISTINCT intent_a FROM intent_conflict WHERE intent_b = ?1;
