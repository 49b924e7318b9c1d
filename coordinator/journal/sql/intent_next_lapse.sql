SELECT min(lease_until_ms)
FROM intent
WHERE open = 1 AND lease_boot = ?1;
