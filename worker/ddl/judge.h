#ifndef CONFITURE_WORKER_DDL_JUDGE_H
#define CONFITURE_WORKER_DDL_JUDGE_H

#include <stdbool.h>

#include "shared/base/span.h"

/*
 * What a loader of structure does with a statement: one table in judge.c, by the statement's words.
 * What the table does not know is run.
 */
enum ddl_way {
	DDL_RUN,
	DDL_LATE,    /* run when all else is there: event triggers would fire at it */
	DDL_STATE,   /* a setting: holds for the rest of its file */
	DDL_CONTROL, /* of transactions: every statement has one of its own here */
	DDL_DATA,    /* rows, not structure: passed over and counted */
	DDL_IDLE,    /* changes no structure: passed over */
	DDL_ROLES,   /* roles belong to the server: run only on one of our own */
	DDL_BEYOND   /* acts on the server or on other databases: passed over and noted */
};

enum ddl_flag {
	DDL_DROPS = 1,	     /* takes something away: its object is not waited for */
	DDL_LOCAL = 2,	     /* SET LOCAL: holds until the next COMMIT */
	DDL_CALLS = 4,	     /* runs code that may change settings */
	DDL_CONCURRENT = 8,  /* has the word CONCURRENTLY, which an empty table has no use for */
	DDL_SUBSCRIBES = 16, /* would connect to another server */
	DDL_COMMITS = 32,    /* ends a transaction */
	DDL_NOTED = 64	     /* passed over, and its author should know */
};

struct ddl_judgement {
	enum ddl_way way;
	unsigned flags;
	const char *known; /* the SQLSTATE that says "it is there", where an empty database has it
			    * already; NULL */
};

struct ddl_judgement ddl_judge(struct span sql);

#endif
