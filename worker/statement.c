/*
 * Running one statement of a file, and turning what the server says about it into what the author
 * of the file needs: file, line, column.
 */
#include <stdio.h>
#include <string.h>

#include "shared/base/parse.h"
#include "worker/execution.h"

#include "shared/base/banned.h"

enum { SLOW_MS = 500, PROGRESS_MS = 1000, NOTICES_MOST = 200, WHERE_TEXT = 400 };

struct job_event
execution_event(const struct execution *x, const char *kind)
{
	struct job_event event = JOB_EVENT(kind);

	event.version = x->req->migration->version;
	event.name = x->req->migration->name;
	event.file = x->req->file;
	return event;
}

static void
emit_statement(struct execution *x, const struct body_statement *st, const char *kind,
	       int64_t duration_ms, int64_t rows)
{
	struct job_event event = execution_event(x, kind);

	event.line = st->piece.line;
	event.statement = st->piece.number;
	event.tag = st->facts.tag;
	event.duration_ms = duration_ms;
	event.rows = rows;
	job_emit(x->run, &event);
	x->said_ms = runtime_boot_ms(x->run->rt);
}

static void
emit_notice(struct execution *x, const struct body_statement *st, const char *words)
{
	struct job_event event = execution_event(x, "notice");

	event.line = st->piece.line;
	event.statement = st->piece.number;
	event.message = words;
	job_emit(x->run, &event);
}

/* A file can raise a notice a row; the stream of events is for people. */
static void
pass_notices(struct execution *x, const struct body_statement *st)
{
	const char **items;
	size_t dropped = 0;
	size_t count = x->target->ops->notices(x->target, &x->scratch, &items, &dropped);

	for (size_t i = 0; i < count; i++) {
		if (x->notices++ < NOTICES_MOST)
			emit_notice(x, st, items[i]);
		else if (x->notices == NOTICES_MOST + 1)
			emit_notice(x, st, "(further notices of this file are left out)");
	}
	if (dropped > 0 && x->notices < NOTICES_MOST)
		emit_notice(
			x, st,
			arena_printf(&x->scratch, "(%zu more notices of this statement)", dropped));
}

static bool
feed_copy(void *self, struct span *data, struct error *err)
{
	return body_copy(self, data, err);
}

/* Which of our codes an error of the target gets, when it is not already one that says more. */
static bool
says_enough(const struct error *err)
{
	static const enum error_id kept[] = {
		E_TARGET_001, E_TARGET_002, E_TARGET_003, E_TARGET_004, E_TARGET_005, E_JOB_003,
		E_JOB_004,    E_LOCK_1301,  E_LOCK_1302,  E_MIGR_107,	E_CONFIG_006, E_POOL_1200,
	};

	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		if (error_is(err, kept[i]))
			return true;
	}
	return false;
}

/* The new error keeps what the server said. */
static bool
recode(struct execution *x, const char *what, struct error *err)
{
	struct error server = *err;
	bool waited = strcmp(server.sqlstate, "55P03") == 0;

	error_set(err, waited ? E_MIGR_010 : E_MIGR_001, "migration %s_%s failed: %s",
		  x->req->migration->version, x->req->migration->name, what);
	snprintf(err->cause, sizeof(err->cause), "%s",
		 server.cause[0] != '\0' ? server.cause : server.message);
	snprintf(err->hint, sizeof(err->hint), "%s", server.hint);
	snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", server.sqlstate);
	memcpy(err->details, server.details, sizeof(err->details));
	err->detail_count = server.detail_count;
	err->retryable = waited || server.retryable;
	return false;
}

static void
place(struct execution *x, struct error *err)
{
	snprintf(err->migration, sizeof(err->migration), "%s", x->req->migration->version);
}

/* The line of the file that holds the row of COPY data which the server did not like; 0 = it was
 * not about a row. */
