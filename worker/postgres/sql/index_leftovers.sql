SELECT n.nspname, c.relname, tn.nspname, t.relname
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
 WHERE NOT i.indisvalid
   AND c.relname ~ '_cc(new|old)[0-9]*$'
   AND CASE
       WHEN $1::oid IS NOT NULL THEN
            i.indrelid = (SELECT o.indrelid FROM pg_catalog.pg_index o WHERE o.indexrelid = $1::oid)
            AND pg_catalog.regexp_replace(c.relname, '_cc(new|old)[0-9]*$', '')
                = pg_catalog.left((SELECT x.relname::text FROM pg_catalog.pg_class x WHERE x.oid = $1::oid),
                       pg_catalog.length(pg_catalog.regexp_replace(c.relname, '_cc(new|old)[0-9]*$', '')))
       WHEN $2::oid IS NOT NULL THEN
            i.indrelid IN ($2::oid, (SELECT x.reltoastrelid FROM pg_catalog.pg_class x WHERE x.oid = $2::oid))
       WHEN $4::boolean THEN false
       ELSE $3::name IS NULL OR n.nspname = $3::name
       END
 ORDER BY 1, 2
