#ifndef CONFITURE_COORDINATOR_DAEMON_CONFIG_H
#define CONFITURE_COORDINATOR_DAEMON_CONFIG_H

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/log.h"
#include "shared/base/secret.h"
#include "shared/config/settings.h"

struct daemon_config {
	const char *file; /* NULL: none, all is as the table says */
	const char *listen;
	bool insecure_bind;
	const char *journal;
	int64_t lease_ms;
	int64_t retention_days;
	const char *copies_folder; /* NULL: no copies are made */
	int64_t copies_every_ms, copies_keep;
	struct secret proxy_secret; /* what the file holds; none without a file */
	enum log_level log_level;
	enum log_format log_format;
	int64_t connections, requests, requests_per_connection;
	int64_t open_jobs, open_jobs_per_agent, intents_per_agent;
	int64_t file_bytes, files_bytes;
};

/*
 * Without a file the table's fallbacks. Errors carry file and line: CONFIG_004 cannot be read,
 * CONFIG_002 no YAML, CONFIG_005 wrong value, CONFIG_008 unknown key.
 */
MUST_USE bool daemon_config_load(struct arena *arena, const char *file, struct daemon_config *out,
				 struct error *err);

/* A file that says what is in effect; without a file the sample, with the meaning of each key. */
MUST_USE bool daemon_config_print(struct arena *arena, const char *file, struct text *out,
				  struct error *err);

#endif
