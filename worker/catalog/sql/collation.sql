SELECT c.tableoid, c.oid, 0, n.nspname AS schema, NULL AS parent, c.collname AS name,
       format('%I.%I', n.nspname, c.collname) AS address,
       quote_ident(pg_get_userbyid(c.collowner)) AS owner,
       concat_ws(E'\n',
	'PROVIDER = ' || CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin'
	                      ELSE 'default' END,
	CASE WHEN NOT c.collisdeterministic THEN 'DETERMINISTIC = false' END,
	'LOCALE = ' || quote_literal(coalesce(to_jsonb(c) ->> 'colliculocale', to_jsonb(c) ->> 'colllocale',
	                             CASE WHEN c.collcollate IS NOT DISTINCT FROM c.collctype THEN c.collcollate END)),
	'LC_COLLATE = ' || CASE WHEN c.collcollate IS DISTINCT FROM c.collctype THEN quote_literal(c.collcollate) END,
	'LC_CTYPE = ' || CASE WHEN c.collcollate IS DISTINCT FROM c.collctype THEN quote_literal(c.collctype) END,
	'RULES = ' || quote_literal(to_jsonb(c) ->> 'collicurules')) AS definition,
       c.collversion AS version
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
