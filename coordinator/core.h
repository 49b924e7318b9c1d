#ifndef CONFITURE_COORDINATOR_CORE_H
#define CONFITURE_COORDINATOR_CORE_H

#include <stdatomic.h>

#include "coordinator/coordinator.h"
#include "coordinator/fleet.h"
#include "coordinator/job.h"
#include "coordinator/journal/journal.h"
#include "coordinator/journal/owners.h"
#include "coordinator/leases.h"
#include "coordinator/memory_jobs.h"

/*
 * What the files of this room share: the coordinator itself, and a request on its way through it.
 * All of it belongs to the loop's thread but `stopping` and `beat`.
 */

/* What a request needs of the journal. */
enum access {
	ACCESS_MEMORY, /* nothing */
	ACCESS_READ,   /* its contents, if there is a journal */
	ACCESS_WRITE,  /* a write transaction, if there is a journal */
	ACCESS_CREATE  /* a write transaction, and a journal */
};

/*
 * A request that was taken and not answered. Its handler returns false (refused), true with
 * `reply` set, or true without: then it is parked until `park_until_ns` or until `waits_for` is
 * touched. A parked call is run again from the start. Replies live in the round's arena.
 */
struct call {
	struct net_request *request;
	const struct api *api;
	enum access access;
	const void *reply;
	const char *request_hash; /* for the reply cache; in the request's arena */
	void *prepared;		  /* what was read before the transaction; in the request's arena */
	struct error *error;	  /* refused; in the round's arena */
	const char *waits_for;	  /* a job; NULL: any work */
	const char *seen_state;	  /* a name of the state table; NULL: not looked yet */
	bool dismissed;		  /* nobody takes what it would bring: answer it with nothing */
	uint64_t park_until_ns;	  /* 0: was never parked */
	bool last_chance;	  /* must be answered now */
	bool put_off;		  /* it has something to hear, and was one too many for a round */
	struct call *next;
};

/* What watchers of one job are told who have all seen the same: read once. */
struct watch_page {
	const char *job; /* NULL: none */
	int64_t attempt, since;
	struct job_events_page events;
	bool cut; /* there may be more */
};

struct coordinator {
	struct runtime *rt;
	struct net_server *server;
	char *journal_path; /* NULL: none */
	bool embedded;
	int64_t lease_ms;
	_Atomic bool stopping;
	_Atomic uint64_t beat; /* rounds */
	struct log *log;

	struct journal *journal; /* NULL: not open */
	struct owner *owner;	 /* NULL: this process has accepted no job for the journal */
	struct memory_jobs *memory;
	struct leases *leases;
	struct leases *rests; /* unknown jobs that are not offered to be settled until then */
	struct fleet *fleet;
	struct call *parked;
	size_t parked_count;
	size_t crowd; /* the most that were parked lately */
	bool put_off; /* one of them is */
	struct sql_parser parser;
	int64_t intents_per_agent;
	uint64_t lapse_at_ns; /* when the next lease of an intent is over */
	bool leases_late; /* every lease of an intent counts anew: it was not the agents who were
			     late */
	uint64_t poll_at_ns;
	int64_t retention_days;
	int64_t open_jobs_max, open_jobs_per_agent_max;
	int64_t file_bytes_max, files_bytes_max;
	uint64_t tidy_at_ns;
	bool journal_failing; /* the last transaction did not come about */

	/* The files of the job that was read last. */
	struct arena bundle_arena;
	const char *bundle_job; /* NULL: none yet */
	const struct bundle_info *bundle;

	/* ---- of one round ---- */
	struct arena round;
	const char **touched; /* jobs that changed */
	size_t touched_count, touched_cap;
	bool touched_all; /* another process changed something */
	bool work_added;  /* a job is queued */
	struct watch_page page;
	struct saying *said, **said_end; /* lines for the log that wait for the commit */
};

/* ---- said.c: the log tells what is committed ---- */
enum { SAID_PAIRS = 4 };
struct said_pair {
	const char *name, *value; /* no name: the end; no value: left out */
};
struct saying {
	const char *event;
	struct said_pair pairs[SAID_PAIRS];
	struct saying *next;
};
/* For after the commit of this round. Values are copied, names are static. */
void said_put(struct coordinator *c, const char *event, const struct said_pair pairs[SAID_PAIRS]);
/* What was put since the mark is not so. */
struct saying **said_mark(struct coordinator *c);
void said_undo(struct coordinator *c, struct saying **mark);
void said_write(struct coordinator *c);
/* A transaction came about (NULL), or did not and why. */
void said_journal(struct coordinator *c, const struct error *why);

