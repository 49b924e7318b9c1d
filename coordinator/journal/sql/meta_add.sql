INSERT INTO meta (one, id, created_at) VALUES (1, ?1, ?2);
