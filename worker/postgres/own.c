/*
 * Runs the statements of ours.
 *
 * A migration may set search_path and role to anything, and a role may come with a search_path in
 * which pg_catalog is not the first: there even "=" can be somebody else's. So each statement is
 * sent behind a guard that sets search_path for the (implicit or open) transaction, in the same
 * round trip; inside an open transaction the former value is put back behind it.
 */
#include <string.h>

#include "target_sql.h"
#include "worker/postgres/session.h"

#include "shared/base/banned.h"

/* {word} in a template -> member of struct own_names. */
static const struct {
	const char *word;
	size_t offset;
} words[] = {
	{"ledger", offsetof(struct own_names, ledger)},
	{"fence", offsetof(struct own_names, fence)},
	{"step", offsetof(struct own_names, step)},
	{"mark", offsetof(struct own_names, mark)},
	{"structure", offsetof(struct own_names, structure)},
	{"holder", offsetof(struct own_names, holder)},
	{"index_pk", offsetof(struct own_names, index_pk)},
	{"index_slug", offsetof(struct own_names, index_slug)},
	{"index_version", offsetof(struct own_names, index_version)},
	{"index_applied_at", offsetof(struct own_names, index_applied_at)},
};

static const char *
filling(const struct own_names *names, struct span word)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (span_is(word, words[i].word))
			return *(const char *const *)(const void *)((const char *)names +
								    words[i].offset);
	}
	return NULL;
}

const char *
own_text(struct target_pg *t, const char *template)
{
	struct text out;

	text_init(&out, 0);
	for (const char *at = template; *at != '\0';) {
		size_t plain = strcspn(at, "{");

		text_put_span(&out, span_of(at, plain));
		at += plain;
		if (*at == '\0')
			break;
		size_t len = strcspn(at, "}");
		const char *name = filling(&t->names, span_of(at + 1, len - 1));
		text_put(&out, name ? name : "");
		at += len + (at[len] == '}');
	}
	const char *filled = arena_str(&t->scratch, out.ptr);
	text_fini(&out);
	return filled;
}

bool
own_failed(struct target_pg *t, struct error *err)
{
	if (err != NULL && strcmp(err->sqlstate, "57014") == 0 && atomic_load(&t->cancel_asked)) {
		char cause[ERROR_TEXT];

		memcpy(cause, err->cause, sizeof(cause));
		error_set(err, E_JOB_004, "cancelled while a statement ran");
		error_cause(err, "%s", cause);
	}
	return false;
}

/* By template: what runs with every migration, and its name as a prepared statement. */
static const struct {
	const char *template, *name;
} hot[] = {
	{target_sql_guard_role, "confiture_guard_role"},
	{target_sql_guard, "confiture_guard"},
	{target_sql_begin_fenced, "confiture_begin"},
	{target_sql_step_insert, "confiture_insert"},
	{target_sql_step_delete, "confiture_delete"},
};

struct pg_statement
own_statement(struct target_pg *t, const char *template, int count, const char *const *values)
{
	for (size_t i = 0; t->prepared && i < ARRAY_LEN(hot); i++) {
		if (hot[i].template == template)
			return (struct pg_statement){.how = PG_EXECUTE,
						     .name = hot[i].name,
						     .count = count,
						     .values = values};
	}
	return (struct pg_statement){
		.sql = own_text(t, template), .count = count, .values = values};
}

/* Behind the guard, because a plan is made anew when it is run under another search_path. After a
 * foreign statement that may have dropped them, ours may still be there as well: their names are
 * free for certain only after the next clean(). */
void
own_prepare(struct target_pg *t)
{
	struct error ignored;
	struct pg_statement batch[ARRAY_LEN(hot) + 1] = {{.sql = target_sql_guard}};

	/* The guard ends with the transaction it is in: that must not be the migration's. */
	if (t->prepared || t->foreign_prepared || pg_transaction(t->conn) != PG_IDLE)
		return;
	for (size_t i = 0; i < ARRAY_LEN(hot); i++)
		batch[i + 1] = (struct pg_statement){.how = PG_PREPARE,
						     .name = hot[i].name,
						     .sql = own_text(t, hot[i].template)};
	t->prepared = own_batch(t, batch, ARRAY_LEN(batch), 0, NULL, &ignored);
}

bool
own_unprepared(struct target_pg *t, const struct error *err)
{
	bool gone = t->prepared && err != NULL && strcmp(err->sqlstate, "26000") == 0;

	t->prepared = t->prepared && !gone;
	return gone;
}

void
own_watch(struct target_pg *t, const char *tag)
{
	/* The last three can run anything within a function. */
	static const char *const tags[] = {
		"PREPARE", "DEALLOCATE", "DEALLOCATE ALL", "DISCARD ALL", "SELECT", "DO", "CALL"};

	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		if (strcmp(tag, tags[i]) == 0) {
			t->foreign_prepared = true;
			t->prepared = false;
		}
	}
}

bool
own_batch(struct target_pg *t, const struct pg_statement *batch, size_t count, size_t wanted,
	  struct pg_rows **rows, struct error *err)
{
	bool ok = pg_batch(t->conn, batch, count, wanted, rows, err);

	arena_reset(&t->scratch);
	return ok || own_failed(t, err);
}

static bool
run_once(struct target_pg *t, enum own_mode mode, const char *template, int count,
	 const char *const *values, struct pg_rows **rows, struct error *err)
{
	bool inside = pg_transaction(t->conn) == PG_OPEN;
	struct pg_statement batch[4];
	size_t n = 0, wanted;

	if (inside ? mode == OWN_AS_OWNER : t->touched)
		batch[n++] = own_statement(t, target_sql_guard_role, 0, NULL);
	batch[n++] = own_statement(t, target_sql_guard, 0, NULL);
	wanted = n;
	batch[n++] = own_statement(t, template, count, values);
	if (mode == OWN_PLAIN && inside)
		batch[n++] = (struct pg_statement){.sql = target_sql_guard_end};
	return own_batch(t, batch, n, wanted, rows, err);
}

bool
own_run(struct target_pg *t, enum own_mode mode, const char *template, int count,
	const char *const *values, struct pg_rows **rows, struct error *err)
{
	if (run_once(t, mode, template, count, values, rows, err))
		return true;
	return own_unprepared(t, err) && pg_transaction(t->conn) == PG_IDLE &&
	       run_once(t, mode, template, count, values, rows, err);
}

bool
own_texts(struct target_pg *t, const char *template, int count, const char *const *values,
	  struct arena *arena, const char ***texts, size_t *text_count, struct error *err)
{
	struct pg_rows *rows;

	if (!own_run(t, OWN_PLAIN, template, count, values, &rows, err))
		return false;
	*text_count = pg_rows_count(rows);
	*texts = arena_array(arena, *text_count + 1, sizeof(**texts));
	for (size_t i = 0; i < *text_count; i++)
		(*texts)[i] = arena_str(arena, pg_rows_text(rows, i, 0));
	pg_rows_free(rows);
	return true;
}
