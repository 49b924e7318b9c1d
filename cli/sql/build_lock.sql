-- The lock of `migrate up` and its kin, for this transaction: nobody else changes the database meanwhile.
SELECT pg_catalog.pg_try_advisory_xact_lock(1751936052,
         ('x' || pg_catalog.substr(pg_catalog.encode(pg_catalog.sha256(
            pg_catalog.convert_to(pg_catalog.current_database(), 'UTF8')), 'hex'), 1, 8))::bit(32)::integer
         & 2147483647)
