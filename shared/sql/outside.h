#ifndef CONFITURE_SQL_OUTSIDE_H
#define CONFITURE_SQL_OUTSIDE_H

#include "shared/sql/classify.h"
#include "shared/sql/tree.h"

/* What PostgreSQL refuses inside a transaction block, and how each is settled after a crash: fills
 * `transactional`, `settle` and `goal`. The names of the goal are copied into `arena`. */
void sql_judge_outside(struct arena *arena, const PgQuery__Node *statement, struct sql_facts *out);

#endif
