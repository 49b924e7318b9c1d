-- Our own tables as the search_path of the session finds them: kept for own_tables.sql, which looks under a safe one.
SELECT pg_catalog.set_config('confiture.ledger', pg_catalog.to_regclass($1)::pg_catalog.oid::pg_catalog.text, true),
       pg_catalog.set_config('confiture.holder',
                             pg_catalog.to_regclass('confiture_lock_holder')::pg_catalog.oid::pg_catalog.text, true),
       pg_catalog.set_config('confiture.path', pg_catalog.current_schemas(false)::pg_catalog.text, true),
       pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)
