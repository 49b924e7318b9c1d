-- Who owns an extension is whoever made it; no statement changes that.
SELECT e.tableoid, e.oid, 0, NULL AS schema, NULL AS parent, e.extname AS name,
       quote_ident(e.extname) AS address,
       NULL AS owner,
       quote_ident(n.nspname) AS in_schema,
       e.extversion AS version
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.oid >= 16384
