#ifndef CONFITURE_SQL_KEYWORDS_H
#define CONFITURE_SQL_KEYWORDS_H

#include "shared/sql/classify.h"

/* Judges a statement that the parser did not take by its leading words. `out` holds the defaults:
 * transactional, without a tag. */
void sql_judge_words(struct arena *arena, struct span statement, struct sql_facts *out);

#endif
