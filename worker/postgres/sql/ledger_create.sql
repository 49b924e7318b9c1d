CREATE TABLE IF NOT EXISTS {ledger} (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	pk_confiture bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
	slug text NOT NULL UNIQUE,
	version varchar(255) NOT NULL UNIQUE,
	name varchar(255) NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT now(),
	execution_time_ms integer,
	checksum varchar(64),
	applied_by text
)
