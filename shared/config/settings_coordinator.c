/* The table of a coordinator's settings. No credential of a database stands here. */
#include <stddef.h>

#include "shared/config/settings_rows.h"

#include "shared/base/banned.h"

/* clang-format off */
static const struct setting coordinator_rows[] = {
	TEXT("listen", READ, "ws://127.0.0.1:7432/rpc", "address to answer at; encryption is a proxy's task, in front of this port"),
	BOOL("insecure_bind", READ, "false", "allow an address that other machines reach without encryption"),
	TEXT("journal", READ, "/var/lib/confiture/journal.db", "file of the journal; the local operator's token is written beside it"),
	TEXT("lease", READ, "10s", "how long a worker may be silent before its job is given to another, 1s to 10m"),
	INT("retention_days", READ, 1, 36500, "30", "migration files and events of a job go that many days after it; the audit log stays"),
	GROUP("copies", READ, "whole copies of the journal, made while it is used"),
	TEXT("copies.folder", READ, NULL, "a folder for them, best on another disk; without it none are made", .example = "/backup/confiture"),
	TEXT("copies.every", READ, "24h", "how often, 1s to 365d"),
	INT("copies.keep", READ, 1, 1000, "7", "how many of the newest stay"),
	TEXT("proxy_secret_file", READ, NULL, "file with the secret by which the TLS proxy is known; only then X-Client-CN is believed", .example = "proxy.secret"),
	GROUP("log", READ, "the log, on standard error"),
	CHOICE("log.level", READ, "debug|info|warning|error", "info", "what is less than this is not said; read again at SIGHUP"),
	CHOICE("log.format", READ, "text|json", "text", "a line for people, or a JSON object for each event; read again at SIGHUP"),
	GROUP("limits", READ, "what clients together may take"),
	INT("limits.connections", READ, 1, 1000000, "4096", "connections at once"),
	INT("limits.requests", READ, 1, 1000000, "20000", "requests that wait for an answer"),
	INT("limits.requests_per_connection", READ, 1, 100000, "64", "the same, of one connection"),
	INT("limits.open_jobs", READ, 1, 1000000, "10000", "jobs that have not ended; more are refused"),
	INT("limits.open_jobs_per_agent", READ, 1, 1000000, "1000", "the same, of one agent"),
	INT("limits.intents_per_agent", READ, 1, 1000000, "20000",
	    "open intents of one agent; more are refused"),
	INT("limits.file_bytes", READ, 1024, INT64_C(1) << 50, "1073741824", "a migration file on its way to a worker; a larger one is refused"),
	INT("limits.files_bytes", READ, 1024, INT64_C(1) << 50, "17179869184", "all migration files that the journal holds"),
};
/* clang-format on */

const struct settings_table settings_coordinator = {
	.title = "A coordinator",
	.file = "/etc/confiture/coordinator.yaml",
	.sample = "# A coordinator: it keeps the journal and gives jobs to the workers that dial "
		  "in.\n",
	.rows = coordinator_rows,
	.count = ARRAY_LEN(coordinator_rows),
	.strict = true,
};
