#ifndef CONFITURE_CONFIG_WORKER_H
#define CONFITURE_CONFIG_WORKER_H

#include "shared/config/config.h"

/* The settings of a worker: /etc/confiture/worker.yaml. */
struct config_worker_target {
	const char
		*name; /* "production" or "production/eu"; with `pattern`: its key, for messages */
	const char *environment;
	struct secret url; /* with the password of its file, where there is one */
	const char *tracking_table;
	bool protected_;
	const char *pattern; /* database names; NULL = one database. Without the "~" of a regex. */
	bool regex;
};

struct config_worker {
	const char *file;
	const char *name; /* NULL: none given */
	const char **urls;
	size_t url_count; /* at least one */
	struct secret token;
	const char *ca_file, *cert_file, *key_file, *server_name; /* NULL: none */
	const char *spool_dir;
	int64_t spool_max_bytes;
	int64_t spool_keep_ms;
	size_t max_jobs;
	int64_t stop_timeout_ms;
	const char *log_level, *log_format;
	struct config_worker_target *targets; /* in name order; at least one */
	size_t target_count;
};

/*
 * CONFIG_004 missing · CONFIG_002 not YAML · CONFIG_008 an unknown key · CONFIG_001 no coordinator,
 * no target, no URL of a target · CONFIG_003 wrong URL · CONFIG_005 wrong value, unset ${VAR}, a
 * file of a secret without one · CONFIG_007 two of what may be given once. All with file and line.
 * `out` of a failed load is not to be used.
 */
MUST_USE bool config_worker_load(struct arena *arena, const char *path, struct config_worker *out,
				 struct config_warnings *warnings, struct error *err);
/* The same checks, then what holds, as YAML: defaults filled in, secrets as ***. */
MUST_USE bool config_worker_print(struct arena *arena, const char *path, struct text *out,
				  struct error *err);

#endif
