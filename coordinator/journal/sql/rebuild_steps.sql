SELECT json_extract(step.value, '$[0]'), json_extract(step.value, '$[1]'),
	json_extract(step.value, '$[2]')
FROM event
CROSS JOIN json_each(event.body) AS step
WHERE event.body IS NOT NULL
ORDER BY event.seq;
