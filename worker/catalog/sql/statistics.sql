SELECT s.tableoid, s.oid, 0, n.nspname AS schema, format('%I.%I', cn.nspname, c.relname) AS parent,
       s.stxname AS name,
       format('%I.%I', n.nspname, s.stxname) AS address,
       quote_ident(pg_get_userbyid(s.stxowner)) AS owner,
       pg_get_statisticsobjdef(s.oid) AS definition,
       CASE WHEN (to_jsonb(s) ->> 'stxstattarget')::int >= 0 THEN to_jsonb(s) ->> 'stxstattarget' END AS target
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
JOIN pg_class c ON c.oid = s.stxrelid
JOIN pg_namespace cn ON cn.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
