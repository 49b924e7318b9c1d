SELECT p.tableoid, p.oid, 0, NULL AS schema, NULL AS parent, p.pubname AS name,
       quote_ident(p.pubname) AS address,
       quote_ident(pg_get_userbyid(p.pubowner)) AS owner,
       CASE WHEN p.puballtables THEN 'true' END AS all_tables,
       (SELECT string_agg(format('%I.%I', n.nspname, c.relname)
                          || CASE WHEN r.prattrs IS NOT NULL
                                  THEN ' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                                                FROM pg_attribute a
                                                WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) || ')'
                                  ELSE '' END
                          || coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', ''), E'\n'
                          ORDER BY format('%I.%I', n.nspname, c.relname) COLLATE "C")
        FROM pg_publication_rel r
        JOIN pg_class c ON c.oid = r.prrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE r.prpubid = p.oid) AS tables,
       (SELECT string_agg(quote_ident(n.nspname), E'\n' ORDER BY n.nspname COLLATE "C")
        FROM pg_publication_namespace s JOIN pg_namespace n ON n.oid = s.pnnspid
        WHERE s.pnpubid = p.oid) AS schemas,
       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                 CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish,
       CASE WHEN p.pubviaroot THEN 'true' END AS via_root
FROM pg_publication p
