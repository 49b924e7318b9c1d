SELECT d.tableoid, d.oid, 0, n.nspname AS schema, NULL AS parent, pg_get_userbyid(d.defaclrole) AS name,
       format('FOR ROLE %I%s ON %s', pg_get_userbyid(d.defaclrole), ' IN SCHEMA ' || quote_ident(n.nspname), k.word)
       AS address,
       NULL AS owner,
       (SELECT string_agg(concat_ws(E'\t', e.privilege_type,
                                    CASE WHEN e.grantee = 0 THEN 'PUBLIC'
                                         ELSE quote_ident(pg_get_userbyid(e.grantee)) END,
                                    CASE WHEN e.is_grantable THEN '*' END), E'\n'
                          ORDER BY e.privilege_type, pg_get_userbyid(e.grantee) COLLATE "C")
        FROM aclexplode(d.defaclacl) e) AS grants
FROM pg_default_acl d
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
JOIN (VALUES ('r', 'TABLES'), ('S', 'SEQUENCES'), ('f', 'FUNCTIONS'), ('T', 'TYPES'), ('n', 'SCHEMAS'),
             ('L', 'LARGE OBJECTS')) k(letter, word) ON k.letter = d.defaclobjtype::text
