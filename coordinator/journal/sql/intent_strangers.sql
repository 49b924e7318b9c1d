SELECT count(*) FROM (
	SELECT 1 FROM intent_lease WHERE boot < ?1
	UNION ALL
	SELECT 1 FROM intent_lease WHERE boot > ?1
	LIMIT 1
);
