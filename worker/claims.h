#ifndef CONFITURE_WORKER_CLAIMS_H
#define CONFITURE_WORKER_CLAIMS_H

#include "shared/base/text.h"
#include "worker/planned.h"

/*
 * A file that is about to run, held against the claims of other agents. Its statements are gathered
 * while the first pass reads them, each on the line where it stands in the file, and the
 * coordinator judges them: it knows the claims, and parses text apart from itself.
 */
enum { CLAIMS_SQL_MAX = 1024 * 1024 };

struct claims {
	struct text sql;
	uint32_t line; /* at the end of `sql` */
	bool too_long; /* there is more than is judged */
};

void claims_init(struct claims *k);
void claims_fini(struct claims *k);
void claims_add(struct claims *k, const struct body_statement *st);
/* False with CLAIM_001 when another agent's claim stands against it. */
MUST_USE bool claims_ask(struct job_run *r, const struct claims *k, const struct planned_file *p,
			 struct text_list *warnings, struct error *err);

#endif
