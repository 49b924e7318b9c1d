SELECT t.tableoid, t.oid, 0, n.nspname AS schema, NULL AS parent, t.typname AS name,
       format('%I.%I', n.nspname, t.typname) AS address,
       quote_ident(pg_get_userbyid(t.typowner)) AS owner,
       format_type(t.typbasetype, t.typtypmod) AS type,
       CASE WHEN t.typcollation <> b.typcollation
            THEN (SELECT format('%I.%I', cn.nspname, c.collname)
                  FROM pg_collation c JOIN pg_namespace cn ON cn.oid = c.collnamespace
                  WHERE c.oid = t.typcollation) END AS collation,
       coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) AS "default",
       CASE WHEN t.typnotnull THEN 'true' END AS not_null
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type b ON b.oid = t.typbasetype
WHERE t.typtype = 'd' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
