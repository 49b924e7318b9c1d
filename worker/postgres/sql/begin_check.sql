SELECT pg_catalog.pg_backend_pid(), pg_catalog.date_part('epoch', pg_catalog.now())::pg_catalog.text
