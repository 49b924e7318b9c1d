SELECT l.version,
       l.name,
       pg_catalog.to_char(l.applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
       l.checksum,
       l.execution_time_ms,
       l.slug,
       {applied_by}
  FROM {ledger} l
 ORDER BY l.applied_at, l.pk_confiture
