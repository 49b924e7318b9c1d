WITH mine AS (
	SELECT 1 FROM {fence} WHERE ledger = $1::text AND token = $2::bigint FOR SHARE
)
DELETE FROM {mark} m
 USING mine
 WHERE m.ledger = $1::text AND m.version = $3::text AND m.direction = $4::text AND m.statement = $5::bigint
