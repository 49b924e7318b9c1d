/* The details of a change as the Python tool gives them, out of the definitions that the server
 * prints. */
#include <string.h>

#include "shared/snapshot/structure_changes.h"
#include "shared/snapshot/structure_words.h"

#include "shared/base/banned.h"

struct texts {
	const char **items;
	size_t count, cap;
};

static void
add(struct arena *arena, struct texts *t, struct span s)
{
	t->items = arena_grow(arena, t->items, t->count, &t->cap, sizeof(*t->items));
	t->items[t->count++] = arena_span(arena, s);
}

/* The place behind what begins here: a quoted name or text is passed as a whole. */
static const char *
step(const char *p)
{
	const char quote = *p;

	if (quote != '"' && quote != '\'')
		return p + 1;
	for (p++; *p != '\0'; p++)
		if (*p == quote && *++p != quote)
			return p;
	return p;
}

/* What stands in the first parentheses from `p` on, cut at the commas between; the place behind
 * them, or NULL when there are none. */
static const char *
in_parentheses(struct arena *arena, const char *p, struct texts *out)
{
	int depth = 0;
	const char *begin = NULL;

	while (*p != '\0') {
		if (*p == '(' && depth++ == 0) {
			begin = p + 1;
		} else if (begin != NULL && (*p == ')' ? --depth == 0 : *p == ',' && depth == 1)) {
			add(arena, out, span_of(begin, (size_t)(p - begin)));
			if (depth == 0)
				return p + 1;
			begin = p + 1 + strspn(p + 1, " ");
		}
		p = step(p);
	}
	return NULL;
}

static void
index_details(struct arena *arena, const struct schema_object *o, struct diff_details *d)
{
	const char *definition = o->values[SCHEMA_index_definition];
	const char *table = definition && o->parent ? strstr(definition, o->parent) : NULL;
	struct texts columns = {0};

	d->index_name = o->name;
	if (table != NULL)
		in_parentheses(arena, table + strlen(o->parent), &columns);
	d->columns.items = columns.items;
	d->columns.count = columns.count;
}

static const char *
on_delete(struct arena *arena, const char *rest)
{
	static const char *const words[] = {"CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT"};
	const char *at = strstr(rest, " ON DELETE ");

	for (size_t i = 0; at != NULL && i < ARRAY_LEN(words); i++)
		if (strncmp(at + 11, words[i], strlen(words[i])) == 0)
			return arena_str(arena, words[i]);
	return NULL;
}

static void
reference_details(struct arena *arena, const char *rest, struct diff_details *d)
{
	static const char word[] = " REFERENCES ";
	const char *table = strncmp(rest, word, strlen(word)) == 0 ? rest + strlen(word) : NULL;
	struct texts columns = {0};
	const char *end = table;

	if (table == NULL)
		return;
	while (*end != '\0' && *end != '(')
		end = step(end);
	d->ref_table = structure_bare(arena_span(arena, span_of(table, (size_t)(end - table))));
	const char *after = in_parentheses(arena, end, &columns);
	d->ref_columns.items = columns.items;
	d->ref_columns.count = columns.count;
	d->on_delete = after != NULL ? on_delete(arena, after) : NULL;
}

static void
constraint_details(struct arena *arena, const struct schema_object *o, struct diff_details *d)
{
	const char *type = o->values[SCHEMA_constraint_type];
	const char *definition = o->values[SCHEMA_constraint_definition];
	struct texts columns = {0};

	d->name = o->name;
	if (type == NULL || definition == NULL)
		return;
	if (strcmp(type, "CHECK") == 0) {
		d->expression = definition + (strncmp(definition, "CHECK ", 6) == 0 ? 6 : 0);
		return;
	}
	const char *rest = in_parentheses(arena, definition, &columns);
	d->columns.items = columns.items;
	d->columns.count = columns.count;
	if (rest != NULL && strcmp(type, "FOREIGN KEY") == 0)
		reference_details(arena, rest, d);
}

/* ---- enumerations ---- */

static bool
has_line(const char *lines, struct span wanted)
{
	struct span line;

	while (structure_line(&lines, &line))
		if (span_equal(line, wanted))
			return true;
	return false;
}

/* 'it''s' -> it's */
static struct span
unquoted(struct arena *arena, struct span s)
{
	char *out = arena_span(arena, s);
	size_t n = 0;

	if (s.len < 2 || out[0] != '\'')
		return s;
	for (size_t i = 1; i + 1 < s.len; i++) {
		out[n++] = out[i];
		i += out[i] == '\'' ? 1 : 0;
	}
	return span_of(out, n);
}

static void
only_here(struct arena *arena, const char *here, const char *there, struct texts *out)
{
	struct span line;

	while (structure_line(&here, &line))
		if (!has_line(there, line))
			add(arena, out, unquoted(arena, line));
}

static void
enum_details(struct arena *arena, const struct schema_attribute_change *a, struct diff_details *d)
{
	const char *before = a->before != NULL ? a->before : "";
	const char *after = a->after != NULL ? a->after : "";
	struct texts added = {0}, removed = {0};

	only_here(arena, after, before, &added);
	only_here(arena, before, after, &removed);
	d->added_values.items = added.items;
	d->added_values.count = added.count;
	d->removed_values.items = removed.items;
	d->removed_values.count = removed.count;
}

struct diff_details *
structure_change_details(struct arena *arena, const struct schema_change *c,
			 const struct schema_attribute_change *attribute)
{
	const struct schema_object *o = c->after != NULL ? c->after : c->before;
	struct diff_details *d = RECORD_NEW(arena, diff_details);

	if (c->kind == SCHEMA_KIND_index)
		index_details(arena, o, d);
	else if (c->kind == SCHEMA_KIND_constraint)
		constraint_details(arena, o, d);
	else if (c->kind == SCHEMA_KIND_enum && attribute != NULL &&
		 attribute->place == SCHEMA_enum_labels)
		enum_details(arena, attribute, d);
	else
		return NULL;
	return d;
}
