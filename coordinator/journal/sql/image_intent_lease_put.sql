INSERT INTO intent_lease (intent, agent, waits, ttl_ms, boot, until_ms, wall_us)
SELECT json_extract(value, '$.intent'), json_extract(value, '$.agent'),
	json_extract(value, '$.waits'), json_extract(value, '$.ttl_ms'), '', 0, 0
FROM json_each(?1);
