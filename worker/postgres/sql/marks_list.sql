SELECT DISTINCT m.version FROM {mark} m WHERE m.ledger = $1::text ORDER BY m.version
