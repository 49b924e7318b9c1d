ALTER TABLE intent DROP COLUMN lease_boot;
