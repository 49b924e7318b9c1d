-- What names_find found, as names. Functions that read the server's caches only: a session that was just opened would
-- spend milliseconds on planning the same over the catalogue's tables. Fewer than two parts: no such table, or one in
-- pg_catalog or pg_temp.
SELECT l.name[1],
       l.name[2],
       pg_catalog.to_regclass(pg_catalog.quote_ident(l.name[1]) || '.confiture_fence') IS NOT NULL,
       pg_catalog.to_regclass(pg_catalog.quote_ident(l.name[1]) || '.confiture_step') IS NOT NULL,
       pg_catalog.to_regclass(pg_catalog.quote_ident(l.name[1]) || '.confiture_mark') IS NOT NULL
  FROM (SELECT pg_catalog.parse_ident(nullif(pg_catalog.current_setting('confiture.ledger'), '')
                                      ::pg_catalog.oid::pg_catalog.regclass::pg_catalog.text)) AS l(name)
