-- What no other database shares: the server's own number and the database's in it.
SELECT pg_catalog.format('%s/%s', c.system_identifier, d.oid)
  FROM pg_catalog.pg_control_system() AS c
 CROSS JOIN pg_catalog.pg_database AS d
 WHERE d.datname = pg_catalog.current_database()
