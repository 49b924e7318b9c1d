ALTER TABLE {fence} ADD COLUMN IF NOT EXISTS coordinator text
