SELECT l.tableoid, l.oid, 0, NULL AS schema, NULL AS parent, l.lanname AS name,
       quote_ident(l.lanname) AS address,
       quote_ident(pg_get_userbyid(l.lanowner)) AS owner,
       CASE WHEN l.lanpltrusted THEN 'true' END AS trusted,
       NULLIF(l.lanplcallfoid, 0)::regproc::text AS handler,
       NULLIF(l.laninline, 0)::regproc::text AS inline,
       NULLIF(l.lanvalidator, 0)::regproc::text AS validator
FROM pg_language l
WHERE l.lanispl AND l.oid >= 16384
