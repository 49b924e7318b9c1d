-- Functions and procedures. Two of them are the same object when schema, name and types of the arguments are.
SELECT p.tableoid, p.oid, 0, n.nspname AS schema, NULL AS parent, p.proname AS name,
       format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) AS address,
       quote_ident(pg_get_userbyid(p.proowner)) AS owner,
       CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'w' THEN 'WINDOW FUNCTION' ELSE 'FUNCTION' END AS what,
       pg_get_function_arguments(p.oid) AS arguments,
       pg_get_function_result(p.oid) AS returns,
       quote_ident(l.lanname) AS language,
       pg_get_functiondef(p.oid) AS definition
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'p', 'w') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
