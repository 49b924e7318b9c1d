/*
 * Bounds of partitions, as footprints write them: one value a line (shared/sql/footprint_table.c).
 */
#include <stdlib.h>
#include <string.h>

#include "coordinator/conflict_rules.h"
#include "shared/base/compiler.h"

#include "shared/base/banned.h"

struct value {
	const char *at;
	size_t len;
};

/* The next line; false at the end. */
static bool
next_value(const char **text, struct value *out)
{
	if (**text == '\0')
		return false;
	out->at = *text;
	out->len = strcspn(*text, "\n");
	*text += out->len + ((*text)[out->len] == '\n');
	return true;
}

static bool
value_is(struct value v, const char *word)
{
	return v.len == strlen(word) && memcmp(v.at, word, v.len) == 0;
}

static bool
is_number(struct value v)
{
	return v.len > 0 && (v.at[0] == '-' || (v.at[0] >= '0' && v.at[0] <= '9'));
}

/* Below, equal, above; -2 when it cannot be told. */
static int
compare(struct value a, struct value b)
{
	if (a.len == b.len && memcmp(a.at, b.at, a.len) == 0)
		return 0;
	if (value_is(a, "minvalue") || value_is(b, "maxvalue"))
		return -1;
	if (value_is(a, "maxvalue") || value_is(b, "minvalue"))
		return 1;
	if (is_number(a) && is_number(b)) {
		double x = strtod(a.at, NULL), y = strtod(b.at, NULL);
		return (x > y) - (x < y);
	}
	if (a.at[0] != '\'' || b.at[0] != '\'')
		return -2;
	size_t len = a.len < b.len ? a.len : b.len;
	int order = memcmp(a.at, b.at, len);
	if (order == 0)
		order = (a.len > b.len) - (a.len < b.len);
	return order < 0 ? -1 : order > 0;
}

static bool
lists_overlap(const char *a, const char *b)
{
	struct value x, y;

	while (next_value(&a, &x)) {
		const char *rest = b;
		while (next_value(&rest, &y)) {
			if (compare(x, y) == 0)
				return true;
		}
	}
	return false;
}

/* Compares the lower values of one range with the upper ones of the other, column by column. True
 * when the first is below. */
static bool
begins_below_end(const char *lower, const char *other)
{
	struct value x, y;

	do {
		if (!next_value(&other, &y))
			return false;
	} while (!value_is(y, "to"));
	while (next_value(&lower, &x) && !value_is(x, "to") && next_value(&other, &y)) {
		int order = compare(x, y);
		if (order != 0)
			return order == -1;
	}
	return false;
}

bool
bounds_overlap(const char *a, const char *b)
{
	struct value x, y;

	if (strcmp(a, b) == 0)
		return true;
	if (!next_value(&a, &x) || !next_value(&b, &y) || x.len != y.len ||
	    memcmp(x.at, y.at, x.len) != 0)
		return false;
	if (value_is(x, "list"))
		return lists_overlap(a, b);
	return value_is(x, "range") && begins_below_end(a, b) && begins_below_end(b, a);
}
