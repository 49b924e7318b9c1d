INSERT INTO intent_key (key, intent)
SELECT json_extract(value, '$.key'), json_extract(value, '$.intent')
FROM json_each(?1);
