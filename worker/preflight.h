#ifndef CONFITURE_WORKER_PREFLIGHT_H
#define CONFITURE_WORKER_PREFLIGHT_H

#include "worker/changes.h"
#include "worker/job.h"

/*
 * Preflight, inside worker/: static checks of the files, then (when asked) a replay of what is
 * pending on a database that may be tried upon. One struct carries the report while it grows.
 */
enum {
	PREFLIGHT_CHANGES = 20000,
	PREFLIGHT_STATEMENTS = 1000,
	PREFLIGHT_ISSUES = 5000,
	PREFLIGHT_DIFFS = 100 /* migrations whose own difference is told */
};

/* What a statement replaces or drops. */
struct preflight_object {
	struct sql_object object;
	const struct migration *migration;
	uint32_t line;
	size_t statement; /* counted over all migrations */
};

struct preflight {
	struct job_run *run;
	struct preflight_result *out;
	const struct migration **checked; /* the migrations this preflight is about, in order */
	struct body_plan *plans;	  /* of each; valid where `usable` */
	bool *usable;			  /* the file passed the first pass */
	size_t count;
	size_t issue_cap, change_cap;
	bool replica_findings;
	struct preflight_object *objects; /* with --check-dependents */
	size_t object_count, object_cap, statement_count;
	struct changes changes; /* while a replay goes on */
	bool incomplete;	/* something pending did not run in the replay */
	bool left_out;		/* --since left something out */
	int major;		/* of the replay's server, and who replayed */
	const char *role;
};

/* Adds an issue made from `err` and counts it in the summary by the severity of its code. */
void preflight_issue(struct preflight *p, const struct error *err);

/* Files: naming, pairing, first pass over the bodies, change set, findings for replicas. */
void preflight_static(struct preflight *p);

/* Keeps what the statement replaces or drops, when dependents are asked for. */
void preflight_note_objects(struct preflight *p, const struct migration *m,
			    const struct body_statement *st);
/* Asks the live database (without one, that of the replay) what depends on them. */
MUST_USE bool preflight_dependents(struct preflight *p, struct error *err);

/*
 * Runs everything on `t`, in one transaction that is rolled back (files outside transactions: see
 * options->allow_non_transactional). A migration that fails is an issue, not an error; false means
 * that the replay itself could not go on (connection, cancel).
 */
MUST_USE bool preflight_replay(struct preflight *p, struct target *t, struct error *err);

/* Behind a replay, its session closed: the structure that it came to against the schema files.
 * False when that ends the job. */
MUST_USE bool preflight_schema(struct preflight *p, const struct target_spec *server,
			       struct error *err);

/* What a replica, or an application that still runs its former version, notices of a change:
 * NULL when nothing, else the finding's code. */
const struct error_code *preflight_replica_finding(const struct sql_change *change);

#endif
