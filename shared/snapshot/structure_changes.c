/*
 * The document of `confiture diff`. What the Python tool has names for keeps them, so that what
 * reads its output goes on reading; all other kinds follow one rule.
 */
#include "shared/snapshot/structure_changes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shared/snapshot/structure_words.h"
#include "shared/schema/fingerprint.h"
#include "shared/schema/rename.h"

#include "shared/base/banned.h"

/* ---- names ---- */

struct counted {
	const char *type;
	size_t in; /* offset of the summary's field */
};
#define COUNTED(type, field)                                                                       \
	{                                                                                          \
		type, offsetof(struct diff_summary, field)                                         \
	}
static const struct counted counted[] = {
	COUNTED("ADD_TABLE", tables_added),
	COUNTED("DROP_TABLE", tables_dropped),
	COUNTED("RENAME_TABLE", tables_renamed),
	COUNTED("ADD_COLUMN", columns_added),
	COUNTED("DROP_COLUMN", columns_dropped),
	COUNTED("ADD_INDEX", indexes_added),
	COUNTED("DROP_INDEX", indexes_dropped),
	COUNTED("ADD_FOREIGN_KEY", foreign_keys_added),
	COUNTED("DROP_FOREIGN_KEY", foreign_keys_dropped),
	COUNTED("ADD_CHECK_CONSTRAINT", constraints_added),
	COUNTED("DROP_CHECK_CONSTRAINT", constraints_dropped),
	COUNTED("ADD_UNIQUE_CONSTRAINT", constraints_added),
	COUNTED("DROP_UNIQUE_CONSTRAINT", constraints_dropped),
	COUNTED("ADD_ENUM_TYPE", enum_types_added),
	COUNTED("DROP_ENUM_TYPE", enum_types_dropped),
	COUNTED("ADD_SEQUENCE", sequences_added),
	COUNTED("DROP_SEQUENCE", sequences_dropped),
};
#undef COUNTED

/* What stands behind ADD_ and DROP_; NULL: the Python tool has no name for it. */
static const char *
named_there(const struct schema_object *o)
{
	const char *type;

	switch (o->kind) {
	case SCHEMA_KIND_table:
		return "TABLE";
	case SCHEMA_KIND_column:
		return "COLUMN";
	case SCHEMA_KIND_index:
		return "INDEX";
	case SCHEMA_KIND_enum:
		return "ENUM_TYPE";
	case SCHEMA_KIND_sequence:
		return "SEQUENCE";
	case SCHEMA_KIND_constraint:
		type = o->values[SCHEMA_constraint_type];
		if (type == NULL)
			return NULL;
		return strcmp(type, "FOREIGN KEY") == 0 ? "FOREIGN_KEY"
		       : strcmp(type, "CHECK") == 0	? "CHECK_CONSTRAINT"
		       : strcmp(type, "UNIQUE") == 0	? "UNIQUE_CONSTRAINT"
							: NULL;
	default:
		return NULL;
	}
}

