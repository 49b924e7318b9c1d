SELECT k.tableoid, k.oid, 0, n.nspname AS schema, format('%I.%I', n.nspname, t.typname) AS parent, k.conname AS name,
       format('%I ON DOMAIN %I.%I', k.conname, n.nspname, t.typname) AS address,
       NULL AS owner,
       pg_get_constraintdef(k.oid) AS definition
FROM pg_constraint k
JOIN pg_type t ON t.oid = k.contypid
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE k.contypid <> 0 AND k.contype = 'c'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
