/*
 * `confiture build --apply`: a fresh database in one transaction. The files are cut and judged
 * twice: once to refuse, while nothing has run, what cannot run here; once to run it. Statements
 * go to the server one by one, so an error has the place of the one that it is about.
 */
#include "cli/build_apply.h"

#include <stdlib.h>
#include <string.h>

#include "cli/safe.h"
#include "shared/base/parse.h"
#include "shared/pg/connection.h"
#include "shared/sql/classify.h"
#include "shared/sql/split.h"

#include "cli_sql.h"

#include "shared/base/banned.h"

/* ---- one file, cut ---- */

/* What is done with each statement. `wrapper`: it is the BEGIN or COMMIT around the whole file. */
struct cutting {
	const struct build_file *file;
	struct build_source source;
	struct sql_splitter *splitter;
	struct arena arena; /* of the statement at hand */
	struct sql_piece piece;
	struct sql_facts facts;
};

static void
cutting_open(struct cutting *c, const struct build_file *file)
{
	c->file = file;
	arena_init(&c->arena);
	c->splitter = sql_splitter_new(file->shown, build_source(&c->source, file));
}

static void
cutting_close(struct cutting *c)
{
	sql_splitter_free(c->splitter);
	arena_fini(&c->arena);
}

/* The splitter's errors are about migrations; their words and places are not. */
static bool
as_schema(struct error *err)
{
	if (err != NULL)
		err->code = error_code(E_SCHEMA_200);
	return false;
}

static bool
cutting_next(struct cutting *c, bool *end, struct error *err)
{
	if (!sql_splitter_next(c->splitter, &c->piece, end, err))
		return as_schema(err);
	arena_reset(&c->arena);
	if (!*end)
		sql_classify(&c->arena, c->piece.text, &c->facts);
	return true;
}

/* ---- before anything runs ---- */

/* BEGIN before all else and COMMIT after all else say what is done anyway. */
struct wrapper {
	bool opened, closed;
	uint32_t line, column;
};

static bool
refuse(const struct cutting *c, const char *why, const char *hint, struct error *err)
{
	error_set(err, E_SCHEMA_207, "%s:%u: %s %s", c->file->shown, c->piece.line, c->facts.tag,
		  why);
	error_at(err, c->file->shown, c->piece.line, c->piece.column);
	if (err != NULL)
		err->at.statement = c->piece.number;
	if (hint != NULL)
		error_hint(err, "%s", hint);
	return false;
}

static bool
refuse_control(const struct cutting *c, struct error *err)
{
	return refuse(c, "would end the transaction that all files run in, or begin another", NULL,
		      err);
}

static bool
check_statement(const struct cutting *c, struct wrapper *w, struct error *err)
{
	enum sql_transaction_control control = c->facts.control;

	if (w->closed)
		return refuse_control(c, err);
	if (control == SQL_BEGIN && c->piece.number == 1) {
		*w = (struct wrapper){
			.opened = true, .line = c->piece.line, .column = c->piece.column};
		return true;
	}
	if (control == SQL_COMMIT && w->opened) {
		w->closed = true;
		return true;
	}
	if (control != SQL_NO_CONTROL && control != SQL_SAVEPOINT)
		return refuse_control(c, err);
	if (c->facts.transactional)
		return true;
	bool index = c->facts.goal.kind == SQL_GOAL_INDEX_CREATED;
	return refuse(c, "cannot run in a transaction, and a build is one",
		      index ? "leave CONCURRENTLY out: nobody else works in a fresh database"
			    : NULL,
		      err);
}

static bool
check_file(const struct build_file *file, struct error *err)
{
	struct wrapper w = {0};
	struct cutting c;
	bool end = false, ok = true;

	cutting_open(&c, file);
	while (ok && !end) {
		ok = cutting_next(&c, &end, err);
		if (ok && !end)
			ok = check_statement(&c, &w, err);
	}
	cutting_close(&c);
	if (!ok || !w.opened || w.closed)
		return ok;
	error_set(err, E_SCHEMA_207, "%s:%u: BEGIN has no COMMIT at the end of its file",
		  file->shown, w.line);
	error_at(err, file->shown, w.line, w.column);
	return false;
}

