SELECT count(*)
FROM intent
WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR agent = ?2) AND open >= ?3;
