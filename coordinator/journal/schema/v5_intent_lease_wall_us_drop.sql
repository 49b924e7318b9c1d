ALTER TABLE intent DROP COLUMN lease_wall_us;