bool
build_apply_check(struct cli *cli, const struct build *b, struct error *err)
{
	(void)cli;
	for (size_t i = 0; i < b->count; i++) {
		if (!check_file(&b->files[i], err))
			return false;
	}
	return true;
}

/* ---- the fresh database ---- */

struct applying {
	struct cli *cli;
	struct pg_conn *conn;
	int64_t statements;
	int64_t notices;
};

static bool
run_own(struct applying *a, const char *sql, struct pg_rows **rows, struct error *err)
{
	const struct pg_statement statement = {.sql = sql};

	return pg_batch(a->conn, &statement, 1, 0, rows, err);
}

static bool
take_lock(struct applying *a, struct error *err)
{
	struct pg_rows *rows = NULL;

	if (!run_own(a, cli_sql_build_lock, &rows, err))
		return false;
	bool held = pg_rows_bool(rows, 0, 0);
	pg_rows_free(rows);
	if (held)
		return true;
	error_set(err, E_LOCK_1300, "another run works in %s", pg_place(a->conn));
	error_hint(err, "run the same command again");
	return false;
}

static bool
see_that_it_is_empty(struct applying *a, struct error *err)
{
	struct pg_rows *rows = NULL;
	const char *names = "";

	if (!run_own(a, cli_sql_build_objects, &rows, err))
		return false;
	size_t count = pg_rows_count(rows);
	int64_t all = count > 0 ? pg_rows_int(rows, 0, 1, 0) : 0;
	for (size_t i = 0; i < count; i++) {
		const char *name = pg_rows_text(rows, i, 0);
		names = arena_printf(&a->cli->arena, "%s%s%s", names, i > 0 ? ", " : "",
				     name != NULL ? name : "?");
	}
	pg_rows_free(rows);
	if (count == 0)
		return true;
	return error_set(err, E_TARGET_006, "%s is not empty: %s%s", pg_place(a->conn), names,
			 all > (int64_t)count ? arena_printf(&a->cli->arena, " and %lld more",
							     (long long)(all - (int64_t)count))
					      : "");
}

static bool
begin(struct applying *a, struct error *err)
{
	return pg_script(a->conn, "BEGIN; SET LOCAL standard_conforming_strings = on", err) &&
	       take_lock(a, err) && see_that_it_is_empty(a, err);
}

/* ---- statements ---- */

static bool
next_data(void *self, struct span *data, struct error *err)
{
	return sql_splitter_copy(self, data, err);
}

/* The line of the row of COPY data that the server did not like; 0 = it was none. */
static uint32_t
copy_line(const struct cutting *c, const struct error *err)
{
	uint32_t first = c->piece.copy_data ? sql_splitter_copy_line(c->splitter) : 0;
	int64_t row;

	for (uint32_t i = 0; first > 0 && i < err->detail_count; i++) {
		if (strcmp(err->details[i].key, "copy_line") == 0 &&
		    parse_int(err->details[i].value, &row) && row > 0)
			return first + (uint32_t)row - 1;
	}
	return 0;
}

/* What the server said, in words of a build. A lost connection and the like say enough. */
static bool
tell(struct error *err, const char *shown, const char *tag, struct error_position at)
{
	const struct error said = *err;
	bool refused = error_is(&said, E_SQL_700) || error_is(&said, E_SQL_001);

	if (refused) {
		*err = (struct error){0};
		error_set(err, E_SCHEMA_205, "%s:%u: %s failed", shown, at.line,
			  tag[0] != '\0' ? tag : "the statement");
		error_cause(err, "%s", said.cause[0] != '\0' ? said.cause : said.message);
		memcpy(err->sqlstate, said.sqlstate, sizeof(err->sqlstate));
		memcpy(err->details, said.details, sizeof(err->details));
		err->detail_count = said.detail_count;
	}
	uint32_t statement = at.statement;
	error_at(err, shown, at.line, at.column);
	err->at.statement = statement;
	return false;
}

