SELECT a.tableoid, a.oid, 0, NULL AS schema, NULL AS parent, a.amname AS name,
       quote_ident(a.amname) AS address,
       NULL AS owner,
       format('TYPE %s HANDLER %s', CASE a.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END, a.amhandler::regproc)
       AS definition
FROM pg_am a
WHERE a.oid >= 16384
