#ifndef CONFITURE_CLI_EMBEDDED_H
#define CONFITURE_CLI_EMBEDDED_H

#include "shared/base/runtime.h"
#include "shared/base/secret.h"
#include "shared/migration/migration.h"
#include "shared/net/net.h"
#include "worker/loader.h"
#include "worker/target.h"

/* Coordinator core and one worker core inside this process, joined by the in-process net. */
struct embedded;

struct embedded_target {
	const char *name;
	struct secret url;
	const char *tracking_table;
	const char *key; /* host:port/dbname */
};

struct target_spec embedded_target_spec(const struct embedded_target *t);

/* Everything in here must outlive embedded_stop(). */
struct embedded_config {
	const struct embedded_target *targets;
	size_t target_count;
	const char *migrations_dir;
	const char *journal; /* NULL: only jobs that change nothing */
	const char *agent;   /* who this process says it is, for the journal */
	struct target_factory *factory;
	struct schema_loader *loader;
	const struct bundle_text *schema; /* files of jobs that are not in migrations_dir */
	size_t schema_count;
};

struct embedded *embedded_start(struct runtime *rt, const struct embedded_config *config);
/* The CLI's own client; lives as long as `e`. */
struct net_client *embedded_client(struct embedded *e);
/* Ends both threads and frees everything; a job that still runs is stopped and waited for. */
void embedded_stop(struct embedded *e);

#endif
