#ifndef CONFITURE_CLI_SESSION_H
#define CONFITURE_CLI_SESSION_H

#include "cli/cli.h"
#include "shared/base/secret.h"
#include "shared/migration/migration.h"
#include "shared/net/net.h"
#include "worker/target.h"

/*
 * A session with a coordinator. Embedded mode: coordinator core and one worker core run in this
 * process, joined by the in-process make of net; they start with the first request.
 */
struct session;

/* One per process; made on first use. */
struct session *cli_session(struct cli *cli);
void cli_session_close(struct cli *cli);

/* Makes a database known to the embedded worker under `name`; copies all. Before the first
 * request. A name that is there already is left as it is. A target without a URL can only serve
 * jobs that ask no database. */
void session_add_target(struct session *s, const char *name, struct secret url,
			const char *tracking_table);
bool session_has_target(const struct session *s, const char *name);
/* For who opens a session with it directly (the doctor). False when there is no such target. */
MUST_USE bool session_target_spec(const struct session *s, const char *name,
				  struct target_spec *out);
/* "host:port/dbname" of a target, without secrets; NULL when there is no such target. */
const char *session_target_key(struct session *s, const char *name);
/* Where the embedded worker reads bundles from. Before the first request. */
void session_set_bundles(struct session *s, const char *migrations_dir);
const char *session_bundles(const struct session *s);
/* Files of jobs that lie elsewhere, with their texts; borrowed. Before the first request. */
void session_set_schema(struct session *s, const struct bundle_text *files, size_t count);
/* --idempotency-key and --timeout (0 = none) of this command. */
void session_set_limits(struct session *s, const char *idempotency_key, int64_t timeout_ms);
/* The time of --timeout counts anew: one database that is away does not take it from the next. */
void session_next_target(struct session *s);
/* A client to use in place of an embedded coordinator; it must outlive the session. */
void session_use_client(struct session *s, struct net_client *client);

/* Which coordinator this command means (remote.h). Before anything else is asked of the session. */
MUST_USE bool session_choose(struct session *s, const struct args *args, struct error *err);
/* The one elsewhere, or NULL in embedded mode. */
struct remote;
const struct remote *session_remote(const struct session *s);
/* What it said of itself; NULL before session_start() and in embedded mode. */
const struct hello_reply *session_hello(const struct session *s);
/* From now on embedded, whatever was chosen: for jobs that need no database and no journal. */
void session_stay_here(struct session *s);

/* Whether the journal is one that all who work on the project share: beside it, not in somebody's
 * own folder. A coordinator elsewhere has one. JRNL_001. */
MUST_USE bool session_shared_journal(struct session *s, struct error *err);

/* Starts what the requests need; session_call() does it by itself. `changes`: a job that needs the
 * journal comes first. JRNL_001 when there is no place for the journal. */
MUST_USE bool session_start(struct session *s, bool changes, struct error *err);
/* Ends coordinator and worker; the next request starts them anew, with all targets known by then.
 */
void session_end(struct session *s);
struct net_client *session_client(struct session *s); /* NULL before session_start() */
struct cli *session_cli(struct session *s);
const char *session_idempotency_key(const struct session *s); /* NULL */
/* Boot clock; RUNTIME_FOREVER without --timeout. */
uint64_t session_deadline(const struct session *s);
/* The journal's file, or NULL when none exists yet: for commands that only look into it. */
const char *session_journal(struct session *s);
/* Whether there is one to look into; a coordinator elsewhere always has one. */
bool session_has_journal(struct session *s);

/* The reply lives in the cli's arena. */
MUST_USE bool session_call(struct session *s, enum message_kind kind, const void *request,
			   void **reply, struct error *err);

/* How a job is drawn while it runs; NULL members are skipped. */
struct job_view {
	void (*event)(void *self, const struct job_event *event);
	/* When set: called at least every second, so that a clock on the screen can move. */
	void (*tick)(void *self);
	void *self;
};

/* Sends the files that the coordinator lacks, and submits. */
MUST_USE bool session_submit_job(struct session *s, const struct job_spec *spec, char job[ID_TEXT],
				 struct error *err);

/*
 * Submits the job, follows it to its end and returns the outcome (in the cli's arena). Ctrl-C
 * cancels it (honestly: waits until the backend is gone); a second one leaves at once. The end of
 * --timeout cancels it too. With ndjson every event goes to out as a line. `view` may be NULL.
 *
 * With a coordinator elsewhere and session_allow_detach(), Ctrl-C on a terminal asks first; who
 * then detaches gets true, no outcome, and session_detached().
 */
MUST_USE bool session_run_job(struct session *s, const struct job_spec *spec,
			      const struct job_view *view, char job[ID_TEXT],
			      struct job_outcome *out, struct error *err);

void session_allow_detach(struct session *s);
bool session_detached(const struct session *s);
/* ---- for follow.c ---- */
bool session_may_detach(const struct session *s);
void session_note_detached(struct session *s);

/* Follows a job that is already there, from `since` on. */
MUST_USE bool session_follow(struct session *s, const char *job, int64_t attempt, int64_t since,
			     const struct job_view *view, struct job_outcome *out,
			     struct error *err);

#endif
