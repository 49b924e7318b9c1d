/* The table of a worker's settings. The credentials of its databases stand here and nowhere else.
 */
#include <stddef.h>

#include "shared/config/settings_rows.h"

#include "shared/base/banned.h"

/* clang-format off */
static const struct setting worker_rows[] = {
	TEXTS("coordinator", READ, "address of the coordinator, wss://HOST/rpc or ws://HOST:PORT/rpc; several are tried in turn", .example = "wss://confiture.example.com/rpc"),
	SECRET("token", READ, "what the worker shows of itself; better kept in `token_file`", .example = "\"${WORKER_TOKEN}\""),
	TEXT("token_file", READ, NULL, "file whose first line is the token; read at start", .example = "token"),
	TEXT("ca_file", READ, NULL, "certificates that the coordinator's must come from; without it the system's count", .example = "/etc/ssl/certs/ca-certificates.crt"),
	TEXT("cert_file", READ, NULL, "the worker's own certificate, where the coordinator asks for one", .example = "/etc/confiture/worker.pem"),
	TEXT("key_file", READ, NULL, "the key of that certificate", .example = "/etc/confiture/worker.key"),
	TEXT("server_name", READ, NULL, "the name that the coordinator's certificate must carry, where it is not that of the address", .example = "confiture.example.com"),
	TEXT("name", READ, NULL, "what the worker calls itself in its own log; the coordinator knows it by its token", .example = "eu1"),
	TEXT("spool_dir", READ, "/var/lib/confiture-worker/spool", "folder for the migration files of jobs; the worker's alone"),
	INT("spool_max_bytes", READ, 1048576, INT64_C(1) << 50, "2147483648", "how much may lie there; what was not used for longest goes first"),
	INT("spool_keep_days", READ, 1, 3650, "7", "a file that no job needed for so long goes"),
	INT("max_jobs", READ, 1, 64, "16", "jobs that run at once"),
	TEXT("stop_timeout", READ, "30s", "how long a stop waits for running jobs before it cancels them: 30s, 10m"),
	GROUP("log", READ, "the log, on standard error"),
	CHOICE("log.level", READ, "debug|info|warning|error", "info", "what is less than this is not said"),
	CHOICE("log.format", READ, "text|json", "text", "a line for people, or a JSON object for each event"),
	GROUP("targets", READ, "the databases that this worker serves, by the name of the target: production, or production/eu"),
	GROUP("targets.*", READ, "one database", .example = "production"),
	TEXT("targets.*.environment", READ, NULL, "the environment it belongs to, where that is not the name up to its \"/\"", .example = "production"),
	SECRET("targets.*.database_url", READ, "its connection URL, postgresql://user@host:port/database", .example = "postgresql://migrator@localhost/shop"),
	TEXT("targets.*.database_url_file", READ, NULL, "file whose first line is that URL", .example = "database_url"),
	TEXT("targets.*.password_file", READ, NULL, "file whose first line is the password of the URL", .example = "password"),
	TEXT("targets.*.tracking_table", READ, "tb_confiture", "its ledger: a table, or schema.table"),
	BOOL("targets.*.protected", READ, "false", "marks a database that is not to be changed lightly"),
	TEXT("targets.*.database_pattern", READ, NULL, "serves every database of that server whose name is LIKE this (or, after \"~\", matches this regular expression), as <environment>/<database>; looked up at start and every minute", .example = "tenant_%"),
};
/* clang-format on */

const struct settings_table settings_worker = {
	.title = "A worker",
	.file = "/etc/confiture/worker.yaml",
	.sample = "# A worker: it dials the coordinator and runs the jobs of its databases.\n"
		  "# It needs `coordinator`, `token_file` and one of `targets`.\n",
	.rows = worker_rows,
	.count = ARRAY_LEN(worker_rows),
	.strict = true,
};