static const char *
upper(struct arena *arena, const char *action, enum schema_kind kind)
{
	char *name = arena_printf(arena, "%s_%s", action, schema_kind_info(kind)->name);

	for (char *p = name; *p != '\0'; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
	return name;
}

static const char *
altered(struct arena *arena, enum schema_kind kind, size_t place)
{
	static const struct {
		enum schema_kind kind;
		size_t place;
		const char *type;
	} rows[] = {
		{SCHEMA_KIND_column, SCHEMA_column_type, "CHANGE_COLUMN_TYPE"},
		{SCHEMA_KIND_column, SCHEMA_column_not_null, "CHANGE_COLUMN_NULLABLE"},
		{SCHEMA_KIND_column, SCHEMA_column_default, "CHANGE_COLUMN_DEFAULT"},
		{SCHEMA_KIND_enum, SCHEMA_enum_labels, "CHANGE_ENUM_VALUES"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].kind == kind && rows[i].place == place)
			return rows[i].type;
	return upper(arena, "ALTER", kind);
}

const char *
structure_change_type(struct arena *arena, const struct schema_change *c,
		      const struct schema_attribute_change *attribute)
{
	bool made = c->before == NULL;
	const char *name;

	if (attribute != NULL)
		return altered(arena, c->kind, attribute->place);
	name = named_there(made ? c->after : c->before);
	return name != NULL ? arena_printf(arena, "%s_%s", made ? "ADD" : "DROP", name)
			    : upper(arena, made ? "CREATE" : "DROP", c->kind);
}

/* ---- parts that come or go with their whole ---- */

static int
by_object(const void *a, const void *b)
{
	const struct schema_change *x = a, *y = b;

	return schema_object_compare(x->after ? x->after : x->before,
				     y->after ? y->after : y->before);
}

/* Where the change of its whole stands; d->count: nowhere. */
static size_t
whole_of(const struct schema_diff *d, const struct schema_change *c)
{
	const struct schema_model *m = c->after != NULL ? d->to : d->from;
	struct schema_change wanted = {.after =
					       structure_whole(m, c->after ? c->after : c->before)};
	const struct schema_change *found =
		bsearch(&wanted, d->changes, d->count, sizeof(*d->changes), by_object);

	return found != NULL ? (size_t)(found - d->changes) : d->count;
}

struct parts {
	const char **items;
	size_t count, cap;
};

static void
add_part(struct arena *arena, struct parts *p, const struct schema_change *c)
{
	const struct schema_object *o = c->after != NULL ? c->after : c->before;

	p->items = arena_grow(arena, p->items, p->count, &p->cap, sizeof(*p->items));
	p->items[p->count++] =
		arena_printf(arena, "%s %s", schema_kind_info(o->kind)->name, o->address);
}

/* ---- the document ---- */

static void
name_object(const struct schema_object *o, struct diff_change *out)
{
	out->table = structure_bare(o->parent != NULL ? o->parent : o->address);
	out->column = o->kind == SCHEMA_KIND_column ? o->name : NULL;
	out->kind = schema_kind_info(o->kind)->name;
	out->object = o->address;
}

static void
put_whole(struct arena *arena, const struct schema_change *c, struct diff_change *out)
{
	const struct schema_object *o = c->after != NULL ? c->after : c->before;
	bool made = c->before == NULL;

	assert(o != NULL);
	name_object(o, out);
	out->type = structure_change_type(arena, c, NULL);
	out->action = made ? "create" : "drop";
	out->details = structure_change_details(arena, c, NULL);
	if (o->kind == SCHEMA_KIND_column)
		*(made ? &out->new_value : &out->old_value) = structure_summary(arena, o);
}

static const char *
seed_value(const struct schema_change *c, size_t place, const char *value)
{
	if (c->kind == SCHEMA_KIND_column && place == SCHEMA_column_not_null)
		return value != NULL ? "false" : "true"; /* whether null is allowed */
	return value;
}

static void
put_attribute(struct arena *arena, const struct schema_change *c,
	      const struct schema_attribute_change *a, struct diff_change *out)
{
	assert(c->after != NULL);
	name_object(c->after, out);
	out->type = structure_change_type(arena, c, a);
	out->action = "alter";
	out->details = structure_change_details(arena, c, a);
	out->attribute = schema_kind_info(c->kind)->attributes[a->place].name;
	out->before = a->before;
	out->after = a->after;
	out->old_value = seed_value(c, a->place, a->before);
	out->new_value = seed_value(c, a->place, a->after);
}

static void
count_change(struct diff_summary *s, const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(counted); i++)
		if (strcmp(counted[i].type, type) == 0)
			*(int64_t *)(void *)((char *)s + counted[i].in) += 1;
}

