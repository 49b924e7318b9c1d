SELECT d.tableoid, d.oid, 0, n.nspname AS schema, NULL AS parent, d.dictname AS name,
       format('%I.%I', n.nspname, d.dictname) AS address,
       quote_ident(pg_get_userbyid(d.dictowner)) AS owner,
       format('%I.%I', tn.nspname, t.tmplname) AS template,
       d.dictinitoption AS options
FROM pg_ts_dict d
JOIN pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
