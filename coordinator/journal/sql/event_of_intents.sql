SELECT seq, time, actor, kind, subject, detail
FROM event
WHERE seq > ?1 AND (kind GLOB 'intent.*' OR kind GLOB 'claim.*')
ORDER BY seq
LIMIT ?2;
