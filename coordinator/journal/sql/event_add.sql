INSERT INTO event (seq, time, actor, kind, subject, detail, prev, hash, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);
