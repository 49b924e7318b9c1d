CREATE INDEX IF NOT EXISTS {index_applied_at} ON {ledger} (applied_at DESC)
