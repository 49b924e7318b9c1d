SELECT c.tableoid, c.oid, 0, NULL AS schema, NULL AS parent,
       format('%s AS %s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS name,
       format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS address,
       NULL AS owner,
       CASE c.castmethod WHEN 'b' THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT'
            ELSE 'WITH FUNCTION ' || c.castfunc::regprocedure END
       || CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END AS definition
FROM pg_cast c
WHERE c.oid >= 16384