static bool
run_piece(struct applying *a, struct cutting *c, struct error *err)
{
	const struct pg_copy_source copy = {next_data, c->splitter};
	struct pg_run_result result;
	struct error why = {0};
	struct error_position at = {.statement = c->piece.number};

	a->statements++;
	if (pg_run(a->conn, c->piece.text, c->piece.copy_data ? &copy : NULL, &c->arena, &result,
		   &why))
		return true;
	sql_piece_at_char(&c->piece, why.at.column, &at.line, &at.column);
	uint32_t row = copy_line(c, &why);
	if (row > 0) {
		at.line = row;
		at.column = 0;
	}
	tell(&why, c->file->shown, c->facts.tag, at);
	if (err != NULL)
		*err = why;
	return false;
}

static bool
run_file(struct applying *a, const struct build_file *file, struct error *err)
{
	struct cutting c;
	bool end = false, ok = true;

	cutting_open(&c, file);
	while (ok && !end) {
		ok = cutting_next(&c, &end, err);
		bool wrapper = c.facts.control == SQL_BEGIN || c.facts.control == SQL_COMMIT;
		if (ok && !end && !wrapper)
			ok = run_piece(a, &c, err);
	}
	cutting_close(&c);
	return ok;
}

static bool
run_late(struct applying *a, const struct build_late *late, struct error *err)
{
	struct pg_run_result result;
	struct error why = {0};
	const struct error_position at = {.line = late->line, .column = late->column};

	a->statements++;
	if (pg_run(a->conn, span_str(late->sql), NULL, &a->cli->arena, &result, &why))
		return true;
	tell(&why, late->file->shown, "ALTER TABLE", at);
	if (err != NULL)
		*err = why;
	return false;
}

static bool
run_all(struct applying *a, const struct build *b, struct error *err)
{
	for (size_t i = 0; i < b->count; i++) {
		if (!run_file(a, &b->files[i], err))
			return false;
	}
	for (size_t i = 0; i < b->late_count; i++) {
		if (!run_late(a, &b->late[i], err))
			return false;
	}
	return true;
}

/* ---- the end ---- */

static bool
commit(struct applying *a, struct error *err)
{
	struct error why = {0};
	enum pg_commit fate = pg_commit(a->conn, &why);

	if (fate == PG_COMMITTED)
		return true;
	if (fate == PG_COMMIT_UNKNOWN) {
		error_set(err, E_JOB_003, "%s was lost at COMMIT: whether it is built is not known",
			  pg_place(a->conn));
		error_hint(err, "run the same command again: it builds, or says what is there");
		return false;
	}
	if (error_is(&why, E_SQL_700))
		why.code = error_code(E_SCHEMA_205);
	error_wrap(&why, "COMMIT failed");
	if (err != NULL)
		*err = why;
	return false;
}

/* Warnings of the server, as it says them; its remarks are left. */
static void
take_notice(void *self, const char *severity, const char *message, const char *detail)
{
	struct applying *a = self;
	enum { MOST = 20 };

	(void)detail;
	if (strcmp(severity, "WARNING") != 0 || ++a->notices > MOST)
		return;
	cli_warn(a->cli, "%s", message);
}

bool
build_apply(struct cli *cli, const struct build *b, struct secret url, struct build_applied *out,
	    struct error *err)
{
	struct applying a = {.cli = cli};
	const struct pg_open_options options = {.application_name = "confiture build",
						.notices = {take_notice, &a}};

	if (!pg_open(url, &options, &a.conn, err))
		return false;
	out->database = arena_str(&cli->arena, pg_place(a.conn));
	cli_note(cli, "applying to %s", cli_safe(cli, out->database));
	bool ok = begin(&a, err) && run_all(&a, b, err) && commit(&a, err);
	out->statements = a.statements;
	pg_close(a.conn); /* what was not committed goes with it */
	return ok;
}
