/*
 * Cuts a migration file into statements while it streams by. Three layers: the window holds bytes,
 * the scanner finds tokens, the statement knows which semicolon ends it. Here they come together,
 * with COPY data, positions and the errors that a file can have.
 */
#include "shared/sql/split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/sql/scan.h"
#include "shared/sql/statement.h"
#include "shared/sql/utf8.h"
#include "shared/sql/window.h"

#include "shared/base/banned.h"

struct sql_splitter {
	struct sql_window w;
	uint32_t number;
	bool psql;		      /* lines of psql's own are passed over */
	bool copying;		      /* the data of a COPY follow */
	bool copy_started;	      /* the rest of the COPY's own line is passed */
	uint32_t copy_line;	      /* where the data of the last COPY begin; 0 = none was read */
	struct sql_commands commands; /* who is told of commands of psql; `seen` may be NULL */
	char name[256];
};

struct sql_splitter *
sql_splitter_new(const char *name, struct sql_source source)
{
	struct sql_splitter *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	window_init(&s->w, source);
	snprintf(s->name, sizeof(s->name), "%s", name ? name : "");
	return s;
}

void
sql_splitter_free(struct sql_splitter *s)
{
	if (s == NULL)
		return;
	window_fini(&s->w);
	free(s);
}

void
sql_splitter_allow_psql(struct sql_splitter *s)
{
	s->psql = true;
}

/* ---- errors ---- */

static bool
placed(struct sql_splitter *s, struct sql_place at, struct error *err)
{
	error_at(err, s->name, at.line, at.column);
	if (err != NULL)
		err->at.statement = s->copying ? s->number : s->number + 1;
	return false;
}

static bool
placed_at(struct sql_splitter *s, uint64_t offset, struct error *err)
{
	return placed(s, window_place(&s->w, offset), err);
}

static bool
failed(struct sql_splitter *s, struct error *err)
{
	struct sql_window *w = &s->w;

	switch (w->fault) {
	case FAULT_READ:
		if (err != NULL)
			*err = w->read_error;
		return false;
	case FAULT_NUL:
		error_set(err, E_MIGR_108, "%s: a NUL byte is no text", s->name);
		return placed_at(s, w->base + w->len, err);
	case FAULT_UTF8:
		error_set(err, E_MIGR_108, "%s: byte 0x%02x is not UTF-8", s->name,
			  (unsigned char)w->buf[w->len]);
		return placed_at(s, w->base + w->len, err);
	default:
		error_set(err, E_MIGR_110, "%s: a %s has more than %d MiB", s->name,
			  s->copying ? "line of COPY data" : "statement",
			  SQL_STATEMENT_LIMIT / (1024 * 1024));
		return placed_at(s, w->base + w->keep, err);
	}
}

static bool
not_closed(struct sql_splitter *s, const char *what, struct sql_place at, struct error *err)
{
	error_set(err, E_MIGR_109, "%s: the file ends inside %s", s->name, what);
	return placed(s, at, err);
}

/* ---- statements ---- */

static void
skip_bom(struct sql_window *w)
{
	if (window_offset(w) != 0 || window_peek(w, 0) != 0xef || window_peek(w, 1) != 0xbb ||
	    window_peek(w, 2) != 0xbf)
		return;
	w->pos += 3;
	w->marked = w->base + w->pos;
}

/* At the end of the text: whether all that was opened is closed. */
static bool
ended(struct sql_splitter *s, const struct statement *st, struct error *err)
{
	if (s->w.fault != FAULT_NONE)
		return failed(s, err);
	if (st->parens > 0)
		return not_closed(s, "a parenthesis", window_place(&s->w, st->paren_at), err);
	if (st->block)
		return not_closed(s, "BEGIN ATOMIC", window_place(&s->w, st->block_at), err);
	return true;
}

static bool
refuse_backslash(struct sql_splitter *s, uint64_t offset, struct error *err)
{
	struct sql_window *w = &s->w;
	size_t len = 1;

	while (len < 32 && window_peek(w, len) > ' ')
		len++;
	while (len > 1 && w->pos + len < w->len &&
	       ((unsigned char)w->buf[w->pos + len] & 0xc0) == 0x80)
		len--;
	error_set(err, E_MIGR_111, "%s: \"%.*s\" is a command of psql, not SQL", s->name, (int)len,
		  w->buf + w->pos);
	return placed_at(s, offset, err);
}

static void
pass_line(struct sql_window *w)
{
	for (int c; (c = window_peek(w, 0)) != '\n' && c != WINDOW_END;)
		w->pos++;
}

/* From the first token of a statement to the semicolon that ends it, or the end of the text.
 * *size = without what trails. */
static bool
pass_statement(struct sql_splitter *s, struct statement *st, size_t *size, struct error *err)
{
	struct sql_window *w = &s->w;
	struct scan_token token;

	for (;;) {
		enum scan_kind next = scan_trivia(w, &token);
		if (next == SCAN_OTHER) {
			scan_token(w, &token);
			next = token.kind;
		}
		if (next == SCAN_END)
			return ended(s, st, err);
		if (next == SCAN_UNCLOSED)
			return not_closed(s, token.what, window_place(w, token.offset), err);
		if (next == SCAN_BACKSLASH && !s->psql)
			return refuse_backslash(s, token.offset, err);
		if (next == SCAN_BACKSLASH) {
			pass_line(w);
			continue;
		}
		if (statement_take(st, &token))
			return true;
		*size = w->pos - w->keep;
	}
}

void
sql_splitter_pass_commands(struct sql_splitter *s, struct sql_commands commands)
{
	s->commands = commands;
}

