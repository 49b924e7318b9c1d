INSERT INTO claim_number (number, intent)
SELECT json_extract(value, '$.number'), json_extract(value, '$.intent')
FROM json_each(?1);
