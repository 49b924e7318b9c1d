#ifndef CONFITURE_COORDINATOR_STATE_PAGE_H
#define CONFITURE_COORDINATOR_STATE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/text.h"

/* What tables of states have in common: how their page of the documentation looks. */
struct state_row {
	const char *name;
	bool final;
	const char *meaning;
};
struct trigger_row {
	const char *name;
	const char *meaning;
};
struct transition_row {
	int from, trigger, to; /* rows of the two tables above */
	const char *words;
};

struct state_page {
	const char *title;
	const char *of;	   /* what the states are of: "job" */
	const char *entry; /* what makes one: "submit" */
	const struct state_row *states;
	size_t state_count; /* the first is where everything begins */
	const struct trigger_row *triggers;
	const struct transition_row *transitions;
	size_t transition_count;
};

/* A heading, a mermaid diagram and both tables. */
void state_page_print(struct text *out, const struct state_page *page);

#endif
