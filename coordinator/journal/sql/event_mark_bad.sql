SELECT event_mark.seq FROM event_mark
LEFT JOIN event ON event.seq = event_mark.seq
WHERE event.hash IS NOT event_mark.hash
ORDER BY event_mark.seq
LIMIT 1;
