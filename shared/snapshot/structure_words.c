/* Names and one-line summaries of objects, and the order that people read them in. */
#include "shared/snapshot/structure_words.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"

#include "shared/base/banned.h"

const char *
structure_kind_words(struct arena *arena, enum schema_kind kind)
{
	char *words = arena_str(arena, schema_kind_info(kind)->name);

	for (char *p = words; *p != '\0'; p++)
		*p = (char)(*p == '_' ? ' ' : *p);
	return words;
}

const char *
structure_bare(const char *address)
{
	return strncmp(address, "public.", 7) == 0 ? address + 7 : address;
}

bool
structure_line(const char **text, struct span *line)
{
	const char *p = *text;

	if (*p == '\0')
		return false;
	*line = span_of(p, strcspn(p, "\n"));
	p += line->len;
	*text = p + (*p == '\n' ? 1 : 0);
	return true;
}

/* ---- summaries ---- */

static void
put_word(struct text *t, const char *before, const char *value, const char *after)
{
	if (value == NULL)
		return;
	text_printf(t, "%s%s%s%s", t->len > 0 ? " " : "", before, value, after);
}

static void
put_column(struct text *t, const char *const *v)
{
	const char *expression = v[SCHEMA_column_default];

	put_word(t, "", v[SCHEMA_column_type], "");
	put_word(t, "COLLATE ", v[SCHEMA_column_collation], "");
	put_word(t, "NOT NULL", v[SCHEMA_column_not_null] ? "" : NULL, "");
	put_word(t, "GENERATED ", v[SCHEMA_column_identity], " AS IDENTITY");
	if (v[SCHEMA_column_generated] != NULL) {
		put_word(t, "GENERATED ALWAYS AS (", expression, ")");
		put_word(t, "", v[SCHEMA_column_generated], "");
	} else {
		put_word(t, "DEFAULT ", expression, "");
	}
}

/* "UNIQUE btree (a)" of "CREATE UNIQUE INDEX i ON public.t USING btree (a)". A name may hold the
 * word, and a table's does not come after it. */
static void
put_index(struct text *t, const struct schema_object *o)
{
	const char *definition = o->values[SCHEMA_index_definition];
	const char *table = definition && o->parent ? strstr(definition, o->parent) : NULL;
	const char *using = table != NULL ? strstr(table + strlen(o->parent), " USING ") : NULL;

	if (definition != NULL && strncmp(definition, "CREATE UNIQUE ", 14) == 0)
		put_word(t, "", "UNIQUE", "");
	put_word(t, "", using != NULL ? using + strlen(" USING ") : definition, "");
	put_word(t, "", o->values[SCHEMA_index_invalid] ? "INVALID" : NULL, "");
}

static void
put_list(struct text *t, const char *before, const char *lines)
{
	struct span line;

	if (lines == NULL)
		return;
	put_word(t, before, "", "");
	for (bool first = true; structure_line(&lines, &line); first = false) {
		text_put(t, first ? "" : ", ");
		text_put_span(t, line);
	}
}

static void
put_policy(struct text *t, const char *const *v)
{
	put_word(t, "", v[SCHEMA_policy_restrictive] ? "RESTRICTIVE" : NULL, "");
	put_word(t, "FOR ", v[SCHEMA_policy_command], "");
	put_list(t, "TO ", v[SCHEMA_policy_roles]);
	put_word(t, "USING ", v[SCHEMA_policy_using], "");
	put_word(t, "WITH CHECK ", v[SCHEMA_policy_check], "");
}

static void
put_table(struct text *t, const char *const *v)
{
	put_word(t, "", v[SCHEMA_table_unlogged] ? "UNLOGGED" : NULL, "");
	put_word(t, "PARTITION BY ", v[SCHEMA_table_partition_key], "");
	put_list(t, v[SCHEMA_table_bound] ? "PARTITION OF " : "INHERITS ", v[SCHEMA_table_parents]);
	put_word(t, "", v[SCHEMA_table_bound], "");
	put_word(t, "SERVER ", v[SCHEMA_table_server], "");
}

