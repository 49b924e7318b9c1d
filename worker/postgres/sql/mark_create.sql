CREATE TABLE IF NOT EXISTS {mark} (
	ledger text NOT NULL,
	version text NOT NULL,
	direction text NOT NULL,
	statement bigint NOT NULL,
	sha256 text NOT NULL,
	done boolean NOT NULL,
	job text NOT NULL,
	written_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (ledger, version, direction, statement)
)