static void
put_unmodelled(struct arena *arena, const struct schema_diff *d, struct diff_result *r)
{
	const struct schema_model *sides[] = {d->from, d->to};

	r->unmodelled.items =
		arena_array(arena, d->from->unmodelled_count + d->to->unmodelled_count + 1,
			    sizeof(*r->unmodelled.items));
	for (size_t side = 0; side < ARRAY_LEN(sides); side++)
		for (size_t i = 0; i < sides[side]->unmodelled_count; i++)
			r->unmodelled.items[r->unmodelled.count++] =
				arena_printf(arena, "%s: %s", side == 0 ? "from" : "to",
					     sides[side]->unmodelled[i]);
}

static void
put_fingerprints(struct arena *arena, const struct schema_diff *d, struct diff_result *r)
{
	char hash[SHA256_HEX];

	r->fingerprint = RECORD_NEW(arena, diff_fingerprints);
	schema_fingerprint(d->renames != NULL ? d->renames->origin : d->from, hash);
	r->fingerprint->from = arena_str(arena, hash);
	schema_fingerprint(d->to, hash);
	r->fingerprint->to = arena_str(arena, hash);
}

static void
put_rename(struct arena *arena, const struct schema_renamed *n, struct diff_change *out)
{
	bool table = n->after->kind == SCHEMA_KIND_table;

	record_init(&record_diff_change, out);
	name_object(n->after, out);
	out->type = n->label ? "RENAME_ENUM_VALUE" : upper(arena, "RENAME", n->after->kind);
	out->action = "rename";
	out->column = NULL;
	out->old_value = table ? structure_bare(n->before->address) : n->old;
	out->new_value = table ? structure_bare(n->after->address) : n->new;
	out->attribute = n->label ? "labels" : NULL;
	out->before = n->label ? n->old : n->before->address;
	out->after = n->label ? n->new : n->after->address;
}

static size_t
entries_of(const struct schema_change *c)
{
	return c->with_whole ? 0 : c->count > 0 ? c->count : 1;
}

static void
put_changes(struct arena *arena, const struct schema_diff *d, const struct parts *parts,
	    struct diff_result *r)
{
	size_t renames = d->renames != NULL ? d->renames->count : 0, most = renames;

	for (size_t i = 0; i < d->count; i++)
		most += entries_of(&d->changes[i]);
	r->changes.items = arena_array(arena, most + 1, sizeof(*r->changes.items));
	for (size_t i = 0; i < renames; i++) {
		struct diff_change *out = &r->changes.items[r->changes.count++];
		put_rename(arena, &d->renames->items[i], out);
		count_change(r->summary, out->type);
	}
	for (size_t i = 0; i < d->count; i++) {
		const struct schema_change *c = &d->changes[i];
		size_t entries = entries_of(c);

		for (size_t k = 0; k < entries; k++) {
			struct diff_change *out = &r->changes.items[r->changes.count++];

			record_init(&record_diff_change, out);
			if (c->count > 0)
				put_attribute(arena, c, &c->attributes[k], out);
			else
				put_whole(arena, c, out);
			out->parts.items = parts[i].items;
			out->parts.count = parts[i].count;
			count_change(r->summary, out->type);
		}
	}
}

struct diff_result *
structure_changes(struct arena *arena, const struct schema_diff *d)
{
	struct diff_result *r = RECORD_NEW(arena, diff_result);
	struct parts *parts = arena_array(arena, d->count + 1, sizeof(*parts));

	for (size_t i = 0; i < d->count; i++) {
		const struct schema_change *c = &d->changes[i];
		size_t whole = c->with_whole ? whole_of(d, c) : d->count;
		if (whole < d->count)
			add_part(arena, &parts[whole], c);
	}
	r->has_changes = d->count > 0 || (d->renames != NULL && d->renames->count > 0);
	r->summary = RECORD_NEW(arena, diff_summary);
	put_changes(arena, d, parts, r);
	put_unmodelled(arena, d, r);
	put_fingerprints(arena, d, r);
	return r;
}
