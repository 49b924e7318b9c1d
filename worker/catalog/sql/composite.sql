-- The catalogue has a composite type twice: as a type and as a relation that holds its attributes. The type is the
-- object; the relation belongs to it.
SELECT t.tableoid, t.oid, 0, n.nspname AS schema, NULL AS parent, t.typname AS name,
       format('%I.%I', n.nspname, t.typname) AS address,
       quote_ident(pg_get_userbyid(t.typowner)) AS owner
FROM pg_type t
JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'c' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
