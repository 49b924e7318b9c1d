/*
 * Which refusal to show first. Of fifty statements that did not load, forty-nine may only wait for
 * the one; so a statement whose missing object is made by another that failed too comes after it.
 * When every one of them waits for another, it is a cycle.
 */
#include <stdio.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "shared/sql/classify.h"
#include "worker/ddl/items.h"
#include "worker/ddl/words.h"

#include "shared/base/banned.h"

enum { JUDGED_FAILURES = 1000, NO_MAKER = UINT32_MAX };

struct failed {
	const struct ddl_item *item;
	const char *makes, *misses; /* last parts of names; NULL = not known */
	uint32_t maker;		    /* which failed one makes what this one misses */
};

/* ---- names ---- */

/* The last part of the name that comes next; NULL when none does. */
static const char *
read_name(struct arena *arena, struct ddl_words *words, struct ddl_word *w)
{
	const char *name = NULL;

	while (ddl_word_names(w)) {
		name = ddl_word_name(arena, w);
		if (!ddl_words_next(words, w) || w->kind != WORD_POINT || !ddl_words_next(words, w))
			break;
	}
	return name;
}

static bool
is_kind(const struct ddl_word *w)
{
	static const char *const kinds[] = {
		"table",	 "view",      "function", "procedure",	"aggregate",
		"type",		 "domain",    "schema",	  "sequence",	"extension",
		"index",	 "collation", "language", "server",	"role",
		"publication",	 "policy",    "trigger",  "statistics", "dictionary",
		"configuration", "wrapper",   "parser",	  "template",	"class",
		"family",	 "method",
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (ddl_word_is(w, kinds[i]))
			return true;
	}
	return false;
}

/* "table t" of CREATE TABLE IF NOT EXISTS s.t (…; NULL for what makes nothing with a name. *kind is
 * the word before it. */
static const char *
made_by(struct arena *arena, struct span sql, struct span *kind)
{
	struct ddl_words words;
	struct ddl_word w;

	ddl_words_init(&words, sql);
	if (!ddl_words_next(&words, &w) || !ddl_word_is(&w, "create"))
		return NULL;
	do {
		if (!ddl_words_next(&words, &w) || w.kind != WORD_KEY)
			return NULL;
	} while (!is_kind(&w));
	*kind = w.text;
	do {
		if (!ddl_words_next(&words, &w))
			return NULL;
	} while (ddl_word_is(&w, "if") || ddl_word_is(&w, "not") || ddl_word_is(&w, "exists") ||
		 ddl_word_is(&w, "concurrently") || ddl_word_is(&w, "mapping"));
	return read_name(arena, &words, &w);
}

/* Where a character of the statement is, in bytes. */
static size_t
byte_of(struct span sql, uint32_t position)
{
	size_t at = 0;

	for (uint32_t n = 1; n < position && at < sql.len; n++) {
		at++;
		while (at < sql.len && ((unsigned char)sql.ptr[at] & 0xc0) == 0x80)
			at++;
	}
	return at;
}

/* Out of the server's words, in whatever language: what stands in double quotes, else what stands
 * before a parenthesis. */
static const char *
named_in(struct arena *arena, const char *message)
{
	struct ddl_words words;
	struct ddl_word w;
	const char *last = NULL;
	size_t line = strcspn(message, "\n");

	ddl_words_init(&words, span_of(message, line));
	while (ddl_words_next(&words, &w)) {
		if (w.kind == WORD_NAME) {
			const char *name = ddl_word_name(arena, &w);
			const char *point = strrchr(name, '.');
			return point != NULL && point[1] != '\0' ? point + 1 : name;
		}
		if (w.kind == WORD_PAREN_OPEN)
			break;
		if (w.kind == WORD_KEY)
			last = ddl_word_name(arena, &w);
	}
	return w.kind == WORD_PAREN_OPEN ? last : NULL;
}

/* Where in its text the server saw the trouble; 0 when it had another text than the file. */
static uint32_t
position_of(const struct ddl_item *item)
{
	return item->sql.len == item->piece.text.len ? item->refusal->position : 0;
}

