SELECT pg_catalog.pg_advisory_unlock(1751936052, $1::integer)
