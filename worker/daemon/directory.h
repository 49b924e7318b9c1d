#ifndef CONFITURE_WORKER_DAEMON_DIRECTORY_H
#define CONFITURE_WORKER_DAEMON_DIRECTORY_H

#include "shared/base/log.h"
#include "shared/config/worker.h"
#include "shared/wire/messages.h"
#include "worker/worker.h"

/*
 * The databases that this worker serves now, with their credentials: those that its settings name,
 * and those that a pattern found on a server. May change while jobs run: what a job was given stays
 * valid as long as the directory.
 */
struct directory;

struct directory *directory_new(struct runtime *rt, struct log *log);
void directory_free(struct directory *d); /* NULL is fine */
struct target_directory *directory_base(struct directory *d);

/* Serves what the settings say from now on; copied. Databases of patterns are kept until
 * directory_look() has seen what is there. */
void directory_load(struct directory *d, const struct config_worker *settings);
/* Looks up the databases of every pattern. A server that does not answer keeps those that it had;
 * that is logged. One thread at a time. */
void directory_look(struct directory *d);
/* What to tell the coordinator, in name order; in `arena`. */
void directory_hello(struct directory *d, struct arena *arena, struct worker_hello *out);

#endif