static const char *
missed_by(struct arena *arena, const struct ddl_item *item)
{
	const struct ddl_refusal *r = item->refusal;
	struct ddl_words words;
	struct ddl_word w;

	if (r == NULL || r->fate != DDL_WAITS)
		return NULL;
	if (position_of(item) == 0)
		return named_in(arena, r->words);
	size_t at = byte_of(item->sql, position_of(item));
	ddl_words_init(&words, span_of(item->sql.ptr + at, item->sql.len - at));
	return ddl_words_next(&words, &w) ? read_name(arena, &words, &w) : NULL;
}

/* ---- who waits for whom ---- */

/* What is beyond the limit is only counted. */
static size_t
collect(struct ddl_items *items, struct failed *out)
{
	struct span kind;
	size_t n = 0;

	for (size_t i = 0; i < items->count; i++) {
		const struct ddl_item *item = &items->items[i];
		if (item->refusal == NULL)
			continue;
		if (n == JUDGED_FAILURES) {
			items->report->failures_dropped++;
			continue;
		}
		out[n++] = (struct failed){
			.item = item,
			.makes = made_by(items->arena, item->piece.text, &kind),
			.misses = missed_by(items->arena, item),
			.maker = NO_MAKER,
		};
	}
	return n;
}

static void
join(struct failed *all, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < count && all[i].maker == NO_MAKER; k++) {
			if (k != i && all[i].misses != NULL && all[k].makes != NULL &&
			    strcmp(all[i].misses, all[k].makes) == 0)
				all[i].maker = (uint32_t)k;
		}
	}
}

/* The first that waits for nobody, those that are wrong for good before others. */
static size_t
first_root(const struct failed *all, size_t count)
{
	size_t best = count;

	for (size_t i = 0; i < count; i++) {
		if (all[i].maker == NO_MAKER &&
		    (best == count || all[i].item->refusal->fate < all[best].item->refusal->fate))
			best = i;
	}
	return best;
}

/* ---- telling ---- */

static void
place_of(const struct failed *f, uint32_t *line, uint32_t *column)
{
	sql_piece_at_char(&f->item->piece, position_of(f->item), line, column);
}

static void
report_one(struct ddl_items *items, const struct failed *f)
{
	struct ddl_report *r = items->report;
	struct ddl_failure *out;

	if (r->failures == NULL)
		r->failures = arena_array(items->arena, DDL_FAILURES_MOST, sizeof(*r->failures));
	if (r->failure_count == DDL_FAILURES_MOST) {
		r->failures_dropped++;
		return;
	}
	out = &r->failures[r->failure_count++];
	*out = (struct ddl_failure){
		.file = items->files[f->item->file].path,
		.statement = ddl_item_words(items->arena, f->item),
		.words = f->item->refusal->words,
		.waits = f->maker != NO_MAKER,
	};
	memcpy(out->sqlstate, f->item->refusal->sqlstate, sizeof(out->sqlstate));
	place_of(f, &out->line, &out->column);
}

static const char *
spot(struct ddl_items *items, const struct ddl_item *item)
{
	return arena_printf(items->arena, "%s:%u", items->files[item->file].path, item->piece.line);
}

/* An earlier statement that makes the same, and ran. */
static const struct ddl_item *
first_definition(struct ddl_items *items, const struct failed *f)
{
	struct span kind = {NULL, 0}, other;

	if (f->makes == NULL)
		return NULL;
	(void)made_by(items->arena, f->item->piece.text, &kind);
	for (size_t i = 0; i < items->count; i++) {
		const struct ddl_item *item = &items->items[i];
		const char *makes = item == f->item || item->refusal != NULL
					    ? NULL
					    : made_by(items->arena, item->piece.text, &other);
		if (makes != NULL && strcmp(makes, f->makes) == 0 &&
		    (other.len == kind.len || f->item->refusal->sqlstate[2] == 'P'))
			return item;
	}
	return NULL;
}

static bool
is_one_of(const char *state, const char *const *states, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(state, states[i]) == 0)
			return true;
	}
	return false;
}

/* duplicate_table, _object, _function, _schema */
static bool
is_twice(const char *state)
{
	static const char *const twice[] = {"42P07", "42710", "42723", "42P06"};

	return is_one_of(state, twice, ARRAY_LEN(twice));
}

static void
hint_roles(struct ddl_items *items, struct error *err)
{
	struct text hint;

	text_init(&hint, ERROR_TEXT - 1);
	for (size_t i = 0; i < items->missing.count; i++) {
		const char *quoted = sql_quote_name(items->arena, NULL, items->missing.names[i]);
		if (hint.len + strlen(quoted) + 16 < ERROR_TEXT)
			text_printf(&hint, "%sCREATE ROLE %s;", hint.len > 0 ? "\n" : "", quoted);
	}
	error_hint(err, "%s", hint.ptr);
	text_fini(&hint);
}

