-- Takes a moment, as backfills do.
SELECT pg_sleep(0.5);
UPDATE users SET bio = '' WHERE bio IS NULL;
