DROP INDEX users_name_idx;
ALTER TABLE users DROP COLUMN bio;
