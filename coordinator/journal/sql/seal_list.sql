SELECT seq, subject, json_extract(detail, '$.events'), json_extract(detail, '$.events_sha256')
FROM event
WHERE seq > ?1 AND json_extract(detail, '$.events_sha256') IS NOT NULL
ORDER BY seq
LIMIT 1;
