-- What happened to one of the Python tool's intents, oldest first.
SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object(
                  'from', h.old_status,
                  'to', h.new_status,
                  'reason', h.reason,
                  'by', h.changed_by,
                  'at', pg_catalog.to_char(h.changed_at AT TIME ZONE 'UTC',
                                           'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
                ORDER BY h.changed_at, h.id), '[]')::pg_catalog.text
  FROM tb_pggit_intent_history AS h
 WHERE h.intent_id = $1
