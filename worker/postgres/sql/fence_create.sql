CREATE TABLE IF NOT EXISTS {fence} (
	ledger text PRIMARY KEY,
	token bigint NOT NULL,
	backend_pid integer NOT NULL,
	backend_start timestamptz NOT NULL,
	journal text NOT NULL,
	job text NOT NULL,
	attempt bigint NOT NULL,
	coordinator text,
	taken_at timestamptz NOT NULL DEFAULT now()
)
