WITH stamp AS (
	SELECT $9::text || '_' || pg_catalog.to_char(pg_catalog.clock_timestamp(), 'YYYYMMDD_HH24MISS') AS base
), slug AS (
	SELECT CASE
	       WHEN NOT EXISTS (SELECT FROM {ledger} l WHERE l.slug = base || $11::text)
	       THEN base || $11::text
	       WHEN NOT EXISTS (SELECT FROM {ledger} l WHERE l.slug = base || '_' || $7::text || $11::text)
	       THEN base || '_' || $7::text || $11::text
	       ELSE base || '_' || pg_catalog.gen_random_uuid() || $11::text
	       END AS slug
	  FROM stamp
), changed AS (
	INSERT INTO {ledger} (slug, version, name, applied_at, execution_time_ms, checksum, applied_by)
	SELECT slug.slug, $7::text, $9::text, coalesce($12::timestamptz, pg_catalog.now()),
	       coalesce($10::integer,
	                (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - pg_catalog.now()) * 1000)::integer),
	       $8::text, CASE WHEN $13::boolean THEN current_user END
	  FROM slug
	RETURNING 1
), cleared AS (
	DELETE FROM {mark}
	 WHERE ledger = $1::text AND version = $7::text AND $6::text NOT IN ('statement', 'fix')
), noted AS (
	INSERT INTO {step} (ledger, job, attempt, step, planned, action, version)
	VALUES ($1::text, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::text, $7::text)
)
SELECT pg_catalog.count(*) FROM changed
