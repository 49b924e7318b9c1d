SELECT i.indisvalid AND i.indisready AND i.indislive,
       n.nspname,
       c.relname,
       tn.nspname,
       t.relname,
       (SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index p
         WHERE p.index_relid = c.oid AND p.datname = pg_catalog.current_database() LIMIT 1)
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
 WHERE CASE
       WHEN $1::oid IS NOT NULL THEN c.oid = $1::oid
       WHEN $3::text IS NOT NULL THEN i.indrelid = $2::oid AND c.relname = $3::text
       ELSE i.indrelid = $2::oid AND NOT i.indisvalid AND c.relname ~ '_(idx|key|excl)[0-9]*$'
       END
