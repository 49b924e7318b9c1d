/*
 * Drift has the names and severities of the Python tool where it has one. The rest follows: what a
 * program may need and is not there is critical, what only makes it slower or less safe, or is
 * there beyond what the files say, is a warning.
 */
#include "cli/structure_drift.h"

#include <string.h>

#include "cli/render_privileges.h"
#include "shared/snapshot/structure_words.h"

#include "shared/base/banned.h"

static const char critical[] = "critical", warning[] = "warning", info[] = "info";

struct finder {
	struct arena *arena;
	const struct drift_rules *rules;
	struct drift_result *out;
	size_t cap;
};

static void
put(struct finder *f, struct drift_item item)
{
	struct drift_result *r = f->out;

	r->drift_items.items = arena_grow(f->arena, r->drift_items.items, r->drift_items.count,
					  &f->cap, sizeof(*r->drift_items.items));
	r->drift_items.items[r->drift_items.count++] = item;
	*(item.severity == critical  ? &r->critical_count
	  : item.severity == warning ? &r->warning_count
				     : &r->info_count) += 1;
}

static struct drift_item
item_of(struct finder *f, const struct schema_object *o, const char *severity, const char *type)
{
	return (struct drift_item){
		.type = type,
		.severity = severity,
		.object = structure_bare(o->address),
		.message = arena_printf(f->arena, "%s %s", structure_kind_words(f->arena, o->kind),
					structure_bare(o->address)),
		.kind = schema_kind_info(o->kind)->name,
	};
}

/* ---- what is there on one side only ---- */

static const char *
missing_severity(enum schema_kind kind)
{
	switch (kind) {
	case SCHEMA_KIND_index:
	case SCHEMA_KIND_constraint:
	case SCHEMA_KIND_domain_constraint:
	case SCHEMA_KIND_statistics:
		return warning;
	default:
		return critical;
	}
}

static const char *
extra_severity(enum schema_kind kind)
{
	return kind == SCHEMA_KIND_index || kind == SCHEMA_KIND_statistics ? info : warning;
}

static void
put_object(struct finder *f, const struct schema_change *c)
{
	bool missing = c->before == NULL;
	const struct schema_object *o = missing ? c->after : c->before;
	const char *kind = schema_kind_info(o->kind)->name;
	const char *summary = structure_summary(f->arena, o);
	struct drift_item item =
		item_of(f, o, missing ? missing_severity(o->kind) : extra_severity(o->kind),
			arena_printf(f->arena, "%s_%s", missing ? "missing" : "extra", kind));

	if (summary[0] != '\0')
		*(missing ? &item.expected : &item.actual) = summary;
	item.message = arena_printf(f->arena, "%s %s", item.message,
				    missing ? "is not in the database"
					    : "is in the database and not in the files");
	put(f, item);
}

/* ---- what is there on both ---- */

static void
put_grants(struct finder *f, const struct schema_change *c, const struct schema_attribute_change *a)
{
	struct privilege_change *changes;
	size_t count = privilege_changes(f->arena, c->after, a->before, a->after, &changes);

	for (size_t i = 0; i < count; i++) {
		bool missing = changes[i].grant;
		const char *severity = missing && !f->rules->warn_only ? critical : warning;
		struct drift_item item =
			item_of(f, c->after, severity, missing ? "missing_grant" : "extra_grant");
		const char *words =
			arena_printf(f->arena, "%s TO %s%s", changes[i].what, changes[i].grantee,
				     changes[i].again ? " WITH GRANT OPTION" : "");

		*(missing ? &item.expected : &item.actual) = words;
		item.message =
			arena_printf(f->arena, "%s: %s is %s", item.message, words,
				     missing ? "not granted" : "granted, and not by the files");
		put(f, item);
	}
}

static const char *
value_of(enum schema_kind kind, size_t place, const char *value)
{
	if (kind == SCHEMA_KIND_column && place == SCHEMA_column_not_null)
		return value != NULL ? "NOT NULL" : "NULL";
	if (schema_kind_info(kind)->attributes[place].type == SCHEMA_FLAG)
		return value != NULL ? "true" : "false";
	return value;
}

static const char *
mismatch(struct finder *f, enum schema_kind kind, size_t place)
{
	if (place == SCHEMA_owner)
		return "wrong_owner";
	if (kind == SCHEMA_KIND_column && place == SCHEMA_column_not_null)
		return "nullable_mismatch";
	return arena_printf(f->arena, "%s_mismatch",
			    schema_kind_info(kind)->attributes[place].name);
}

static void
put_attribute(struct finder *f, const struct schema_change *c,
	      const struct schema_attribute_change *a)
{
	const char *severity = a->place == SCHEMA_owner	    ? critical
			       : a->place == SCHEMA_comment ? info
							    : warning;
	struct drift_item item = item_of(f, c->after, severity, mismatch(f, c->kind, a->place));

	item.expected = value_of(c->kind, a->place, a->after);
	item.actual = value_of(c->kind, a->place, a->before);
	item.message = arena_printf(f->arena, "%s differs in %s", item.message,
				    schema_kind_info(c->kind)->attributes[a->place].name);
	put(f, item);
}

static void
put_change(struct finder *f, const struct schema_change *c)
{
	if (c->count == 0) {
		put_object(f, c);
		return;
	}
	for (size_t i = 0; i < c->count; i++) {
		const struct schema_attribute_change *a = &c->attributes[i];

		if (render_is_privileges(c->kind, a->place)) {
			if (f->rules->grants)
				put_grants(f, c, a);
		} else if (a->place != SCHEMA_owner || f->rules->owners) {
			put_attribute(f, c, a);
		}
	}
}

static void
count_checked(const struct schema_model *m, struct drift_result *out)
{
	out->objects_checked = (int64_t)m->count;
	for (size_t i = 0; i < m->count; i++) {
		enum schema_kind kind = m->objects[i].kind;

		out->tables_checked += kind == SCHEMA_KIND_table ? 1 : 0;
		out->columns_checked += kind == SCHEMA_KIND_column ? 1 : 0;
		out->indexes_checked += kind == SCHEMA_KIND_index ? 1 : 0;
	}
}

void
structure_drift(struct arena *arena, const struct schema_diff *d, const struct drift_rules *rules,
		struct drift_result *out)
{
	struct finder f = {.arena = arena, .rules = rules, .out = out};

	for (size_t i = 0; i < d->count; i++) {
		const struct schema_change *c = &d->changes[i];
		/* Default privileges are nothing but grants. */
		if (!c->with_whole && (c->kind != SCHEMA_KIND_default_privileges || rules->grants))
			put_change(&f, c);
	}
	count_checked(d->to, out);
	out->unmodelled.items = d->from->unmodelled;
	out->unmodelled.count = d->from->unmodelled_count;
	out->has_drift = out->drift_items.count > 0;
	out->has_critical_drift = out->critical_count > 0;
}
