INSERT INTO target (worker, name, environment, target_key, protected, tracking_table)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);
