/*
 * Kinds "status" and "current": what is applied and what is pending. They only read: no table is
 * made, no lock is taken, nothing is written anywhere.
 */
#include <stdlib.h>
#include <string.h>

#include "shared/schema/fingerprint.h"
#include "worker/job.h"
#include "worker/kinds.h"
#include "worker/ledger_view.h"

#include "shared/base/banned.h"

struct status_input {
	const char *tracking_table;
	struct ledger ledger;
	const char **partial; /* versions that are half-way, outside transactions */
	size_t partial_count;
	struct status_structure *structure; /* NULL: not asked for */
};

/* Two hashes: the one that the last run recorded, and that of now. They are compared only when the
 * ledger still holds what it held then. */
static bool
check_structure(struct job_run *r, struct target *t, struct status_structure **out,
		struct error *err)
{
	struct schema_pool *pool = schema_pool_new();
	struct schema_model *m;
	struct structure_note note;
	char fingerprint[SHA256_HEX];

	bool ok = t->ops->structure_noted(t, r->arena, &note, err) &&
		  t->ops->structure(t, pool, &m, err);
	if (ok) {
		schema_fingerprint(m, fingerprint);
		*out = RECORD_NEW(r->arena, status_structure);
		**out = (struct status_structure){
			.fingerprint = arena_str(r->arena, fingerprint),
			.recorded_fingerprint = note.present ? note.fingerprint : NULL,
			.recorded_at = note.present ? note.noted_at : NULL,
			.drift = "unknown",
		};
		if (note.present && note.current)
			(*out)->drift = strcmp(note.fingerprint, fingerprint) == 0 ? "no" : "yes";
	}
	schema_pool_free(pool);
	return ok;
}

static bool
read_target(struct job_run *r, struct status_input *in, struct error *err)
{
	struct target_spec spec;
	struct target *t;

	if (!r->directory->find(r->directory, r->spec->target, &spec, err))
		return false;
	in->tracking_table = spec.ledger;
	if (!job_connect(r, NULL, &t, err))
		return false;
	bool ok = t->ops->ledger_read(t, r->arena, &in->ledger, err);
	if (ok && in->ledger.present)
		ok = t->ops->marks_list(t, r->arena, &in->partial, &in->partial_count, err);
	if (ok && r->options->check_structure)
		ok = check_structure(r, t, &in->structure, err);
	job_disconnect(r, t);
	return ok;
}

static bool
is_partial(const struct status_input *in, const char *version)
{
	for (size_t i = 0; i < in->partial_count; i++) {
		if (strcmp(in->partial[i], version) == 0)
			return true;
	}
	return false;
}

static void
add_text(const char **items, size_t *count, const char *text)
{
	items[(*count)++] = text;
}

static int
by_version(const void *a, const void *b)
{
	const struct ledger_row *const *x = a, *const *y = b;

	return strcmp((*x)->version, (*y)->version);
}

/* Rows whose file is gone, in version order. */
static const struct ledger_row **
gone_rows(struct arena *arena, const struct ledger_view *v, size_t *count)
{
	const struct ledger_row **rows = arena_array(arena, v->ledger->count + 1, sizeof(*rows));

	*count = 0;
	for (size_t i = 0; i < v->ledger->count; i++) {
		if (v->file_of[i] == NULL)
			rows[(*count)++] = &v->ledger->rows[i];
	}
	qsort(rows, *count, sizeof(*rows), by_version);
	return rows;
}

static void
add_missing(struct status_result *out, const struct ledger_row *row)
{
	out->migrations.items[out->migrations.count++] =
		(struct status_migration){row->version, row->name, "missing", row->applied_at};
	add_text(out->applied.items, &out->applied.count, row->version);
}

static void
add_file(struct status_result *out, const struct status_input *in, const struct ledger_view *v,
	 size_t i)
{
	const struct migration *m = &v->set->items[i];
	const struct ledger_row *row = v->row_of[i];
	const char *status = row ? "applied" : is_partial(in, m->version) ? "partial" : "pending";

	out->migrations.items[out->migrations.count++] = (struct status_migration){
		m->version, m->name, status, row ? row->applied_at : NULL};
	if (row != NULL) {
		add_text(out->applied.items, &out->applied.count, m->version);
		out->current = m->version;
	} else {
		add_text(out->pending.items, &out->pending.count, m->version);
	}
}

