#ifndef CONFITURE_TESTS_FLEET_HOUSE_H
#define CONFITURE_TESTS_FLEET_HOUSE_H

#include "tests/support/fleet.h"
#include "tests/support/project.h"

/*
 * What the suites about a fleet share: a coordinator, one worker called "near" with the project's
 * database as its target "local", and the project. The worker does not run yet.
 */
struct house {
	struct fleet fleet;
	struct project project;
	struct fleet_worker *worker;
	char target[400];   /* the worker's settings of "local", for a second one */
	const char *env[3]; /* what makes confiture a client of that coordinator */
};

/* Of the coordinator: a dead worker is noticed soon. */
#define SHORT_LEASE "lease: 2s\n"

void house_open(struct house *h, const char *settings);
void house_close(struct house *h);
/* As project_run(), through the coordinator. */
int house_run(struct house *h, const char *words);
/* The id of the newest job. */
void house_newest_job(struct house *h, char id[64]);
/* Its state, "succeeded/0". Valid until the next call. */
const char *house_job_state(struct house *h, const char *id);

/* Files whose statements write their version into the table `effect`: 001 and 003 in transactions,
 * 002 statement by statement around a concurrent index. */
void counted_migrations(struct project *p);
/* The database as it was before they ran. */
void counted_reset(struct project *p);
bool each_effect_is_there_once(struct project *p);
/* `count` files in a transaction each, of about 0.1 s. */
void slow_migrations(struct project *p, int count);
bool slow_effects_are_there_once(struct project *p, int count);
/* How many confiture sessions the project's database has. */
const char *house_sessions(struct house *h);
/* Waits until it has none: a backend that was ended takes a moment to leave. */
bool house_wait_no_sessions(struct house *h, int seconds);
/* Waits until the query gives the value. */
bool house_wait_value(struct house *h, const char *sql, const char *wanted, int seconds);

/* ---- points (faulty_target.h) ---- */
/* Starts the worker so that it stops itself at the point with that number. */
void house_start_faulty(struct house *h, int stop_at);
/* Runs "migrate up" undisturbed and tells how many points there were. */
int house_count_points(struct house *h);
/* How far apart the points are that a run of the suite tries: CONFITURE_STRIDE, else what is given;
 * 1 tries all of them. */
int house_stride(int otherwise);

#endif