/* ---- coordinator.c ---- */
void coordinator_touch(struct coordinator *c, const char *job);
/* Who alone may run a job that is accepted now; made with the first one. "" = any worker. */
MUST_USE bool coordinator_owner(struct coordinator *c, const char **out, struct error *err);
/* The job and its store. JOB_001 when there is none. */
MUST_USE bool coordinator_job(struct coordinator *c, const char *id, struct job_store **store,
			      struct job **out, struct error *err);
/* job_move(), and its watchers are woken. */
MUST_USE bool coordinator_move(struct coordinator *c, struct job_store *store, struct job *job,
			       struct job_change *change, struct error *err);
/* Opens the journal if that is not done. Without `create` there may be none afterwards. */
MUST_USE bool coordinator_journal(struct coordinator *c, bool create, struct error *err);
/* An outcome that was not reported by a worker. */
const struct job_outcome *coordinator_outcome(struct coordinator *c, const struct error *why,
					      bool unknown);

/* The version of shared/wire that is spoken. */
enum { COORDINATOR_PROTOCOL = 1 };

/* ---- group.c: requests that arrived together, in one transaction ---- */
void group_run(struct coordinator *c, struct call *arrived);

/* ---- watchers.c: parked calls ---- */
/* Whether `call` may wait (again); sets until when. */
bool watchers_may_wait(struct coordinator *c, struct call *call, int64_t wait_ms);
void watchers_park(struct coordinator *c, struct call *call);
/* Takes those out that have something to say, or whose time is up. */
struct call *watchers_take_ready(struct coordinator *c);
/* Back: it is run in the next round, which comes at once. */
void watchers_put_off(struct coordinator *c, struct call *call);
uint64_t watchers_deadline(const struct coordinator *c);
/* Whether somebody watches a job of the journal. */
bool watchers_of_journal(const struct coordinator *c);
/* Those whose asker's connection ended are answered with nothing; a worker that asked and is not
 * there any more is offered no job. */
void watchers_drop_gone(struct coordinator *c);
/* Requests for work of that worker that were there before now are answered with nothing. */
void watchers_dismiss(struct coordinator *c, const char *worker);

/* ---- watch_page.c: what watchers are told next ---- */
/* Fills c->page. */
MUST_USE bool watch_page_read(struct coordinator *c, struct job_store *store,
			      const struct job_watch *m, struct error *err);
/* These were just appended, and are the newest of the job. */
void watch_page_keep(struct coordinator *c, const char *job, const struct job_event *events,
		     size_t count);

/* ---- orphans.c: jobs without anybody to go on ---- */
struct orphans {
	struct owner_set dead;	 /* owners */
	struct owner_set lapsed; /* jobs of the journal whose lease is over */
};
void orphans_find(struct coordinator *c, bool ask_owners, struct orphans *out);
bool orphans_any(const struct orphans *o);
/* What watchers of a job are told that nobody reports on: JOB_003. */
const struct job_outcome *orphans_outcome(struct coordinator *c, const char *job, const char *why);
/* The end of a cancelled job whose worker is gone and that changed nothing. */
struct job_change orphans_stopped(struct coordinator *c, const char *job);
/* A job whose watchers were told that its end is not known is offered again by and by, to be
 * settled and no more: it waits a little, since what could not be asked a moment ago cannot be
 * asked now. */
void orphans_rest(struct coordinator *c, const struct job *job);
/* Jobs that have waited long enough. */
void orphans_end_rests(struct coordinator *c);
/* The oldest such job of those targets; *out NULL: none. */
MUST_USE bool orphans_to_settle(struct coordinator *c, const char *const *targets, size_t count,
				struct job **out, struct error *err);
/* Whether an earlier attempt of that job was lost and nobody has asked the target about it: then it
 * is neither waiting for its begin, nor can it be cancelled as if nothing had happened. True when
 * that cannot be told. */
bool orphans_unsettled(struct coordinator *c, struct job_store *store, const struct job *job);
/* Inside the write transaction. */
void orphans_settle(struct coordinator *c, const struct orphans *o);
/* The write transaction did not come about: look again soon; watchers are told meanwhile. */
void orphans_later(struct coordinator *c, const struct orphans *o);
/* Leases of a journal that was used before: all anew, in full. */
MUST_USE bool orphans_adopt(struct coordinator *c, struct error *err);

#endif