static bool
names_missing_role(struct ddl_items *items, const struct ddl_item *item)
{
	struct ddl_roles named = {.arena = items->arena};

	ddl_roles_of(item->piece.text, &named);
	for (size_t i = 0; i < named.count; i++) {
		if (ddl_roles_have(&items->missing, named.names[i]))
			return true;
	}
	return false;
}

static void
put_hint(struct ddl_items *items, const struct failed *f, struct error *err)
{
	static const char *const not_available[] = {"0A000", "58P01"};
	static const char *const no_role[] = {"42704", "22023"};
	const char *state = f->item->refusal->sqlstate;
	struct span kind = {NULL, 0};

	(void)made_by(items->arena, f->item->piece.text, &kind);
	if (is_one_of(state, no_role, ARRAY_LEN(no_role)) && names_missing_role(items, f->item))
		hint_roles(items, err);
	else if (is_one_of(state, not_available, ARRAY_LEN(not_available)) && f->makes != NULL &&
		 kind.len == strlen("extension"))
		error_hint(err,
			   "install the extension %s on that server, or give one that has it: "
			   "--scratch-url URL",
			   f->makes);
	else if (strcmp(state, "42501") == 0)
		error_hint(err, "give a role that may: --scratch-url URL");
}

static bool
blame_one(struct ddl_items *items, const struct failed *f, struct error *err)
{
	const struct ddl_refusal *r = f->item->refusal;
	const char *file = items->files[f->item->file].path;
	const char *words = ddl_item_words(items->arena, f->item);
	bool twice = is_twice(r->sqlstate);
	const struct ddl_item *first = twice ? first_definition(items, f) : NULL;

	if (first != NULL)
		error_set(err, E_SCHEMA_203, "%s: %s is defined already at %s", file, f->makes,
			  spot(items, first));
	else
		error_set(err,
			  twice				      ? E_SCHEMA_203
			  : strcmp(r->sqlstate, "42601") == 0 ? E_SCHEMA_200
							      : E_SCHEMA_205,
			  "%s: the server refused: %s", file, words);
	error_cause(err, "%s", r->words);
	put_hint(items, f, err);
	return false;
}

/* Follows who waits for whom until a statement comes again. */
static size_t
blame_cycle(struct ddl_items *items, const struct failed *all, size_t count, struct error *err)
{
	size_t at = 0;
	struct text path;

	for (size_t step = 0; step < count; step++)
		at = all[at].maker;
	text_init(&path, ERROR_TEXT);
	text_put(&path, spot(items, all[at].item));
	for (size_t i = all[at].maker;; i = all[i].maker) {
		text_printf(&path, " → %s", spot(items, all[i].item));
		if (i == at || path.len > ERROR_TEXT / 2)
			break;
	}
	error_set(err, E_SCHEMA_202, "each of these statements needs the next one first: %s",
		  path.ptr);
	error_cause(err, "%s", all[at].item->refusal->words);
	text_fini(&path);
	return at;
}

bool
ddl_blame(struct ddl_items *items, struct error *err)
{
	struct failed *all = arena_array(items->arena, JUDGED_FAILURES, sizeof(*all));
	size_t count = collect(items, all);
	uint32_t line, column;

	join(all, count);
	size_t first = first_root(all, count);
	if (first < count)
		(void)!blame_one(items, &all[first], err);
	else
		first = blame_cycle(items, all, count, err);
	place_of(&all[first], &line, &column);
	error_at(err, items->files[all[first].item->file].path, line, column);
	if (err != NULL) {
		err->at.statement = all[first].item->piece.number;
		snprintf(err->sqlstate, sizeof(err->sqlstate), "%s",
			 all[first].item->refusal->sqlstate);
	}
	report_one(items, &all[first]);
	for (size_t i = 0; i < count; i++) {
		if (i == first)
			continue;
		report_one(items, &all[i]);
		error_detail_item(err, "also_failed", spot(items, all[i].item));
	}
	size_t failures = items->report->failure_count + items->report->failures_dropped;
	if (failures > 1)
		error_detail_int(err, "failed_statements", (int64_t)failures);
	return false;
}
