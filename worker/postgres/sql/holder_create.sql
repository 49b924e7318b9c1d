CREATE TABLE IF NOT EXISTS {holder} (
	lock_id bigint PRIMARY KEY,
	pid integer,
	hostname text,
	usename text,
	command text,
	acquired_at timestamptz DEFAULT now()
)
