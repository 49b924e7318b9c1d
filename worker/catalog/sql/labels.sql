-- Security labels, one line for each provider.
SELECT l.classoid, l.objoid, l.objsubid,
       string_agg(quote_ident(l.provider) || ' ' || quote_literal(l.label), E'\n' ORDER BY l.provider COLLATE "C")
FROM pg_seclabel l
GROUP BY l.classoid, l.objoid, l.objsubid
