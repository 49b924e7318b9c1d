WITH changed AS (
	DELETE FROM {ledger} WHERE version = $7::text RETURNING 1
), cleared AS (
	DELETE FROM {mark}
	 WHERE ledger = $1::text AND version = $7::text AND $6::text NOT IN ('statement', 'fix')
), noted AS (
	INSERT INTO {step} (ledger, job, attempt, step, planned, action, version)
	VALUES ($1::text, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::text, $7::text)
)
SELECT pg_catalog.count(*) FROM changed
