/* The few statements that a scratch database must not get as they are. */
#include "worker/ddl/rewrite.h"

#include <string.h>

#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "worker/ddl/judge.h"
#include "worker/ddl/words.h"

#include "shared/base/banned.h"

/* Spaces for the last keyword that reads so outside parentheses. */
static struct span
blank(struct arena *arena, struct span sql, const char *keyword)
{
	struct ddl_words words;
	struct ddl_word w, found = {.text = {NULL, 0}};
	size_t depth = 0;

	ddl_words_init(&words, sql);
	while (ddl_words_next(&words, &w)) {
		if (w.kind == WORD_PAREN_OPEN)
			depth++;
		else if (w.kind == WORD_PAREN_CLOSE && depth > 0)
			depth--;
		else if (depth == 0 && ddl_word_is(&w, keyword))
			found = w;
	}
	if (found.text.len == 0)
		return sql;
	char *copy = arena_span(arena, sql);
	memset(copy + found.offset, ' ', found.text.len);
	return span_of(copy, sql.len);
}

/* SET LOCAL: the second word, and no other, is it. */
static struct span
blank_local(struct arena *arena, struct span sql)
{
	struct ddl_words words;
	struct ddl_word w = {.text = {NULL, 0}};

	ddl_words_init(&words, sql);
	for (int second = 0; second < 2; second++) {
		if (!ddl_words_next(&words, &w))
			return sql;
	}
	char *copy = arena_span(arena, sql);
	memset(copy + w.offset, ' ', w.text.len);
	return span_of(copy, sql.len);
}

/* ---- subscriptions ---- */

/* Options that contradict connect = false, or repeat it. */
static bool
is_about_connecting(const struct ddl_word *w)
{
	return ddl_word_is(w, "connect") || ddl_word_is(w, "enabled") ||
	       ddl_word_is(w, "create_slot") || ddl_word_is(w, "copy_data");
}

/* Appends the options between the parentheses that may stay. */
static void
keep_options(struct ddl_words *words, struct span sql, struct text *out)
{
	struct ddl_word w;
	bool first = true, keep = true;

	while (ddl_words_next(words, &w) && w.kind != WORD_PAREN_CLOSE) {
		if (first)
			keep = !is_about_connecting(&w);
		if (first && keep)
			text_put(out, ", ");
		first = w.kind == WORD_COMMA;
		if (keep && !first) {
			text_put_span(out, span_of(sql.ptr + w.offset, w.text.len));
			text_put(out, " ");
		}
	}
	text_put(out, ")");
}

static struct span
disconnect(struct arena *arena, struct span sql)
{
	struct ddl_words words;
	struct ddl_word w;
	struct text out;
	bool with = false;

	text_init(&out, 0);
	ddl_words_init(&words, sql);
	while (ddl_words_next(&words, &w)) {
		if (with && w.kind == WORD_PAREN_OPEN)
			break;
		with = ddl_word_is(&w, "with");
	}
	if (with) {
		text_put_span(&out, span_of(sql.ptr, w.offset));
		text_put(&out, "(connect = false");
		keep_options(&words, sql, &out);
	} else {
		text_put_span(&out, sql);
		text_put(&out, "\nWITH (connect = false)");
	}
	struct span result = span_of(arena_span(arena, text_span(&out)), out.len);
	text_fini(&out);
	return result;
}

struct span
ddl_rewrite(struct arena *arena, struct span sql, unsigned flags)
{
	if (flags & DDL_CONCURRENT)
		return blank(arena, sql, "concurrently");
	if (flags & DDL_LOCAL)
		return blank_local(arena, sql);
	if (flags & DDL_SUBSCRIBES)
		return disconnect(arena, sql);
	return sql;
}
