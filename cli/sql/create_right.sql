-- The schema that new tables go to, when this role may make them there; null otherwise.
SELECT CASE
         WHEN pg_catalog.has_schema_privilege(pg_catalog.current_schema(), 'CREATE')
         THEN pg_catalog.current_schema()::text
       END
