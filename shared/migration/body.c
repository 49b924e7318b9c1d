/*
 * The statements of one migration file. The file is read twice: once to refuse what must not run
 * while nothing has run yet, once to run it; the hash proves that both times it was the same file.
 * Nothing is kept between statements, so a file may be of any size.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/digest/digest.h"
#include "shared/migration/migration.h"

#include "shared/base/banned.h"

enum { READ_CHUNK = 4096, CONTROL_TEXT = 32 };

/* An open file: its bytes go through here to the splitter and are hashed on the way. */
struct reader {
	struct bundle_source *source;
	const char *name;
	struct sql_source file;
	struct sha256 sum;
	struct text lead; /* the first bytes, for directives before the first statement */
	struct sql_splitter *splitter;
	struct arena arena; /* of the statement at hand */
};

struct place {
	uint32_t line, column, statement;
};

struct check {
	struct reader r;
	struct body_plan plan;
	bool opened, closed; /* a BEGIN that may be a wrapper, and its COMMIT */
	struct place opened_at, closed_at;
	struct place savepoint; /* the first one; statement 0 = none */
	struct place outside;	/* the first statement outside transactions */
};

struct body {
	struct reader r;
	struct body_plan plan;
	uint32_t given;
	bool at_begin; /* the wrapper's BEGIN is still to come */
};

static bool
pass_bytes(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct reader *r = self;

	if (!r->file.read(r->file.self, buf, size, got, err))
		return false;
	sha256_add(&r->sum, buf, *got);
	text_put_span(&r->lead, span_of(buf, *got));
	return true;
}

static bool
reader_open(struct reader *r, struct bundle_source *source, const char *name, struct error *err)
{
	if (!source->ops->open(source, name, &r->file, err))
		return false;
	r->source = source;
	r->name = name;
	sha256_init(&r->sum);
	text_init(&r->lead, BODY_LEAD_BYTES);
	arena_init(&r->arena);
	r->splitter = sql_splitter_new(name, (struct sql_source){pass_bytes, r});
	return true;
}

static void
reader_close(struct reader *r)
{
	sql_splitter_free(r->splitter);
	arena_fini(&r->arena);
	text_fini(&r->lead);
	r->source->ops->close(r->source, &r->file);
}

static bool
reader_next(struct reader *r, struct body_statement *out, bool *end, struct error *err)
{
	if (!sql_splitter_next(r->splitter, &out->piece, end, err))
		return false;
	if (*end)
		return true;
	arena_reset(&r->arena);
	sql_classify(&r->arena, out->piece.text, &out->facts);
	return true;
}

/* The hash of the whole file, once the splitter saw its end. */
static bool
reader_sum(struct reader *r, char out[SHA256_HEX], struct error *err)
{
	char chunk[READ_CHUNK];
	size_t got = 1;

	while (got > 0) {
		if (!pass_bytes(r, chunk, sizeof(chunk), &got, err))
			return false;
	}
	sha256_hex(&r->sum, out);
	return true;
}

static bool
same_file(const struct reader *r, const char *expected, const char *found, struct error *err)
{
	if (strcmp(expected, found) == 0)
		return true;
	error_set(err, E_MIGR_011, "%s changed while it was in use", r->name);
	error_cause(err, "its SHA-256 was %s and is %s", expected, found);
	error_at(err, r->name, 0, 0);
	return false;
}

/* ---- directives ---- */

static bool
is_directive(struct span comment, const char *word)
{
	while (comment.len > 0 && isspace((unsigned char)comment.ptr[0]))
		comment = span_of(comment.ptr + 1, comment.len - 1);
	while (comment.len > 0 && isspace((unsigned char)comment.ptr[comment.len - 1]))
		comment.len--;
	return span_is(comment, word);
}

/* `lead` is white space and comments only: it ends where the first statement begins. */
static bool
has_directive(struct span lead, const char *word)
{
	const char *p = lead.ptr, *end = lead.ptr + lead.len;
	unsigned depth = 0;

	while (p + 1 < end) {
		if (depth == 0 && p[0] == '-' && p[1] == '-') {
			const char *nl = memchr(p, '\n', (size_t)(end - p));
			const char *stop = nl ? nl : end;
			if (is_directive(span_of(p + 2, (size_t)(stop - p - 2)), word))
				return true;
			p = stop;
		} else if (p[0] == '/' && p[1] == '*') {
			depth++;
			p += 2;
		} else if (depth > 0 && p[0] == '*' && p[1] == '/') {
			depth--;
			p += 2;
		} else {
			p++;
		}
	}
	return false;
}

/* ---- the first pass ---- */

static struct place
place_of(const struct body_statement *st)
{
	return (struct place){st->piece.line, st->piece.column, st->piece.number};
}

static bool
refuse(const struct check *k, struct place at, struct error *err)
{
	error_at(err, k->r.name, at.line, at.column);
	if (err != NULL)
		err->at.statement = at.statement;
	return false;
}

