CREATE TABLE IF NOT EXISTS {structure} (
	ledger text PRIMARY KEY,
	fingerprint text NOT NULL,
	versions text NOT NULL,
	noted_at timestamptz NOT NULL DEFAULT now()
)
