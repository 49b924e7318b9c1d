SELECT seq, time, actor, kind, subject, detail, prev, hash, body
FROM event
WHERE seq > ?1
ORDER BY seq
LIMIT ?2;
