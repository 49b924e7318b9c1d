#ifndef CONFITURE_SQL_BODY_H
#define CONFITURE_SQL_BODY_H

#include <stdbool.h>

#include "shared/base/arena.h"
#include "shared/base/span.h"

/* Looking into text that nobody parses for us: bodies of DO and of functions, and statements that
 * the parser does not take. Comments do not count. */

/* The first word in it that drops advisory locks, in lower case, or NULL. Looks into string
 * constants too when `strings`: a body may run them with EXECUTE. */
const char *sql_body_unlocks(struct arena *arena, struct span body, bool strings);

/* Whether a PL/pgSQL body has COMMIT or ROLLBACK as a statement. `plpgsql` false: another
 * language, where the word anywhere is enough. */
bool sql_body_commits(struct span body, bool plpgsql);

/* A string constant without its quotes, whatever their form. */
struct span sql_body_inside(struct span quoted);

#endif
