SELECT t.tableoid, t.oid, 0, n.nspname AS schema, NULL AS parent, t.tmplname AS name,
       format('%I.%I', n.nspname, t.tmplname) AS address,
       NULL AS owner,
       concat_ws(E'\n', 'INIT = ' || NULLIF(t.tmplinit, 0)::regproc, 'LEXIZE = ' || t.tmpllexize) AS definition
FROM pg_ts_template t
JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
