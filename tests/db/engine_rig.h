#ifndef CONFITURE_TESTS_DB_ENGINE_RIG_H
#define CONFITURE_TESTS_DB_ENGINE_RIG_H

#include "shared/net/net.h"
#include "tests/support/cluster.h"
#include "tests/unit/worker/scripted.h"
#include "worker/worker.h"

/*
 * A worker core with the PostgreSQL make against a real database, and a coordinator that offers one
 * job after another and keeps what it hears. One rig per case.
 */
enum { RIG_EVENTS = 512 };

struct rig {
	struct scripted net;
	struct arena arena;
	struct worker *worker;
	struct target_directory directory;
	struct bundle_source slow; /* `bundles`, and each read takes slow_ms and gives little */
	struct bundle_source *bundles;
	_Atomic uint64_t slow_ms;
	char dir[64];
	bool guest; /* the files are another rig's */
	const char *url;
	_Atomic int64_t lease_ms; /* 10 s */

	/* of the run at hand, under net.lock */
	const struct job_spec *spec;
	bool offered;
	char job[ID_TEXT];
	bool cancel;
	bool mute; /* renewals are not answered */
	struct net_request *unanswered[16];
	size_t unanswered_count;
	bool finished;
	struct job_outcome *outcome;
	struct job_event events[RIG_EVENTS];
	size_t event_count;
	int64_t attempt;		 /* 0: each run is a new job; else the last one once more */
	struct unsettled unsettled;	 /* job NULL = none */
	struct settled_attempt *settled; /* what the worker said of it */
	struct net_request *parked;	 /* a worker_next that waits */
	bool hold_events;		 /* the next ones are kept and not acknowledged */
	struct net_request *held_events;
	/* called for each event, on the coordinator's thread; may be NULL */
	void (*on_event)(struct rig *g, const struct job_event *event);
};

void rig_start(struct rig *g, const char *database);
/* The same with another make, or the PostgreSQL make with something wrong. */
void rig_start_with(struct rig *g, const char *database, struct target_factory *factory);
void rig_stop(struct rig *g);
/* A second worker on the database and the files of another rig. */
void rig_start_beside(struct rig *g, const struct rig *other);
/* Writes a migration file; NULL removes it. */
void rig_file(struct rig *g, const char *name, const char *text);
/* Runs a job of that kind to its end. Strings live as long as the rig. */
const struct job_outcome *rig_run(struct rig *g, const char *kind,
				  const struct job_options *options);
/* The two halves of it. */
void rig_offer(struct rig *g, const char *kind, const struct job_options *options);
const struct job_outcome *rig_wait(struct rig *g);
void rig_cancel(struct rig *g);
/* Whether the worker tells the end of its job within that time. */
bool rig_ended(struct rig *g, uint64_t ms);
/* Events that were held are acknowledged, and those that come. */
void rig_take_events(struct rig *g);

/* First event of that kind of the last run; NULL = none. */
const struct job_event *rig_event(struct rig *g, const char *kind);
/* Waits until an event of that kind came; false after 10 s. */
bool rig_wait_event(struct rig *g, const char *kind);

/* One value of the rig's database, as text. */
const char *rig_text(struct rig *g, const char *sql);
/* Waits until the query gives "t"; false after 10 s. */
bool rig_wait_true(struct rig *g, const char *sql);
/* "ok", or the code of the outcome's error. */
const char *rig_code(const struct job_outcome *o);

#endif
