-- Subscriptions of this database: it cannot be dropped before them.
SELECT s.subname::text
FROM pg_catalog.pg_subscription AS s
JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
WHERE d.datname = pg_catalog.current_database()
