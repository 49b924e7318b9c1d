INSERT INTO attempt (job, number, worker, began_at, ended_at, state)
SELECT json_extract(value, '$.job'), json_extract(value, '$.number'),
	json_extract(value, '$.worker'), json_extract(value, '$.began_at'),
	json_extract(value, '$.ended_at'), json_extract(value, '$.state')
FROM json_each(?1);
