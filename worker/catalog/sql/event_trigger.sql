SELECT t.tableoid, t.oid, 0, NULL AS schema, NULL AS parent, t.evtname AS name,
       quote_ident(t.evtname) AS address,
       quote_ident(pg_get_userbyid(t.evtowner)) AS owner,
       t.evtevent AS event,
       (SELECT string_agg(quote_literal(g.tag), E'\n' ORDER BY g.place)
        FROM unnest(t.evttags) WITH ORDINALITY AS g(tag, place)) AS tags,
       t.evtfoid::regproc::text AS function,
       CASE t.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS'
            END AS firing
FROM pg_event_trigger t
