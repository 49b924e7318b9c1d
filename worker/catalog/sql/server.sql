SELECT s.tableoid, s.oid, 0, NULL AS schema, NULL AS parent, s.srvname AS name,
       quote_ident(s.srvname) AS address,
       quote_ident(pg_get_userbyid(s.srvowner)) AS owner,
       quote_ident(w.fdwname) AS wrapper,
       s.srvtype AS type,
       s.srvversion AS version,
       (SELECT string_agg(quote_ident(o.option_name)
                          || CASE WHEN o.option_name ~* 'passw|secret|token|key$' THEN ''
                                  ELSE ' ' || quote_literal(o.option_value) END, E'\n'
                          ORDER BY o.option_name COLLATE "C")
        FROM pg_options_to_table(s.srvoptions) o) AS options
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
