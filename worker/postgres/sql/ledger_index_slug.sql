CREATE INDEX IF NOT EXISTS {index_slug} ON {ledger} (slug)
