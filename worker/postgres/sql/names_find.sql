SELECT pg_catalog.to_regclass($1)::pg_catalog.oid,
       pg_catalog.to_regclass('confiture_lock_holder')::pg_catalog.oid,
       pg_catalog.current_schemas(false),
       pg_catalog.set_config('confiture.ledger', pg_catalog.to_regclass($1)::pg_catalog.oid::pg_catalog.text, true)
