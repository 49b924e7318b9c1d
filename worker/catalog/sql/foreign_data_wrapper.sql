SELECT w.tableoid, w.oid, 0, NULL AS schema, NULL AS parent, w.fdwname AS name,
       quote_ident(w.fdwname) AS address,
       quote_ident(pg_get_userbyid(w.fdwowner)) AS owner,
       NULLIF(w.fdwhandler, 0)::regproc::text AS handler,
       NULLIF(w.fdwvalidator, 0)::regproc::text AS validator,
       (SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), E'\n'
                          ORDER BY o.option_name COLLATE "C")
        FROM pg_options_to_table(w.fdwoptions) o) AS options
FROM pg_foreign_data_wrapper w