/* Whether the words of a statement, comments counted as words, are one of the forms. */
static bool
is_one_of(struct span text, const char *const *forms, size_t count)
{
	char words[CONTROL_TEXT];
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		bool space = isspace((unsigned char)text.ptr[i]);
		if (len + 1 == sizeof(words))
			return false;
		if (!space)
			words[len++] = (char)toupper((unsigned char)text.ptr[i]);
		else if (len > 0 && words[len - 1] != ' ')
			words[len++] = ' ';
	}
	words[len] = '\0';
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words, forms[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_plain_begin(struct span text)
{
	static const char *const forms[] = {"BEGIN", "BEGIN WORK", "BEGIN TRANSACTION",
					    "START TRANSACTION"};

	return is_one_of(text, forms, ARRAY_LEN(forms));
}

static bool
is_plain_commit(struct span text)
{
	static const char *const forms[] = {"COMMIT", "COMMIT WORK", "COMMIT TRANSACTION",
					    "END",    "END WORK",    "END TRANSACTION"};

	return is_one_of(text, forms, ARRAY_LEN(forms));
}

static bool
refuse_control(const struct check *k, const struct body_statement *st, const char *why,
	       struct error *err)
{
	error_set(err, E_MIGR_107, "%s: %s %s", k->r.name, st->facts.tag, why);
	return refuse(k, place_of(st), err);
}

static bool
take_begin(struct check *k, const struct body_statement *st, struct error *err)
{
	if (st->piece.number != 1)
		return refuse_control(k, st, "starts a transaction inside the migration", err);
	if (!is_plain_begin(st->piece.text))
		return refuse_control(k, st, "with options cannot stand around a migration", err);
	k->opened = true;
	k->opened_at = place_of(st);
	return true;
}

static bool
take_commit(struct check *k, const struct body_statement *st, struct error *err)
{
	if (!k->opened)
		return refuse_control(k, st, "ends the transaction of the migration", err);
	if (!is_plain_commit(st->piece.text))
		return refuse_control(k, st, "with options cannot stand around a migration", err);
	k->closed = true;
	k->closed_at = place_of(st);
	return true;
}

/* *runs: the statement is one that would run, not part of the wrapper. */
static bool
take_control(struct check *k, const struct body_statement *st, bool *runs, struct error *err)
{
	*runs = false;
	if (k->closed) {
		error_set(err, E_MIGR_107, "%s: the COMMIT is not the last statement of the file",
			  k->r.name);
		return refuse(k, k->closed_at, err);
	}
	switch (st->facts.control) {
	case SQL_BEGIN:
		return take_begin(k, st, err);
	case SQL_COMMIT:
		return take_commit(k, st, err);
	case SQL_ROLLBACK:
		return refuse_control(k, st, "undoes the transaction of the migration", err);
	case SQL_TWO_PHASE:
		return refuse_control(k, st, "belongs to two-phase commit", err);
	case SQL_SAVEPOINT:
		if (k->savepoint.statement == 0)
			k->savepoint = place_of(st);
		break;
	case SQL_NO_CONTROL:
		break;
	}
	*runs = true;
	return true;
}

static bool
is_never_settled(const struct sql_facts *f)
{
	return f->settle == SQL_SETTLE_NEVER ||
	       (f->settle == SQL_SETTLE_CATALOGUE && f->goal.kind == SQL_GOAL_OTHER);
}

static bool
take_outside(struct check *k, const struct body_statement *st, struct error *err)
{
	if (k->opened) {
		error_set(err, E_MIGR_107, "%s: %s cannot run inside BEGIN and COMMIT", k->r.name,
			  st->facts.tag);
		error_hint(err, "remove BEGIN and COMMIT from the file");
		return refuse(k, place_of(st), err);
	}
	if (is_never_settled(&st->facts) && !k->plan.allow_unsettled) {
		error_set(err, E_MIGR_117,
			  "%s: nothing could tell after a crash whether this %s finished",
			  k->r.name, st->facts.tag);
		error_hint(err, "put this line before the first statement of the file:\n"
				"-- " BODY_ALLOW_UNSETTLED);
		return refuse(k, place_of(st), err);
	}
	if (k->plan.transactional)
		k->outside = place_of(st);
	k->plan.transactional = false;
	return true;
}

/* What one transaction would hold too long, or may not hold at all: a value of an enumeration and
 * its use, a constraint and its validation. */
static void
split_up(struct check *k, const struct body_statement *st)
{
	k->plan.transactional = false;
	k->outside = place_of(st);
}

static bool
take_statement(struct check *k, const struct body_statement *st, bool *runs, struct error *err)
{
	if (st->piece.number == 1) {
		size_t lead =
			st->piece.offset < k->r.lead.len ? (size_t)st->piece.offset : k->r.lead.len;
		struct span words = span_of(k->r.lead.ptr, lead);
		k->plan.allow_unsettled = has_directive(words, BODY_ALLOW_UNSETTLED);
		if (has_directive(words, BODY_NO_TRANSACTION))
			split_up(k, st);
	}
	if (!take_control(k, st, runs, err))
		return false;
	if (!*runs)
		return true;
	if (st->facts.drops_lock) {
		error_set(err, E_MIGR_112, "%s: %s would end the lock of this run", k->r.name,
			  st->facts.drops_lock_by ? st->facts.drops_lock_by : st->facts.tag);
		return refuse(k, place_of(st), err);
	}
	if (!st->facts.transactional && !take_outside(k, st, err))
		return false;
	k->plan.statements++;
	return true;
}

/* What only the end of the file can tell. */
static bool
finish(struct check *k, struct error *err)
{
	if (k->opened && !k->closed) {
		error_set(err, E_MIGR_107, "%s: the BEGIN has no COMMIT at the end of the file",
			  k->r.name);
		return refuse(k, k->opened_at, err);
	}
	if (!k->plan.transactional && k->opened) {
		error_set(err, E_MIGR_107, "%s: BEGIN and COMMIT contradict -- %s", k->r.name,
			  BODY_NO_TRANSACTION);
		return refuse(k, k->opened_at, err);
	}
	if (!k->plan.transactional && k->savepoint.statement > 0) {
		error_set(err, E_MIGR_107,
			  "%s: a savepoint needs a transaction, and line %u cannot run in one",
			  k->r.name, k->outside.line);
		return refuse(k, k->savepoint, err);
	}
	k->plan.wrapped = k->closed;
	return reader_sum(&k->r, k->plan.sha256, err);
}

static bool
check(struct check *k, body_visit each, void *self, struct error *err)
{
	struct body_statement st;
	bool end = false, runs;

	for (;;) {
		if (!reader_next(&k->r, &st, &end, err))
			return false;
		if (end)
			return finish(k, err);
		if (!take_statement(k, &st, &runs, err))
			return false;
		if (runs && each != NULL && !each(self, &st, err))
			return false;
	}
}

bool
body_check(struct bundle_source *source, const char *file, const char *expect_sha256,
	   body_visit each, void *self, struct body_plan *out, struct error *err)
{
	struct check k = {.plan.transactional = true};

	if (!reader_open(&k.r, source, file, err))
		return false;
	bool ok = check(&k, each, self, err) &&
		  (expect_sha256 == NULL || same_file(&k.r, expect_sha256, k.plan.sha256, err));
	reader_close(&k.r);
	if (ok)
		*out = k.plan;
	return ok;
}

/* ---- the second pass ---- */

struct body *
body_open(struct bundle_source *source, const char *file, const struct body_plan *plan,
	  struct error *err)
{
	struct body *b = calloc(1, sizeof(*b) + strlen(file) + 1);

	if (b == NULL)
		abort();
	char *name = (char *)(b + 1);
	memcpy(name, file, strlen(file) + 1);
	b->plan = *plan;
	b->at_begin = plan->wrapped;
	if (reader_open(&b->r, source, name, err))
		return b;
	free(b);
	return NULL;
}

void
body_close(struct body *b)
{
	if (b == NULL)
		return;
	reader_close(&b->r);
	free(b);
}

/* The wrapper as the plan knows it: BEGIN before everything, COMMIT after everything. */
static bool
is_wrapper(struct body *b, const struct body_statement *st)
{
	if (b->at_begin) {
		b->at_begin = false;
		return st->facts.control == SQL_BEGIN;
	}
	return b->plan.wrapped && b->given == b->plan.statements && st->facts.control == SQL_COMMIT;
}

/* The hash is known only at the end, so a statement that the first pass would have refused, or
 * that it did not see, must not run now. */
static bool
was_planned(const struct body *b, const struct body_statement *st, struct error *err)
{
	const struct sql_facts *f = &st->facts;
	bool control = f->control != SQL_NO_CONTROL && f->control != SQL_SAVEPOINT;

	if (b->given < b->plan.statements && !control && !f->drops_lock &&
	    (f->transactional || !b->plan.transactional))
		return true;
	error_set(err, E_MIGR_011, "%s changed while it was in use", b->r.name);
	error_at(err, b->r.name, st->piece.line, st->piece.column);
	return false;
}

bool
body_next(struct body *b, struct body_statement *out, bool *end, struct error *err)
{
	char sum[SHA256_HEX];

	do {
		if (!reader_next(&b->r, out, end, err))
			return false;
		if (*end)
			return reader_sum(&b->r, sum, err) &&
			       same_file(&b->r, b->plan.sha256, sum, err);
	} while (is_wrapper(b, out));
	if (!was_planned(b, out, err))
		return false;
	b->given++;
	return true;
}

bool
body_copy(struct body *b, struct span *data, struct error *err)
{
	return sql_splitter_copy(b->r.splitter, data, err);
}

uint32_t
body_copy_line(const struct body *b)
{
	return sql_splitter_copy_line(b->r.splitter);
}
