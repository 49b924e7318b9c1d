-- applied_by is the ledger's column, or, in a ledger from before it, the one of nulls around it.
SELECT l.version,
       l.name,
       pg_catalog.to_char(l.applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
       l.checksum,
       l.execution_time_ms,
       l.slug,
       l.applied_by
  FROM (SELECT NULL::text AS applied_by) AS old, LATERAL (
	SELECT t.version, t.name, t.applied_at, t.checksum, t.execution_time_ms, t.slug, t.pk_confiture, applied_by
	  FROM {ledger} t
) AS l
 ORDER BY l.applied_at, l.pk_confiture
