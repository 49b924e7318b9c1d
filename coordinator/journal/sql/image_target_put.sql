INSERT INTO target (worker, name, environment, target_key, protected, tracking_table)
SELECT json_extract(value, '$.worker'), json_extract(value, '$.name'),
	json_extract(value, '$.environment'), json_extract(value, '$.target_key'),
	json_extract(value, '$.protected'), json_extract(value, '$.tracking_table')
FROM json_each(?1);
