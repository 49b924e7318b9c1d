-- Families with what was added to them by hand; what belongs to a class is told there.
SELECT f.tableoid, f.oid, 0, n.nspname AS schema, NULL AS parent, f.opfname AS name,
       format('%I.%I USING %I', n.nspname, f.opfname, am.amname) AS address,
       quote_ident(pg_get_userbyid(f.opfowner)) AS owner,
       (SELECT string_agg(m.line, E'\n' ORDER BY m.line COLLATE "C")
        FROM (SELECT format('OPERATOR %s %I.%s(%s,%s)%s', o.amopstrategy, pn.nspname, p.oprname,
                            format_type(o.amoplefttype, NULL), format_type(o.amoprighttype, NULL),
                            CASE WHEN o.amopsortfamily <> 0 THEN format(' FOR ORDER BY %I.%I', sn.nspname, s.opfname)
                                 END) AS line
              FROM pg_amop o
              JOIN pg_operator p ON p.oid = o.amopopr
              JOIN pg_namespace pn ON pn.oid = p.oprnamespace
              LEFT JOIN pg_opfamily s ON s.oid = o.amopsortfamily
              LEFT JOIN pg_namespace sn ON sn.oid = s.opfnamespace
              WHERE o.amopfamily = f.oid
                AND EXISTS (SELECT FROM pg_depend d
                            WHERE d.classid = o.tableoid AND d.objid = o.oid AND d.refclassid = f.tableoid
                              AND d.refobjid = f.oid)
              UNION ALL
              SELECT format('FUNCTION %s (%s, %s) %s', r.amprocnum, format_type(r.amproclefttype, NULL),
                            format_type(r.amprocrighttype, NULL), r.amproc::regprocedure)
              FROM pg_amproc r
              WHERE r.amprocfamily = f.oid
                AND EXISTS (SELECT FROM pg_depend d
                            WHERE d.classid = r.tableoid AND d.objid = r.oid AND d.refclassid = f.tableoid
                              AND d.refobjid = f.oid)) m) AS members
FROM pg_opfamily f
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am am ON am.oid = f.opfmethod
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