/* In version order; applied rows whose file is gone stand where their version belongs. */
static void
list_migrations(struct arena *arena, struct status_result *out, const struct status_input *in,
		const struct ledger_view *v)
{
	size_t most = v->set->count + v->ledger->count, gone_count, next = 0;
	const struct ledger_row **gone = gone_rows(arena, v, &gone_count);

	out->migrations.items = arena_array(arena, most + 1, sizeof(out->migrations.items[0]));
	out->applied.items = arena_array(arena, most + 1, sizeof(char *));
	out->pending.items = arena_array(arena, most + 1, sizeof(char *));
	for (size_t i = 0; i < v->set->count; i++) {
		const char *version = v->set->items[i].version;
		for (; next < gone_count && strcmp(gone[next]->version, version) < 0; next++)
			add_missing(out, gone[next]);
		add_file(out, in, v, i);
	}
	for (; next < gone_count; next++)
		add_missing(out, gone[next]);
}

static void
add_hint(struct arena *arena, struct status_result *out, const char *code, const char *message)
{
	if (out->hints.items == NULL)
		out->hints.items = arena_array(arena, 8, sizeof(out->hints.items[0]));
	out->hints.items[out->hints.count++] = (struct hint){code, message};
}

static void
list_hints(struct arena *arena, struct status_result *out, const struct status_input *in,
	   const struct ledger_view *v)
{
	size_t gone;

	gone_rows(arena, v, &gone);
	if (!in->ledger.present)
		add_hint(arena, out, "LEDGER_ABSENT",
			 "the tracking table does not exist here; adopt the database with: "
			 "confiture "
			 "migrate baseline --through VERSION");
	if (in->ledger.present && in->ledger.count > 0 && v->set->count == 0)
		add_hint(arena, out, "NO_FILES",
			 "the ledger has rows but the migrations directory has no files: is it the "
			 "right directory?");
	else if (gone > 0)
		add_hint(arena, out, "FILES_GONE",
			 arena_printf(arena, "%zu applied migration(s) have no file here", gone));
	if (in->partial_count > 0)
		add_hint(arena, out, "PARTIAL",
			 "a migration outside transactions was cut half-way; confiture migrate up "
			 "goes "
			 "on where it stopped");
}

bool
status_run(struct job_run *r, struct any *result, int *exit_code, struct error *err)
{
	struct status_input in = {0};
	struct ledger_view view;
	struct status_result *out = arena_new(r->arena, struct status_result);

	if (!read_target(r, &in, err))
		return false;
	ledger_view_build(r->arena, &r->migrations, &in.ledger, &view);
	out->tracking_table = in.tracking_table;
	out->resolved_table = in.ledger.resolved;
	out->ledger_present = in.ledger.present;
	out->structure = in.structure;
	list_migrations(r->arena, out, &in, &view);
	migration_set_problems(r->arena, &r->migrations, out);
	list_hints(r->arena, out, &in, &view);
	out->total = (int64_t)out->migrations.count;
	out->summary = arena_new(r->arena, struct status_summary);
	*out->summary = (struct status_summary){(int64_t)out->applied.count,
						(int64_t)out->pending.count, out->total};
	if (r->migrations.duplicate_count > 0)
		out->warning = "two files have the same version; migrate up refuses them";
	*result = (struct any){&record_status_result, out};
	*exit_code = !in.ledger.present ? 2 : out->pending.count > 0 ? 1 : 0;
	return true;
}

bool
current_run(struct job_run *r, struct any *result, int *exit_code, struct error *err)
{
	struct status_input in = {0};
	struct current_result *out = arena_new(r->arena, struct current_result);

	if (!read_target(r, &in, err))
		return false;
	if (!in.ledger.present)
		return error_set(err, E_PRECON_1001, "the tracking table %s does not exist",
				 in.tracking_table);
	if (in.ledger.count > 0) {
		const struct ledger_row *row = &in.ledger.rows[in.ledger.count - 1];
		*out = (struct current_result){row->version, row->name, row->applied_at,
					       row->checksum};
	}
	*result = (struct any){&record_current_result, out};
	*exit_code = 0;
	return true;
}
