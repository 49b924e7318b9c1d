#ifndef CONFITURE_TESTS_SQL_FEED_H
#define CONFITURE_TESTS_SQL_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/span.h"
#include "shared/base/text.h"
#include "shared/sql/split.h"

/* Bytes in memory as a source that gives at most `step` of them a read; after `fail_after` bytes
 * (0: never) reading fails. */
struct sql_feed {
	struct span bytes;
	size_t step;
	size_t fail_after;
	size_t at;
};
struct sql_source sql_feed_source(struct sql_feed *feed);

/*
 * What the splitter makes of `bytes`, as one text: statements joined by " | ", each COPY followed
 * by its data in angle brackets, an error as !CODE@line:column at the end. With `places`, every
 * statement begins with number@line:column+offset.
 */
void sql_feed_print(struct span bytes, size_t step, bool places, struct text *out);

#endif
