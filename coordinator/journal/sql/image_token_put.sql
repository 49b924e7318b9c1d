INSERT INTO token (id, identity, sha256, created_at, expires_us, revoked_at)
SELECT json_extract(value, '$.id'), json_extract(value, '$.identity'),
	json_extract(value, '$.sha256'), json_extract(value, '$.created_at'),
	json_extract(value, '$.expires_us'), json_extract(value, '$.revoked_at')
FROM json_each(?1);
