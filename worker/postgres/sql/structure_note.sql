-- With a hash over the versions that the ledger holds: the fingerprint says nothing about another ledger.
WITH mine AS (
	SELECT 1 FROM {fence} WHERE ledger = $1::text AND token = $2::bigint FOR SHARE
), written AS (
	INSERT INTO {structure} AS s (ledger, fingerprint, versions)
	SELECT $1::text, $3::text,
	       (SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
	           coalesce(pg_catalog.string_agg(l.version, E'\n' ORDER BY l.version COLLATE "C"), ''), 'UTF8')), 'hex')
	          FROM {ledger} l)
	  FROM mine
	    ON CONFLICT (ledger) DO UPDATE
	       SET fingerprint = excluded.fingerprint, versions = excluded.versions, noted_at = excluded.noted_at
	RETURNING 1
)
SELECT pg_catalog.count(*) FROM written
