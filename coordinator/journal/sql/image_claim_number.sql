SELECT json_group_array(json_object('number', number, 'intent', intent))
FROM claim_number
WHERE intent = ?1;
