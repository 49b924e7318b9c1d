ALTER TABLE users ADD COLUMN bio text;
COMMENT ON COLUMN users.bio IS 'shown on the profile page';

CREATE INDEX users_name_idx ON users (lower(name));
