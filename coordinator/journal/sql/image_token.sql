SELECT json_group_array(json_object(
	'id', id, 'identity', identity, 'sha256', sha256, 'created_at', created_at,
	'expires_us', expires_us, 'revoked_at', revoked_at))
FROM token
WHERE id = ?1;