static void
put_summary(struct text *t, const struct schema_object *o)
{
	const char *const *v = (const char *const *)o->values;

	switch (o->kind) {
	case SCHEMA_KIND_column:
		put_column(t, v);
		break;
	case SCHEMA_KIND_constraint:
		put_word(t, "", v[SCHEMA_constraint_definition], "");
		break;
	case SCHEMA_KIND_domain_constraint:
		put_word(t, "", v[SCHEMA_domain_constraint_definition], "");
		break;
	case SCHEMA_KIND_index:
		put_index(t, o);
		break;
	case SCHEMA_KIND_policy:
		put_policy(t, v);
		break;
	case SCHEMA_KIND_table:
		put_table(t, v);
		break;
	case SCHEMA_KIND_enum:
		put_list(t, "", v[SCHEMA_enum_labels]);
		break;
	case SCHEMA_KIND_domain:
		put_word(t, "AS ", v[SCHEMA_domain_type], "");
		put_word(t, "NOT NULL", v[SCHEMA_domain_not_null] ? "" : NULL, "");
		put_word(t, "DEFAULT ", v[SCHEMA_domain_default], "");
		break;
	case SCHEMA_KIND_function:
		put_word(t, "RETURNS ", v[SCHEMA_function_returns], "");
		break;
	default:
		break;
	}
}

const char *
structure_summary(struct arena *arena, const struct schema_object *o)
{
	struct text t;

	text_init(&t, 0);
	put_summary(&t, o);
	char *words = arena_span(arena, text_span(&t));
	text_fini(&t);
	for (char *p = words; *p != '\0'; p++)
		*p = (char)(*p == '\n' ? ' ' : *p);
	return words;
}

#define SUMMED(kind, name)                                                                         \
	{                                                                                          \
		SCHEMA_KIND_##kind, SCHEMA_##kind##_##name                                         \
	}

bool
structure_summed(enum schema_kind kind, size_t place)
{
	static const struct {
		enum schema_kind kind;
		size_t place;
	} rows[] = {
		SUMMED(column, type),
		SUMMED(column, collation),
		SUMMED(column, not_null),
		SUMMED(column, identity),
		SUMMED(column, identity_sequence),
		SUMMED(column, generated),
		SUMMED(column, default),
		SUMMED(constraint, type),
		SUMMED(constraint, definition),
		SUMMED(domain_constraint, definition),
		SUMMED(index, definition),
		SUMMED(index, invalid),
		SUMMED(policy, restrictive),
		SUMMED(policy, command),
		SUMMED(policy, roles),
		SUMMED(policy, using),
		SUMMED(policy, check),
		SUMMED(table, unlogged),
		SUMMED(table, partition_key),
		SUMMED(table, parents),
		SUMMED(table, bound),
		SUMMED(table, server),
		SUMMED(enum, labels),
		SUMMED(domain, type),
		SUMMED(domain, not_null),
		SUMMED(domain, default),
		SUMMED(function, returns),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].kind == kind && rows[i].place == place)
			return true;
	return false;
}

/* ---- order ---- */

const struct schema_object *
structure_whole(const struct schema_model *m, const struct schema_object *o)
{
	if (o->parent == NULL || !schema_kind_is_part(o->kind))
		return o;
	for (uint32_t i = 0; i < o->needs_count; i++)
		if (m->objects[o->needs[i]].address == o->parent)
			return &m->objects[o->needs[i]];
	return o;
}

bool
structure_same_whole(const struct structure_entry *a, const struct structure_entry *b)
{
	return schema_object_compare(a->whole, b->whole) == 0;
}

static long
position(const struct schema_object *o)
{
	const char *text = o->kind == SCHEMA_KIND_column ? o->values[SCHEMA_column_position] : NULL;

	return text != NULL ? strtol(text, NULL, 10) : 0;
}

static int
compare(const struct structure_entry *a, const struct structure_entry *b)
{
	int order = schema_object_compare(a->whole, b->whole);
	bool first = a->object == a->whole, second = b->object == b->whole;

	if (order != 0 || first != second)
		return order != 0 ? order : first ? -1 : 1;
	if (a->object->kind == b->object->kind && position(a->object) != position(b->object))
		return position(a->object) < position(b->object) ? -1 : 1;
	return schema_object_compare(a->object, b->object);
}

static int
by_whole(const void *a, const void *b)
{
	return compare(a, b);
}

static int
by_schema_first(const void *a, const void *b)
{
	const struct structure_entry *x = a, *y = b;
	const char *first = x->whole->schema, *second = y->whole->schema;

	if (first == NULL || second == NULL)
		return first == second ? compare(x, y) : first == NULL ? -1 : 1;
	int order = strcmp(first, second);
	return order != 0 ? order : compare(x, y);
}

void
structure_sort(struct structure_entry *entries, size_t count, bool by_schema)
{
	if (count > 0)
		qsort(entries, count, sizeof(*entries), by_schema ? by_schema_first : by_whole);
}
