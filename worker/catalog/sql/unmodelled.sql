-- What a user can have changed and no kind holds: told, never compared.
SELECT format('privileges of %s, which belongs to an extension', pg_describe_object(d.classid, d.objid, 0))
FROM (SELECT c.tableoid AS class, c.oid AS id, c.relacl AS acl,
             acldefault(CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END::"char", c.relowner) AS otherwise
      FROM pg_class c
      UNION ALL
      SELECT p.tableoid, p.oid, p.proacl, acldefault('f', p.proowner) FROM pg_proc p
      UNION ALL
      SELECT t.tableoid, t.oid, t.typacl, acldefault('T', t.typowner) FROM pg_type t
      UNION ALL
      SELECT n.tableoid, n.oid, n.nspacl, acldefault('n', n.nspowner) FROM pg_namespace n) o
JOIN pg_depend d ON d.classid = o.class AND d.objid = o.id AND d.objsubid = 0 AND d.deptype = 'e'
LEFT JOIN pg_init_privs i ON i.classoid = o.class AND i.objoid = o.id AND i.objsubid = 0
WHERE d.objid >= 16384
  AND NOT (coalesce(o.acl, o.otherwise) @> coalesce(i.initprivs, o.otherwise)
           AND coalesce(i.initprivs, o.otherwise) @> coalesce(o.acl, o.otherwise))
UNION ALL
SELECT format('setting %s of this database%s', s.setting,
              CASE WHEN r.setrole <> 0 THEN format(' for role %I', pg_get_userbyid(r.setrole)) ELSE '' END)
FROM pg_db_role_setting r
JOIN pg_database d ON d.oid = r.setdatabase AND d.datname = current_database(),
     unnest(r.setconfig) AS c(line), split_part(c.line, '=', 1) AS s(setting)
ORDER BY 1
