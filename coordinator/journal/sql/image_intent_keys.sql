SELECT 'intent_new', id FROM intent
UNION ALL SELECT 'intent_lease', intent FROM intent_lease
UNION ALL SELECT 'intent_key', intent FROM (SELECT DISTINCT intent FROM intent_key)
UNION ALL SELECT 'intent_conflict', intent_a FROM (SELECT DISTINCT intent_a FROM intent_conflict)
UNION ALL SELECT 'claim_number', intent FROM (SELECT DISTINCT intent FROM claim_number)
UNION ALL SELECT 'version', version FROM version;
