#ifndef CONFITURE_WORKER_PLANNED_H
#define CONFITURE_WORKER_PLANNED_H

#include "worker/changes.h"
#include "worker/job.h"

/* What up and down have in common: a list of files, checked as a whole before any of it runs, then
 * run one by one. */
struct planned_file {
	const struct migration *migration;
	const char *file; /* its up or down file */
	enum ledger_change change;
	struct body_plan body; /* after planned_check() */
};

struct planned {
	const char *direction; /* "up" or "down" */
	struct planned_file *items;
	size_t count;
	struct planned_migration *docs; /* of each, for dry runs; NULL = not wanted */
	struct target *holder;		/* the session that holds the lock; NULL = none */
	struct changes *changes;	/* started: tells what each changes; NULL = not wanted */
};

/* A list of texts that grows in the job's arena, as records have them. */
struct text_list {
	const char **items;
	size_t count, cap;
};
void text_list_add(struct arena *arena, struct text_list *list, const char *text);
/* Adds the text, and says it at once as an event. */
void planned_warn(struct job_run *r, struct text_list *list, const char *text);

/*
 * The first pass over every file: refuses what must not run before anything runs, and fills `body`
 * and, where wanted, `docs` (up to 1000 statements a file). Files outside transactions are refused
 * under --no-lock (MIGR_115), and files that meet a claim of another agent (CLAIM_001). While it
 * lasts the holder says that it is alive: a session that sits idle for longer than a lease may be
 * ended by the next run.
 */
MUST_USE bool planned_check(struct job_run *r, struct planned *plan, struct text_list *warnings,
			    struct error *err);

/* Runs all, in order; stops at the first that fails. What it did is added behind done[0 …
 * *done_count) and is settled, also when this is false. */
MUST_USE bool planned_run(struct job_run *r, struct target *t, const struct planned *plan,
			  struct applied_migration *done, size_t *done_count, struct error *err);

/*
 * Runs all in one transaction that is always rolled back, and fills durations and rows of `docs`.
 * Files outside transactions are not run, which is said in `warnings`.
 */
MUST_USE bool planned_rehearse(struct job_run *r, struct target *t, const struct planned *plan,
			       struct text_list *warnings, struct error *err);

#endif
