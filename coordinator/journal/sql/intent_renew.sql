WITH RECURSIVE lengths (ttl) AS (
	SELECT min(ttl_ms) FROM intent_lease WHERE agent = ?1
	UNION ALL
	SELECT (SELECT min(ttl_ms) FROM intent_lease WHERE agent = ?1 AND ttl_ms > ttl)
	FROM lengths WHERE ttl IS NOT NULL
)
UPDATE intent_lease
SET until_ms = ?3 + ttl_ms, wall_us = ?4 + ttl_ms * 1000
WHERE intent IN (
	SELECT due.intent
	FROM lengths CROSS JOIN intent_lease due ON due.agent = ?1 AND due.ttl_ms = lengths.ttl
		AND due.until_ms < ?3 + lengths.ttl - lengths.ttl / 10
	WHERE due.waits = 0 AND due.boot = ?2
);
