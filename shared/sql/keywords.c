/*
 * The judge for statements that were not parsed: newer syntax, too large, too deep, or plain wrong
 * (then the server says so). Its leading words must still tell whether it may run in a transaction,
 * whether it controls one, and whether it drops the lock. One table of patterns, first match wins.
 */
#include "shared/sql/keywords.h"

#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/body.h"
#include "shared/sql/scan.h"
#include "shared/sql/statement.h"

#include "shared/base/banned.h"

enum { LEADING_WORDS = 24, PATTERN_WORD = 16 };

enum effect { INSIDE, ROWS, ENUM_VALUE, CALLS, RUNS_BODY, AGAIN, NEVER, DROPS_LOCK };

/*
 * Words of a pattern follow each other from the start of the statement. "?word" may be absent,
 * "~word" may stand anywhere behind, "." is the end. What a tag of NULL means: see tag_of().
 */
static const struct pattern {
	const char *words;
	const char *tag;
	enum sql_transaction_control control;
	enum effect effect;
} patterns[] = {
	{"begin", "BEGIN", SQL_BEGIN, INSIDE},
	{"start transaction", "START TRANSACTION", SQL_BEGIN, INSIDE},
	{"commit prepared", "COMMIT PREPARED", SQL_TWO_PHASE, NEVER},
	{"commit", "COMMIT", SQL_COMMIT, INSIDE},
	{"end", "COMMIT", SQL_COMMIT, INSIDE},
	{"rollback prepared", "ROLLBACK PREPARED", SQL_TWO_PHASE, NEVER},
	{"rollback ?work ?transaction to", "ROLLBACK", SQL_SAVEPOINT, INSIDE},
	{"rollback", "ROLLBACK", SQL_ROLLBACK, INSIDE},
	{"abort", "ROLLBACK", SQL_ROLLBACK, INSIDE},
	{"savepoint", "SAVEPOINT", SQL_SAVEPOINT, INSIDE},
	{"release", "RELEASE", SQL_SAVEPOINT, INSIDE},
	{"prepare transaction", "PREPARE TRANSACTION", SQL_TWO_PHASE, INSIDE},
	{"create ?unique index concurrently", "CREATE INDEX", SQL_NO_CONTROL, NEVER},
	{"create ?unique index", "CREATE INDEX", SQL_NO_CONTROL, INSIDE},
	{"drop index concurrently", "DROP INDEX", SQL_NO_CONTROL, NEVER},
	{"reindex ~concurrently", "REINDEX", SQL_NO_CONTROL, NEVER},
	{"reindex ~schema", "REINDEX", SQL_NO_CONTROL, AGAIN},
	{"reindex ~database", "REINDEX", SQL_NO_CONTROL, AGAIN},
	{"reindex ~system", "REINDEX", SQL_NO_CONTROL, AGAIN},
	{"vacuum", "VACUUM", SQL_NO_CONTROL, AGAIN},
	{"cluster ?verbose .", "CLUSTER", SQL_NO_CONTROL, AGAIN},
	{"create database", "CREATE DATABASE", SQL_NO_CONTROL, NEVER},
	{"drop database", "DROP DATABASE", SQL_NO_CONTROL, NEVER},
	{"alter database ~set ~tablespace", "ALTER DATABASE", SQL_NO_CONTROL, AGAIN},
	{"create tablespace", "CREATE TABLESPACE", SQL_NO_CONTROL, NEVER},
	{"drop tablespace", "DROP TABLESPACE", SQL_NO_CONTROL, NEVER},
	{"alter system", "ALTER SYSTEM", SQL_NO_CONTROL, AGAIN},
	{"alter table ~detach ~partition ~concurrently", "ALTER TABLE", SQL_NO_CONTROL, NEVER},
	{"create subscription", "CREATE SUBSCRIPTION", SQL_NO_CONTROL, NEVER},
	{"drop subscription", "DROP SUBSCRIPTION", SQL_NO_CONTROL, NEVER},
	{"alter subscription ~refresh", "ALTER SUBSCRIPTION", SQL_NO_CONTROL, AGAIN},
	{"discard all", "DISCARD ALL", SQL_NO_CONTROL, DROPS_LOCK},
	{"alter type ~add ~value", "ALTER TYPE", SQL_NO_CONTROL, ENUM_VALUE},
	{"call", "CALL", SQL_NO_CONTROL, CALLS},
	{"do", "DO", SQL_NO_CONTROL, RUNS_BODY},
	{"insert", "INSERT", SQL_NO_CONTROL, ROWS},
	{"update", "UPDATE", SQL_NO_CONTROL, ROWS},
	{"delete", "DELETE", SQL_NO_CONTROL, ROWS},
	{"merge", "MERGE", SQL_NO_CONTROL, ROWS},
	{"truncate", "TRUNCATE TABLE", SQL_NO_CONTROL, INSIDE},
	{"copy", "COPY", SQL_NO_CONTROL, INSIDE},
	{"with", "WITH", SQL_NO_CONTROL, INSIDE},
	{"?", NULL, SQL_NO_CONTROL, INSIDE},
};

