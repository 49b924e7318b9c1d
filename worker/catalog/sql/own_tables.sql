-- The role of this session, and in each row one of our own tables: the ledger, what stands beside it, the table of lock
-- holders. Without a ledger what stands beside it is where the search_path leads ($1: or in the schema that is named).
SELECT current_user::text,
       CASE WHEN c.oid IS NOT NULL THEN format('%I.%I', n.nspname, c.relname) END
  FROM (SELECT nullif(current_setting('confiture.ledger'), '')::oid AS ledger,
               nullif(current_setting('confiture.holder'), '')::oid AS holder,
               current_setting('confiture.path')::name[] AS path) AS known
  LEFT JOIN pg_class AS l ON l.oid = known.ledger
  LEFT JOIN (pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace)
    ON c.relkind IN ('r', 'p')
   AND (c.oid IN (known.ledger, known.holder)
        OR c.relname IN ('confiture_fence', 'confiture_step', 'confiture_mark', 'confiture_structure')
           AND (c.relnamespace = l.relnamespace
                OR l.oid IS NULL AND (n.nspname = $1 OR $1 IS NULL AND n.nspname = ANY (known.path))))
