-- Before 13, which brought publishing as the root.
SELECT p.tableoid, p.oid, 0, NULL AS schema, NULL AS parent, p.pubname AS name,
       quote_ident(p.pubname) AS address,
       quote_ident(pg_get_userbyid(p.pubowner)) AS owner,
       CASE WHEN p.puballtables THEN 'true' END AS all_tables,
       (SELECT string_agg(format('%I.%I', n.nspname, c.relname), E'\n'
                          ORDER BY format('%I.%I', n.nspname, c.relname) COLLATE "C")
        FROM pg_publication_rel r
        JOIN pg_class c ON c.oid = r.prrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE r.prpubid = p.oid) AS tables,
       NULL AS schemas,
       concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                 CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish,
       NULL AS via_root
FROM pg_publication p
