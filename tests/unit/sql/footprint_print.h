#ifndef CONFITURE_TESTS_UNIT_SQL_FOOTPRINT_PRINT_H
#define CONFITURE_TESTS_UNIT_SQL_FOOTPRINT_PRINT_H

#include <string.h>

#include "shared/base/text.h"
#include "shared/sql/footprint.h"
#include "tests/unit/sql/cases.h"

/* mode kind schema.name[.part] [aspect] and marks; implied ones in parentheses */
static inline void
print_access(struct text *out, struct arena *arena, const struct sql_access *a)
{
	text_printf(out, "%s%s %s", a->implied ? "(" : "", sql_mode_word(a->mode),
		    sql_access_text(arena, a));
	if (a->part != NULL && strcmp(a->part, "*") == 0)
		text_put(out, ".*");
	if (a->aspect != NULL)
		text_printf(out, " [%s]", a->aspect);
	if (a->tolerant || a->object_may_lack)
		text_put(out, "?");
	if (a->cascade)
		text_put(out, "!");
	if (a->guessed)
		text_put(out, "~");
	if (a->implied)
		text_put(out, ")");
}

static inline void
describe(struct arena *arena, struct span sql, struct text *out)
{
	struct sql_footprint f = {0};
	size_t shown = 0;

	sql_footprint_of(arena, sql, NULL, &f);
	for (size_t i = 0; i < f.count; i++) {
		if (f.items[i].own || f.items[i].kind == SQL_KIND_DEFAULT_PRIVILEGES)
			continue;
		text_put(out, shown++ > 0 ? " | " : "");
		print_access(out, arena, &f.items[i]);
	}
	for (size_t i = 0; i < f.opaque_count; i++)
		text_printf(out, "%sopaque: %s", shown++ > 0 ? " | " : "", f.opaques[i].reason);
}
#define CHECK_CASES(...) CHECK_SQL(describe, __VA_ARGS__)

#endif
