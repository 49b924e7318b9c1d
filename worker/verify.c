/*
 * Kind "verify": runs the .verify.sql file of applied migrations, each in a read-only transaction
 * that is rolled back. A file is one query; the first column of its first row must be true.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "worker/job.h"
#include "worker/kinds.h"
#include "worker/ledger_view.h"

#include "shared/base/banned.h"

struct only_query {
	uint32_t statements;
	const char *file;
};

/* First pass: one statement, and one that reads. */
static bool
check_query(void *self, const struct body_statement *st, struct error *err)
{
	struct only_query *q = self;

	q->statements++;
	if (st->facts.read_only_query && q->statements == 1)
		return true;
	error_set(err, E_VERIFY_001,
		  q->statements > 1 ? "%s has more than one statement"
				    : "%s is not a query that only reads",
		  q->file);
	error_at(err, q->file, st->piece.line, st->piece.column);
	return false;
}

static bool
is_true(const struct run_result *res)
{
	static const char *const words[] = {"t", "true", "yes", "1"};

	if (!res->has_value || res->value == NULL)
		return false;
	if (strcmp(res->type, "numeric") == 0)
		return strtod(res->value, NULL) != 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(res->value, words[i]) == 0)
			return true;
	}
	return false;
}

static bool
read_only(struct job_run *r, struct target *t, struct error *err)
{
	struct run_result ignored;

	return t->ops->run(t, span_str("SET TRANSACTION READ ONLY"), NULL, NULL, r->arena, &ignored,
			   err);
}

/* Runs the query of an already checked file; the transaction around it is the caller's. */
static bool
run_query(struct job_run *r, struct target *t, const char *file, const struct body_plan *plan,
	  struct run_result *out, struct error *err)
{
	struct body *body = body_open(r->bundles, file, plan, err);
	struct body_statement st;
	bool end = false;

	if (body == NULL)
		return false;
	bool ok = body_next(body, &st, &end, err) && !end;
	ok = ok && t->ops->run(t, st.piece.text, NULL, NULL, r->arena, out, err);
	if (!ok && err->at.column > 0) {
		uint32_t line, column;
		sql_piece_at_char(&st.piece, err->at.column, &line, &column);
		error_at(err, file, line, column);
	}
	body_close(body);
	return ok;
}

static bool
verify_file(struct job_run *r, struct target *t, const char *file, struct verify_row *row,
	    struct error *err)
{
	struct only_query q = {.file = file};
	struct run_result res = {0};
	struct body_plan plan;
	struct error failure = {0};

	if (!body_check(r->bundles, file, NULL, check_query, &q, &plan, err))
		return false;
	if (q.statements == 0)
		return error_set(err, E_VERIFY_001, "%s holds no statement", file);
	if (!t->ops->begin(t, err))
		return false;
	bool ran = read_only(r, t, &failure) && run_query(r, t, file, &plan, &res, &failure);
	if (!t->ops->rollback(t, err) || !t->ops->clean(t, err))
		return false;
	row->status = ran && is_true(&res) ? "verified" : "failed";
	row->actual_value = res.value;
	if (!ran)
		row->error = arena_printf(r->arena, "%s%s%s", failure.message,
					  failure.cause[0] ? ": " : "", failure.cause);
	else if (!res.has_value)
		row->error = "the query returned no row";
	return true;
}

static bool
verify_one(struct job_run *r, struct target *t, const struct ledger_row *row,
	   const struct migration *file, struct verify_result *out, struct error *err)
{
	struct verify_row *res = &out->results.items[out->results.count++];

	*res = (struct verify_row){.version = row->version, .name = row->name, .status = "no_file"};
	if (file == NULL || file->verify_file == NULL) {
		out->skipped_count++;
		return true;
	}
	res->verify_file = file->verify_file;
	if (!job_go_on(r, err) || !verify_file(r, t, file->verify_file, res, err))
		return false;
	if (strcmp(res->status, "verified") == 0)
		out->verified_count++;
	else
		out->failed_count++;
	return true;
}

/* In version order of the files, then rows without a file. */
static bool
verify_all(struct job_run *r, struct target *t, const struct ledger *ledger,
	   struct verify_result *out, struct error *err)
{
	struct ledger_view view;
	const char *only = r->options->version;

	ledger_view_build(r->arena, &r->migrations, ledger, &view);
	out->results.items =
		arena_array(r->arena, ledger->count + 1, sizeof(out->results.items[0]));
	for (size_t i = 0; i < r->migrations.count; i++) {
		const struct migration *m = &r->migrations.items[i];
		if (view.row_of[i] == NULL || (only != NULL && strcmp(only, m->version) != 0))
			continue;
		if (!verify_one(r, t, view.row_of[i], m, out, err))
			return false;
	}
	for (size_t i = 0; i < ledger->count; i++) {
		const struct ledger_row *row = &ledger->rows[i];
		if (view.file_of[i] != NULL || (only != NULL && strcmp(only, row->version) != 0))
			continue;
		if (!verify_one(r, t, row, NULL, out, err))
			return false;
	}
	if (only != NULL && out->results.count == 0)
		return error_set(err, E_MIGR_100, "version %s is not applied", only);
	return true;
}

bool
verify_run(struct job_run *r, struct any *result, int *exit_code, struct error *err)
{
	struct verify_result *out = arena_new(r->arena, struct verify_result);
	struct ledger ledger;
	struct target *t;

	*result = (struct any){&record_verify_result, out};
	if (!job_connect(r, NULL, &t, err))
		return false;
	bool ok = t->ops->ledger_read(t, r->arena, &ledger, err);
	out->ledger_present = ok && ledger.present;
	out->total_applied = ok ? (int64_t)ledger.count : 0;
	if (ok && !ledger.present)
		ok = error_set(err, E_PRECON_1001, "the tracking table does not exist");
	ok = ok && verify_all(r, t, &ledger, out, err);
	job_disconnect(r, t);
	*exit_code = out->failed_count > 0 ? error_code(E_MIGR_122)->exit_code : 0;
	return ok;
}
