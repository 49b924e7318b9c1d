ALTER TABLE {ledger} ADD COLUMN IF NOT EXISTS applied_by text
