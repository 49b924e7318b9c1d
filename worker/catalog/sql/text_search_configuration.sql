SELECT c.tableoid, c.oid, 0, n.nspname AS schema, NULL AS parent, c.cfgname AS name,
       format('%I.%I', n.nspname, c.cfgname) AS address,
       quote_ident(pg_get_userbyid(c.cfgowner)) AS owner,
       format('%I.%I', pn.nspname, p.prsname) AS parser,
       (SELECT string_agg(m.line, E'\n' ORDER BY m.line COLLATE "C")
        FROM (SELECT format('%I WITH %s', t.alias,
                            string_agg(format('%I.%I', dn.nspname, d.dictname), ', ' ORDER BY a.mapseqno)) AS line
              FROM pg_ts_config_map a
              JOIN ts_token_type(c.cfgparser) t ON t.tokid = a.maptokentype
              JOIN pg_ts_dict d ON d.oid = a.mapdict
              JOIN pg_namespace dn ON dn.oid = d.dictnamespace
              WHERE a.mapcfg = c.oid
              GROUP BY t.alias) m) AS mappings
FROM pg_ts_config c
JOIN pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
