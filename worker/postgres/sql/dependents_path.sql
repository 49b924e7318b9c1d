SELECT pg_catalog.current_schemas(true),
       pg_catalog.current_schema(),
       coalesce((SELECT pg_catalog.string_agg(
                            coalesce(pg_catalog.to_regtype(a.type)::pg_catalog.oid, 0)::pg_catalog.text,
                            ' ' ORDER BY a.n)
                   FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS a(type, n)), '')
