SELECT t.tableoid, t.oid, 0, n.nspname AS schema, NULL AS parent, t.typname AS name,
       format('%I.%I', n.nspname, t.typname) AS address,
       quote_ident(pg_get_userbyid(t.typowner)) AS owner,
       (SELECT string_agg(quote_literal(e.enumlabel), E'\n' ORDER BY e.enumsortorder)
        FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
