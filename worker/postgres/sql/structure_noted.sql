SELECT s.fingerprint,
       pg_catalog.to_char(s.noted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
       s.versions = (SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
           coalesce(pg_catalog.string_agg(l.version, E'\n' ORDER BY l.version COLLATE "C"), ''), 'UTF8')), 'hex')
          FROM {ledger} l)
  FROM {structure} s
 WHERE s.ledger = $1::text