static uint32_t
copy_row(const struct execution *x, const struct body_statement *st, const struct error *err)
{
	uint32_t first = st->piece.copy_data && x->body ? body_copy_line(x->body) : 0;
	int64_t row;

	for (uint32_t i = 0; first > 0 && i < err->detail_count; i++) {
		const struct error_detail *d = &err->details[i];
		if (strcmp(d->key, "copy_line") == 0 && parse_int(d->value, &row) && row > 0)
			return first + (uint32_t)row - 1;
	}
	return 0;
}

/* Where in the file it is, and in words. */
static void
locate(const struct execution *x, const struct body_statement *st, const struct error *err,
       struct error_position *at, char what[WHERE_TEXT])
{
	char column[16] = "";

	sql_piece_at_char(&st->piece, err->at.column, &at->line, &at->column);
	uint32_t row = copy_row(x, st, err);
	if (row > 0) {
		at->line = row;
		at->column = 0;
	} else {
		snprintf(column, sizeof(column), ":%u", at->column);
	}
	snprintf(what, WHERE_TEXT, "%s:%u%s, statement %u (%s)", x->req->file, at->line, column,
		 st->piece.number, st->facts.tag);
}

bool
execution_failed_at(struct execution *x, const struct body_statement *st, struct error *err)
{
	struct error_position at = {0};
	char what[WHERE_TEXT];

	place(x, err);
	/* The file itself could not be read on: it says where. */
	if (err->at.file[0] != '\0')
		return false;
	locate(x, st, err, &at, what);
	job_failed(x->run, err);
	if (says_enough(err))
		error_wrap(err, "migration %s_%s, %s", x->req->migration->version,
			   x->req->migration->name, what);
	else
		recode(x, what, err);
	error_at(err, x->req->file, at.line, at.column);
	err->at.statement = st->piece.number;
	place(x, err);
	return false;
}

bool
execution_failed(struct execution *x, const char *what, struct error *err)
{
	job_failed(x->run, err);
	if (says_enough(err))
		error_wrap(err, "migration %s_%s, %s", x->req->migration->version,
			   x->req->migration->name, what);
	else if (err->at.file[0] == '\0')
		recode(x, what, err);
	if (err->at.file[0] == '\0')
		error_at(err, x->req->file, 0, 0);
	place(x, err);
	return false;
}

static void
ran(struct execution *x, const struct body_statement *st, const struct run_result *res, uint64_t ns,
    bool tell)
{
	int64_t rows = st->facts.counts_rows ? res->rows : 0;
	int64_t ms = (int64_t)(ns / NS_PER_MS);

	x->out->rows += rows;
	x->out->statements++;
	if (x->req->on_statement != NULL)
		x->req->on_statement(x->req->self, st, (int64_t)ns, rows);
	if (tell || x->run->options->verbose || ms >= SLOW_MS)
		emit_statement(x, st, "statement", ms, rows);
	else if (runtime_boot_ms(x->run->rt) >= x->said_ms + PROGRESS_MS)
		emit_statement(x, st, "progress", INT_NULL, INT_NULL);
}

bool
execution_statement(struct execution *x, const struct body_statement *st, bool tell,
		    struct error *err)
{
	struct target *t = x->target;
	struct body_statement own = *st;
	struct run_result res = {0};

	if (!job_go_on(x->run, err))
		return execution_failed_at(x, st, err);
	/* Reading the data moves the window that the text lies in. */
	if (own.piece.copy_data)
		own.piece.text.ptr =
			arena_bytes(&x->scratch, own.piece.text.ptr, own.piece.text.len);
	uint64_t start = runtime_boot_ns(x->run->rt);
	bool ok = t->ops->run(t, own.piece.text, own.piece.copy_data ? feed_copy : NULL, x->body,
			      &x->scratch, &res, err);
	uint64_t ns = runtime_boot_ns(x->run->rt) - start;
	pass_notices(x, &own);
	if (ok)
		ran(x, &own, &res, ns, tell);
	else
		execution_failed_at(x, &own, err);
	arena_reset(&x->scratch);
	return ok;
}
