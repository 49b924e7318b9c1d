SELECT m.statement, m.sha256, m.done, m.job
  FROM {mark} m
 WHERE m.ledger = $1::text AND m.version = $2::text AND m.direction = $3::text
 ORDER BY m.statement
