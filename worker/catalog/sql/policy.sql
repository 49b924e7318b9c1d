SELECT p.tableoid, p.oid, 0, n.nspname AS schema, format('%I.%I', n.nspname, c.relname) AS parent, p.polname AS name,
       format('%I ON %I.%I', p.polname, n.nspname, c.relname) AS address,
       NULL AS owner,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
            ELSE 'ALL' END AS command,
       CASE WHEN NOT p.polpermissive THEN 'true' END AS restrictive,
       (SELECT string_agg(CASE WHEN r.oid = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r.oid)) END, E'\n'
                          ORDER BY pg_get_userbyid(r.oid) COLLATE "C")
        FROM unnest(p.polroles) AS r(oid)) AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS "using",
       pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
