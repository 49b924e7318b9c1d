SELECT json_group_array(json_object('key', key, 'intent', intent))
FROM intent_key
WHERE intent = ?1;
