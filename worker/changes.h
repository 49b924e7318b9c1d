#ifndef CONFITURE_WORKER_CHANGES_H
#define CONFITURE_WORKER_CHANGES_H

#include "shared/schema/diff.h"
#include "worker/job.h"

/*
 * What a run changes in the structure of a database: it is read before the first migration and
 * behind each, and what differs is told, as events and in records for the result. A structure that
 * cannot be read (a catalogue that this role may not see) is said as a warning, once, and then
 * nothing is told any more: the run goes on. Only what ends a run anyway (the connection, a cancel)
 * is an error.
 */
enum {
	CHANGES_ROOM = 192 * 1024,	/* bytes of the records of all single migrations */
	CHANGES_WHOLE_ROOM = 96 * 1024, /* of the record over all of them */
	CHANGES_EVENTS_MOST = 1000	/* changes of one migration that are told as events */
};

struct changes {
	struct job_run *run;
	struct schema_pool *pool;
	struct schema_model *first;	    /* before everything; NULL: not read */
	struct schema_model *before, *last; /* the newest migration's two sides */
	size_t once;			    /* bytes of one structure, with its texts */
	size_t room;
	const char *missing; /* why there is nothing to tell; NULL: there is */
};

void changes_init(struct changes *c, struct job_run *r);
void changes_fini(struct changes *c);

MUST_USE bool changes_start(struct changes *c, struct target *t, struct error *err);
/* A migration is through. *out is NULL when there is nothing to tell. */
MUST_USE bool changes_step(struct changes *c, struct target *t, const struct migration *m,
			   struct structural_diff **out, struct error *err);
/* Between the first reading and the newest one; NULL when there is nothing to tell. */
struct structural_diff *changes_whole(struct changes *c);
/* A last reading, and what differs from the first; *out is NULL when there is nothing to tell. */
MUST_USE bool changes_end(struct changes *c, struct target *t, struct structural_diff **out,
			  struct error *err);

/*
 * The structure as it is now against c->before, without a step: *same, and *out with what differs.
 * *known is false when there is nothing to tell.
 */
MUST_USE bool changes_back(struct changes *c, struct target *t, bool *known,
			   struct structural_diff **out, struct error *err);

#endif
