-- Values that may be secret are never read: of such an option only its name is known.
SELECT 'pg_user_mapping'::regclass::oid, m.umid, 0, NULL AS schema, quote_ident(m.srvname) AS parent,
       CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE m.usename END AS name,
       format('FOR %s SERVER %I', CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(m.usename) END, m.srvname)
       AS address,
       NULL AS owner,
       (SELECT string_agg(quote_ident(o.option_name)
                          || CASE WHEN o.option_name = 'user' THEN ' ' || quote_literal(o.option_value) ELSE '' END,
                          E'\n' ORDER BY o.option_name COLLATE "C")
        FROM pg_options_to_table(m.umoptions) o) AS options
FROM pg_user_mappings m
