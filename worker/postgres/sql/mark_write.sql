WITH mine AS (
	SELECT 1 FROM {fence} WHERE ledger = $1::text AND token = $2::bigint FOR SHARE
), written AS (
	INSERT INTO {mark} AS m (ledger, version, direction, statement, sha256, done, job)
	SELECT $1::text, $3::text, $4::text, $5::bigint, $6::text, $7::boolean, $8::text
	  FROM mine
	    ON CONFLICT (ledger, version, direction, statement) DO UPDATE
	       SET sha256 = excluded.sha256, done = excluded.done, job = excluded.job, written_at = excluded.written_at
	RETURNING 1
)
SELECT pg_catalog.count(*) FROM written
