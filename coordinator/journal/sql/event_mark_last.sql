SELECT seq, hash FROM event_mark ORDER BY seq DESC LIMIT 1;
