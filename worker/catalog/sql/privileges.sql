-- Privileges that are not what the owner's default gives: one line each, "PRIVILEGE <tab> grantee [<tab> *]", an
-- asterisk for the right to grant it on. No line at all: everything was revoked.
SELECT o.class, o.id, o.subid,
       coalesce((SELECT string_agg(concat_ws(E'\t', e.privilege_type,
                                             CASE WHEN e.grantee = 0 THEN 'PUBLIC'
                                                  ELSE quote_ident(pg_get_userbyid(e.grantee)) END,
                                             CASE WHEN e.is_grantable THEN '*' END), E'\n'
                                   ORDER BY CASE WHEN e.grantee = 0 THEN ''
                                                 ELSE pg_get_userbyid(e.grantee) END COLLATE "C",
                                            e.privilege_type COLLATE "C")
                 FROM aclexplode(o.acl) e), '')
FROM (SELECT c.tableoid AS class, c.oid AS id, 0 AS subid, c.relacl AS acl,
             acldefault(CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END::"char", c.relowner) AS otherwise
      FROM pg_class c WHERE c.relacl IS NOT NULL
      UNION ALL
      SELECT 'pg_class'::regclass, a.attrelid, a.attnum, a.attacl, '{}'
      FROM pg_attribute a WHERE a.attacl IS NOT NULL
      UNION ALL
      SELECT p.tableoid, p.oid, 0, p.proacl, acldefault('f', p.proowner)
      FROM pg_proc p WHERE p.proacl IS NOT NULL
      UNION ALL
      SELECT t.tableoid, t.oid, 0, t.typacl, acldefault('T', t.typowner)
      FROM pg_type t WHERE t.typacl IS NOT NULL
      UNION ALL
      SELECT n.tableoid, n.oid, 0, n.nspacl, acldefault('n', n.nspowner)
      FROM pg_namespace n WHERE n.nspacl IS NOT NULL
      UNION ALL
      SELECT l.tableoid, l.oid, 0, l.lanacl, acldefault('l', l.lanowner)
      FROM pg_language l WHERE l.lanacl IS NOT NULL
      UNION ALL
      SELECT w.tableoid, w.oid, 0, w.fdwacl, acldefault('F', w.fdwowner)
      FROM pg_foreign_data_wrapper w WHERE w.fdwacl IS NOT NULL
      UNION ALL
      SELECT s.tableoid, s.oid, 0, s.srvacl, acldefault('S', s.srvowner)
      FROM pg_foreign_server s WHERE s.srvacl IS NOT NULL) o
WHERE NOT (o.acl @> o.otherwise AND o.otherwise @> o.acl)
