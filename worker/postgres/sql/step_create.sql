CREATE TABLE IF NOT EXISTS {step} (
	job text NOT NULL,
	attempt bigint NOT NULL,
	step bigint NOT NULL,
	planned bigint NOT NULL,
	ledger text NOT NULL,
	action text NOT NULL,
	version text,
	written_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (job, attempt, step)
)
