SELECT $1::oid IS NOT NULL
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i
                        WHERE i.inhrelid = $1::oid AND ($2::oid IS NULL OR i.inhparent = $2::oid))
