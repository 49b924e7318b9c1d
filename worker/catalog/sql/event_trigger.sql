SELECT t.tableoid, t.oid, 0, NULL AS schema, NULL AS parent, t.evtname AS name,
       quote_ident(t.evtname) AS address,
       pg_get_userbyid(t.evtowner) AS owner,
       t.evtevent AS event,
       (SELECT string_agg(quote_literal(g), E'\n' ORDER BY g COLLATE "C") FROM unnest(t.evttags) g) AS tags,
       t.evtfoid::regproc::text AS function,
       CASE t.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS'
            END AS firing
FROM pg_event_trigger t
