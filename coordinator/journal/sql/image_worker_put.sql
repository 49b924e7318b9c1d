INSERT INTO worker (name, version, draining, last_seen)
SELECT json_extract(value, '$.name'), json_extract(value, '$.version'),
	json_extract(value, '$.draining'), json_extract(value, '$.last_seen')
FROM json_each(?1);
