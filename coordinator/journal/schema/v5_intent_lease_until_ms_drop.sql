ALTER TABLE intent DROP COLUMN lease_until_ms;
