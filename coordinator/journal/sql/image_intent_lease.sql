SELECT json_group_array(json_object(
	'intent', intent, 'agent', agent, 'waits', waits, 'ttl_ms', ttl_ms))
FROM intent_lease
WHERE intent = ?1;
