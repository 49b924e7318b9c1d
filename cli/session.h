#ifndef CONFITURE_CLI_SESSION_H
#define CONFITURE_CLI_SESSION_H

#include "cli/cli.h"
#include "shared/base/secret.h"
#include "shared/net/net.h"

/*
 * A session with a coordinator. Embedded mode: coordinator core and one worker core run in this
 * process, joined by the in-process make of net; they start with the first request.
 */
struct session;

/* One per process; made on first use. */
struct session *cli_session(struct cli *cli);
void cli_session_close(struct cli *cli);

/* Makes a database known to the embedded worker under `name`. Before the first request. */
void session_add_target(struct session *s, const char *name, struct secret url,
			const char *tracking_table);
/* Where the embedded worker reads bundles from. Before the first request. */
void session_set_bundles(struct session *s, const char *migrations_dir);

MUST_USE bool session_call(struct session *s, enum message_kind kind, const void *request,
			   void **reply, struct error *err);

/* How a job is drawn while it runs; NULL members are skipped. */
struct job_view {
	void (*event)(void *self, const struct job_event *event);
	void *self;
};

/*
 * Submits the job, follows it to its end and returns the outcome. Ctrl-C cancels it (honestly:
 * waits until the backend is gone); a second one leaves at once. With ndjson every event goes to
 * out as a line.
 */
MUST_USE bool session_run_job(struct session *s, const struct job_spec *spec,
			      const struct job_view *view, char job[ID_TEXT],
			      struct job_outcome *out, struct error *err);

/* Follows a job that is already there, from `since` on. */
MUST_USE bool session_follow(struct session *s, const char *job, int64_t attempt, int64_t since,
			     const struct job_view *view, struct job_outcome *out,
			     struct error *err);

#endif
