/*
 * pg_dump -s, cut into entries by the comments that it writes over each. Where the order of lines
 * means nothing (columns of a table, privileges) the lines of an entry are sorted too.
 */
#include "tests/db/conflict/dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "tests/support/cluster.h"

#include "shared/base/banned.h"

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
order_means_nothing(const char *entry)
{
	static const char *const types[] = {"; Type: TABLE;", "; Type: FOREIGN TABLE;",
					    "; Type: ACL;", "; Type: DEFAULT ACL;"};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strstr(entry, types[i]) != NULL)
			return true;
	}
	return strstr(entry, "; Type: TYPE;") != NULL && strstr(entry, " AS (\n") != NULL &&
	       strstr(entry, "ENUM") == NULL;
}

static char *
sort_lines(struct arena *arena, char *entry)
{
	const char *lines[2000];
	size_t count = 0;
	struct text t;
	char *rest = entry;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL && count < ARRAY_LEN(lines)) {
		size_t len = strlen(line);
		if (len > 0 && line[len - 1] == ',')
			line[len - 1] = '\0';
		lines[count++] = line;
	}
	qsort(lines, count, sizeof(*lines), by_text);
	text_init(&t, 0);
	for (size_t i = 0; i < count; i++)
		text_printf(&t, "%s\n", lines[i]);
	char *sorted = arena_str(arena, t.ptr);
	text_fini(&t);
	return sorted;
}

/* What pg_dump sets for the entry that follows, whichever that is. */
static void
cut_settings(char *entry)
{
	char *at = entry;

	while ((at = strstr(at, "\nSET default_table")) != NULL) {
		size_t line = 1 + strcspn(at + 1, "\n");
		memmove(at, at + line, strlen(at + line) + 1);
	}
	for (size_t n = strlen(entry); n > 0 && entry[n - 1] == '\n'; n--)
		entry[n - 1] = '\0';
}

static void
add_entry(struct arena *arena, struct dump *d, const char *from, size_t len)
{
	char *entry = arena_span(arena, span_of(from, len));

	cut_settings(entry);
	if (order_means_nothing(entry))
		entry = sort_lines(arena, entry);
	d->entries = arena_grow(arena, d->entries, d->count, &d->cap, sizeof(*d->entries));
	d->entries[d->count++] = entry;
}

void
dump_take(struct arena *arena, const char *url, struct dump *out)
{
	static const char mark[] = "--\n-- Name: ";
	struct text all;
	char buf[8192];
	size_t got;

	*out = (struct dump){0};
	text_init(&all, 0);
	FILE *f = popen(arena_printf(arena, CONFITURE_PG_BINDIR "/pg_dump -s -d '%s'", url), "r");
	if (f == NULL)
		abort();
	while ((got = fread(buf, 1, sizeof(buf), f)) > 0)
		text_put_span(&all, span_of(buf, got));
	if (pclose(f) != 0)
		abort();
	const char *at = strstr(all.ptr, mark);
	while (at != NULL) {
		const char *next = strstr(at + 1, mark);
		size_t len = next != NULL ? (size_t)(next - at) : strlen(at);
		const char *tail = strstr(at, "\n--\n-- PostgreSQL database dump complete");
		if (next == NULL && tail != NULL)
			len = (size_t)(tail - at);
		add_entry(arena, out, at, len);
		at = next;
	}
	text_fini(&all);
	if (out->count > 0)
		qsort(out->entries, out->count, sizeof(*out->entries), by_text);
}

const char *
dump_difference(struct arena *arena, const struct dump *a, const struct dump *b)
{
	size_t i = 0, j = 0;

	while (i < a->count || j < b->count) {
		int order = i == a->count   ? 1
			    : j == b->count ? -1
					    : strcmp(a->entries[i], b->entries[j]);
		if (order != 0)
			return arena_str(arena, order < 0 ? a->entries[i] : b->entries[j]);
		i++;
		j++;
	}
	return NULL;
}
