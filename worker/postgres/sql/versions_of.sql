SELECT DISTINCT s.version
  FROM {step} s
 WHERE s.job = $1::text AND s.ledger = $2::text AND s.action = 'up'
 ORDER BY s.version