/* The cursor is at a backslash, and nothing is held. */
static void
pass_command(struct sql_splitter *s)
{
	struct sql_window *w = &s->w;
	uint32_t line = window_place(w, window_offset(w)).line;
	char text[SQL_COMMAND_SHOWN];
	size_t len = 0, good;
	int c;

	while ((c = window_peek(w, 0)) != '\n' && c != '\r' && c != WINDOW_END) {
		if (len < sizeof(text))
			text[len++] = (char)c;
		w->pos++;
	}
	(void)utf8_check(text, len, &good);
	if (s->commands.seen != NULL)
		s->commands.seen(s->commands.self, span_of(text, good), line);
}

/* Passes what lies between statements. *found: a token follows. */
static bool
pass_between(struct sql_splitter *s, bool *found, struct error *err)
{
	struct scan_token token;
	enum scan_kind next = scan_trivia(&s->w, &token);

	if (next == SCAN_UNCLOSED)
		return not_closed(s, token.what, token.place, err);
	if (next == SCAN_END && s->w.fault != FAULT_NONE)
		return failed(s, err);
	*found = next == SCAN_OTHER;
	return true;
}

static bool
finish_copy(struct sql_splitter *s, struct error *err)
{
	struct span data;

	while (s->copying) {
		if (!sql_splitter_copy(s, &data, err))
			return false;
	}
	return true;
}

static void
fill_piece(struct sql_splitter *s, const struct statement *st, struct sql_place at, size_t size,
	   struct sql_piece *piece)
{
	struct sql_window *w = &s->w;

	s->copying = st->copy_data;
	s->copy_started = false;
	*piece = (struct sql_piece){
		.text = span_of(w->buf + w->keep, size),
		.offset = w->base + w->keep,
		.line = at.line,
		.column = at.column,
		.number = ++s->number,
		.copy_data = st->copy_data,
	};
}

bool
sql_splitter_next(struct sql_splitter *s, struct sql_piece *piece, bool *end, struct error *err)
{
	struct sql_window *w = &s->w;

	if (!finish_copy(s, err))
		return false;
	window_release(w);
	skip_bom(w);
	for (;;) {
		struct statement st = {0};
		size_t size = 0;
		bool found = false;

		window_release(w);
		if (!pass_between(s, &found, err))
			return false;
		*end = !found;
		if (!found)
			return true;
		if ((s->psql || s->commands.seen != NULL) && window_peek(w, 0) == '\\') {
			pass_command(s);
			continue;
		}
		window_hold(w);
		struct sql_place at = window_place(w, window_offset(w));
		if (!pass_statement(s, &st, &size, err))
			return false;
		if (w->pos - w->keep > SQL_STATEMENT_LIMIT) {
			w->fault = FAULT_LARGE;
			return failed(s, err);
		}
		if (size > 0) {
			fill_piece(s, &st, at, size, piece);
			return true;
		}
	}
}

/* ---- COPY data ---- */

/* The data begin on the line after the COPY. psql would run what else stands on that line after the
 * data; nobody writes that on purpose. */
static bool
start_copy(struct sql_splitter *s, struct error *err)
{
	struct sql_window *w = &s->w;
	int c;

	s->copy_started = true;
	while ((c = window_peek(w, 0)) == ' ' || c == '\t' || c == '\f' || c == '\r')
		w->pos++;
	if (c == '-' && window_peek(w, 1) == '-') {
		pass_line(w);
		c = window_peek(w, 0);
	}
	if (c != '\n' && c != WINDOW_END) {
		error_set(err, E_MIGR_102,
			  "%s: something follows COPY … FROM stdin on its line, where the data "
			  "have to begin on the next",
			  s->name);
		return placed_at(s, window_offset(w), err);
	}
	if (c == '\n')
		w->pos++;
	s->copy_line = window_place(w, window_offset(w)).line;
	return true;
}

static bool
closes_copy(const char *line, size_t len)
{
	if (len > 0 && line[len - 1] == '\n')
		len--;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	return len == 2 && line[0] == '\\' && line[1] == '.';
}

/* Takes lines that lie in the window whole. *got = their bytes; *closed when "\\." followed them,
 * which is passed too. `last`: no more will come, so the rest is a line as well. The first `seen`
 * bytes are known to have no line's end. */
static void
take_lines(struct sql_window *w, size_t seen, bool last, size_t *got, bool *closed)
{
	size_t at = w->pos;

	*got = 0;
	while (at < w->len && !*closed) {
		const char *line = w->buf + at;
		const char *nl = memchr(line + seen, '\n', w->len - at - seen);
		if (nl == NULL && !last)
			break;
		size_t size = nl != NULL ? (size_t)(nl - line) + 1 : w->len - at;
		*closed = closes_copy(line, size);
		at += size;
		seen = 0;
		if (!*closed)
			*got += size;
	}
	w->pos = at;
}

bool
sql_splitter_copy(struct sql_splitter *s, struct span *data, struct error *err)
{
	struct sql_window *w = &s->w;
	bool closed = false, last = false;
	size_t got = 0, seen = 0;

	*data = span_of(NULL, 0);
	if (!s->copying)
		return true;
	window_release(w);
	if (!s->copy_started && !start_copy(s, err))
		return false;
	window_hold(w);
	for (;;) {
		take_lines(w, seen, last, &got, &closed);
		if (got > 0 || closed || last)
			break;
		seen = w->len - w->pos;
		last = !window_fill(w);
		if (w->fault != FAULT_NONE || w->len - w->pos > SQL_STATEMENT_LIMIT) {
			w->fault = w->fault == FAULT_NONE ? FAULT_LARGE : w->fault;
			return failed(s, err);
		}
	}
	*data = span_of(w->buf + w->keep, got);
	if (closed || got == 0)
		s->copying = false;
	return true;
}

uint32_t
sql_splitter_copy_line(const struct sql_splitter *s)
{
	return s->copy_line;
}
