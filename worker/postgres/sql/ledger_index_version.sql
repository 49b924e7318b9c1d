CREATE INDEX IF NOT EXISTS {index_version} ON {ledger} (version)
