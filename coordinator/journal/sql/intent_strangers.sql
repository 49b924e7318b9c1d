SELECT count(*) FROM (
	SELECT 1 FROM intent WHERE open = 1 AND lease_boot < ?1
	UNION ALL
	SELECT 1 FROM intent WHERE open = 1 AND lease_boot > ?1
	LIMIT 1
);
