#ifndef CONFITURE_WORKER_AHEAD_H
#define CONFITURE_WORKER_AHEAD_H

#include "shared/base/runtime.h"
#include "worker/target.h"

/*
 * A session that is being opened on a thread of its own while the job's attempt is made durable: a
 * server takes as long to start a session as the journal to write. Nothing is asked of the database
 * through it before ahead_take().
 */
struct ahead;

/* `spec` and what it points to must live until ahead_take() or ahead_free(). */
struct ahead *ahead_start(struct runtime *rt, struct target_factory *factory,
			  const struct target_spec *spec);
/* Waits for the session and hands it over, or the error of opening it. Once. */
MUST_USE bool ahead_take(struct ahead *a, struct target **out, struct error *err);
/* Waits for it, and closes one that nobody took. NULL is fine. */
void ahead_free(struct ahead *a);

#endif
