INSERT INTO attempt (job, number, worker, began_at) VALUES (?1, ?2, ?3, ?4);