/* What one pass over the statement gathers. */
struct words {
	struct span items[LEADING_WORDS]; /* outside quotes */
	size_t count;
	size_t tokens;
	struct span body; /* the first dollar quote or string */
	struct statement st;
};

static void
gather(struct span statement, struct words *out)
{
	struct sql_window w;
	struct scan_token token;

	window_over(&w, statement);
	while (scan_trivia(&w, &token) == SCAN_OTHER) {
		size_t from = w.pos;
		scan_token(&w, &token);
		w.pos += token.kind == SCAN_BACKSLASH;
		statement_take(&out->st, &token);
		out->tokens++;
		if (token.kind == SCAN_WORD && out->count < LEADING_WORDS)
			out->items[out->count++] = token.word;
		if (token.kind == SCAN_QUOTED && out->body.len == 0)
			out->body = span_of(w.buf + from, w.pos - from);
	}
}

static bool
stands_behind(const struct words *w, size_t from, const char *word)
{
	for (size_t i = from; i < w->count; i++) {
		if (scan_word_is(w->items[i], word))
			return true;
	}
	return false;
}

/* One word of a pattern against the words from *at on. */
static bool
word_matches(const struct words *w, const char *word, size_t *at)
{
	bool here = *at < w->count && word[0] != '~' &&
		    scan_word_is(w->items[*at], word + (word[0] == '?'));

	if (word[0] == '.')
		return *at == w->tokens;
	if (word[0] == '~')
		return stands_behind(w, *at, word + 1);
	*at += here;
	return here || word[0] == '?';
}

static bool
matches(const struct words *w, const char *pattern)
{
	size_t at = 0;

	while (*pattern != '\0') {
		char word[PATTERN_WORD] = "";
		size_t len = strcspn(pattern, " ");
		memcpy(word, pattern, len);
		if (!word_matches(w, word, &at))
			return false;
		pattern += len;
		pattern += *pattern == ' ';
	}
	return true;
}

/* CREATE, ALTER and DROP with the word for the object, other statements by their first word. */
static const char *
tag_of(struct arena *arena, const struct words *w)
{
	static const char *const adverbs[] = {"or",	   "replace",	   "temp",   "temporary",
					      "local",	   "global",	   "unique", "unlogged",
					      "recursive", "materialized", "foreign"};
	size_t object = 1;
	bool two = w->count > 1 &&
		   (scan_word_is(w->items[0], "create") || scan_word_is(w->items[0], "alter") ||
		    scan_word_is(w->items[0], "drop"));
	char *tag;

	if (w->count == 0)
		return "";
	for (size_t i = 0; two && i < ARRAY_LEN(adverbs) && object + 1 < w->count; i++) {
		if (scan_word_is(w->items[object], adverbs[i])) {
			object++;
			i = (size_t)-1;
		}
	}
	tag = two ? arena_printf(arena, "%.*s %.*s", (int)w->items[0].len, w->items[0].ptr,
				 (int)w->items[object].len, w->items[object].ptr)
		  : arena_span(arena, w->items[0]);
	for (char *c = tag; *c != '\0'; c++)
		*c = *c >= 'a' && *c <= 'z' ? (char)(*c - ('a' - 'A')) : *c;
	return tag;
}

static void
outside(struct sql_facts *out, enum sql_settle settle)
{
	out->transactional = false;
	out->settle = settle;
	if (settle == SQL_SETTLE_NEVER)
		out->goal.kind = SQL_GOAL_OTHER;
}

static void
apply(enum effect effect, const struct words *w, struct sql_facts *out)
{
	out->counts_rows = effect == ROWS;
	out->adds_enum_value = effect == ENUM_VALUE;
	switch (effect) {
	case AGAIN:
	case DROPS_LOCK:
		outside(out, SQL_SETTLE_AGAIN);
		break;
	case NEVER:
		outside(out, SQL_SETTLE_NEVER);
		break;
	case CALLS:
		out->settle = SQL_SETTLE_NEVER;
		break;
	case RUNS_BODY:
		if (sql_body_commits(sql_body_inside(w->body),
				     !stands_behind(w, 1, "language") ||
					     stands_behind(w, 1, "plpgsql")))
			outside(out, SQL_SETTLE_NEVER);
		out->goal.kind = SQL_GOAL_NONE;
		break;
	default:
		break;
	}
}

void
sql_judge_words(struct arena *arena, struct span statement, struct sql_facts *out)
{
	struct words w = {0};
	const struct pattern *p = patterns;

	gather(statement, &w);
	while (!matches(&w, p->words))
		p++;
	out->tag = p->tag != NULL ? p->tag : tag_of(arena, &w);
	out->control = p->control;
	apply(p->effect, &w, out);
	if (w.st.lead[0] == WORD_COPY) {
		out->copy_from_stdin = w.st.copy_data;
		out->counts_rows = stands_behind(&w, 1, "from") && !stands_behind(&w, 1, "to");
	}
	bool body = p->effect == RUNS_BODY || stands_behind(&w, 1, "function") ||
		    stands_behind(&w, 1, "procedure");
	out->drops_lock_by =
		p->effect == DROPS_LOCK ? "discard all" : sql_body_unlocks(arena, statement, body);
	out->drops_lock = out->drops_lock_by != NULL;
}
