CREATE INDEX IF NOT EXISTS {index_pk} ON {ledger} (pk_confiture)
