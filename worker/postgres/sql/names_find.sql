SELECT pg_catalog.to_regclass($1)::pg_catalog.oid,
       pg_catalog.to_regclass('confiture_lock_holder')::pg_catalog.oid,
       pg_catalog.current_schemas(false)
