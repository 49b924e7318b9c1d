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
	{"holder", offsetof(struct own_names, holder)},
	{"index_pk", offsetof(struct own_names, index_pk)},
	{"index_slug", offsetof(struct own_names, index_slug)},
	{"index_version", offsetof(struct own_names, index_version)},
	{"index_applied_at", offsetof(struct own_names, index_applied_at)},
	{"applied_by", offsetof(struct own_names, applied_by)},
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

bool
own_batch(struct target_pg *t, const struct pg_statement *batch, size_t count, size_t wanted,
	  struct pg_rows **rows, struct error *err)
{
	bool ok = pg_batch(t->conn, batch, count, wanted, rows, err);

	arena_reset(&t->scratch);
	return ok || own_failed(t, err);
}

bool
own_run(struct target_pg *t, enum own_mode mode, const char *template, int count,
	const char *const *values, struct pg_rows **rows, struct error *err)
{
	struct pg_statement batch[4];
	size_t n = 0, wanted;

	bool inside = pg_transaction(t->conn) == PG_OPEN;
	if (mode == OWN_AS_OWNER || !inside)
		batch[n++] = (struct pg_statement){.sql = target_sql_guard_role};
	batch[n++] = (struct pg_statement){.sql = target_sql_guard};
	wanted = n;
	batch[n++] = (struct pg_statement){
		.sql = own_text(t, template), .count = count, .values = values};
	if (mode == OWN_PLAIN && inside)
		batch[n++] = (struct pg_statement){.sql = target_sql_guard_end};
	return own_batch(t, batch, n, wanted, rows, err);
}
