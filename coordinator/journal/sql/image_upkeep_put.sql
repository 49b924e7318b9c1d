INSERT INTO upkeep (task, time, detail)
SELECT json_extract(value, '$.task'), json_extract(value, '$.time'),
	json_extract(value, '$.detail')
FROM json_each(?1);
