#ifndef CONFITURE_COORDINATOR_JOURNAL_IMAGE_H
#define CONFITURE_COORDINATOR_JOURNAL_IMAGE_H

#include "coordinator/journal/query.h"

/*
 * Rows as they are after a change, in the body of the event that tells of it: [[kind, key, rows],
 * …]. Jobs, workers, targets, tokens, intents and claims can be made anew from these alone; but not
 * the text of an intent's statements, which is in its row and in no event.
 */
MUST_USE bool image_body(struct journal *j, const struct audit_image *images, size_t count,
			 struct text *out, struct error *err);
/* An event for everything that `keys` finds, and that is there without one: the journal was made
 * before such events had bodies. */
MUST_USE bool image_all(struct journal *j, const char *keys, struct error *err);
/* Puts one step of a body in the place of what has its key. */
MUST_USE bool image_put(struct journal *j, const char *kind, const char *key, const char *rows,
			struct error *err);

#endif
