SELECT pg_catalog.pg_backend_pid(), pg_catalog.date_part('epoch', pg_catalog.now())::pg_catalog.text
  FROM {fence} AS f
 WHERE f.ledger OPERATOR(pg_catalog.=) $1::pg_catalog.text
   AND f.token OPERATOR(pg_catalog.=) $2::bigint
   FOR SHARE
