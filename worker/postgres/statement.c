/* Statements of migrations, and what the server remarks while they run. */
#include <string.h>

#include "worker/postgres/session.h"

#include "shared/base/banned.h"

void
statement_take_notice(void *self, const char *severity, const char *message, const char *detail)
{
	struct target_pg *t = self;

	if (t->notice_count == NOTICES_KEPT) {
		t->notice_dropped++;
		return;
	}
	if (t->notices == NULL)
		t->notices = arena_array(&t->notice_arena, NOTICES_KEPT, sizeof(*t->notices));
	t->notices[t->notice_count++] =
		arena_printf(&t->notice_arena, "%s: %.*s%s%.*s", severity, NOTICE_TEXT, message,
			     detail ? " — " : "", NOTICE_TEXT, detail ? detail : "");
}

size_t
statement_notices(struct target *target, struct arena *arena, const char ***out, size_t *dropped)
{
	struct target_pg *t = target_pg_of(target);
	size_t count = t->notice_count;

	*out = arena_array(arena, count + 1, sizeof(**out));
	for (size_t i = 0; i < count; i++)
		(*out)[i] = arena_str(arena, t->notices[i]);
	*dropped = t->notice_dropped;
	t->notices = NULL;
	t->notice_count = t->notice_dropped = 0;
	arena_reset(&t->notice_arena);
	return count;
}

/* ROLLBACK is also the tag of ROLLBACK TO SAVEPOINT, hence "may". */
static bool
may_have_begun_again(const char *tag)
{
	static const char *const tags[] = {"BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK",
					   "PREPARE TRANSACTION"};

	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		if (strcmp(tag, tags[i]) == 0)
			return true;
	}
	return false;
}

bool
statement_run(struct target *target, struct span sql, copy_source copy, void *copy_self,
	      struct arena *arena, struct run_result *out, struct error *err)
{
	struct target_pg *t = target_pg_of(target);
	struct pg_copy_source source = {.next = copy, .self = copy_self};
	struct pg_run_result r;

	*out = (struct run_result){.tag = ""};
	t->touched = true;
	if (!pg_run(t->conn, sql, copy ? &source : NULL, arena, &r, err)) {
		/* A migration that waited too long for a table's lock. */
		if (err != NULL && error_is(err, E_SQL_703))
			err->code = error_code(E_MIGR_010);
		return own_failed(t, err);
	}
	*out = (struct run_result){.tag = r.tag,
				   .rows = r.rows,
				   .has_value = r.has_value,
				   .value = r.value,
				   .type = r.type};
	own_watch(t, r.tag);
	t->begun_again = t->begun_again || may_have_begun_again(r.tag);
	return true;
}
