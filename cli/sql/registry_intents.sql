-- A page of the Python tool's intents, by id: as documents, those that would be too large without.
SELECT r.id,
       CASE WHEN pg_catalog.octet_length(r.doc) <= 524288 THEN r.doc END,
       r.is_open
  FROM (SELECT i.id::pg_catalog.text AS id,
               i.status IN ('registered', 'in_progress', 'conflicted') AS is_open,
               pg_catalog.json_build_object(
                 'id', i.id,
                 'agent_id', i.agent_id,
                 'feature_name', i.feature_name,
                 'branch_name', i.branch_name,
                 'schema_changes', i.schema_changes,
                 'tables_affected', i.tables_affected,
                 'estimated_duration_ms', i.estimated_duration_ms,
                 'risk_level', i.risk_level,
                 'status', i.status,
                 'created_at', pg_catalog.to_char(i.created_at AT TIME ZONE 'UTC',
                                                  'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                 'updated_at', pg_catalog.to_char(i.updated_at AT TIME ZONE 'UTC',
                                                  'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                 'metadata', i.metadata)::pg_catalog.text AS doc
          FROM tb_pggit_intent AS i
         WHERE i.id > $2
           AND (NOT $1::pg_catalog.bool
                OR i.status IN ('registered', 'in_progress', 'conflicted'))
         ORDER BY i.id
         LIMIT $3::pg_catalog.int4) AS r
 ORDER BY r.id
