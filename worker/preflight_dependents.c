/*
 * --check-dependents: what in the live database leans on the objects that the pending migrations
 * replace or drop. Views, functions, constraints and policies do not always stop a statement (a
 * function whose body is text never does), and with CASCADE they go silently; so they are listed
 * before. Only direct dependents: what depends on those shows when they are changed in turn.
 */
#include <string.h>

#include "worker/preflight.h"

#include "shared/base/banned.h"

enum { MOST_OBJECTS = 5000 };

/* Objects that a statement before this one, or this one itself, has dropped. */
struct gone {
	const char **keys;
	size_t count, cap;
};

static bool
is_wanted(const struct preflight *p)
{
	const char *mode = p->run->options->check_dependents;

	return mode != NULL && strcmp(mode, "off") != 0;
}

void
preflight_note_objects(struct preflight *p, const struct migration *m,
		       const struct body_statement *st)
{
	struct sql_objects found = {0};

	if (!is_wanted(p))
		return;
	sql_replaced_of(p->run->arena, st->piece.text, &found);
	p->statement_count++;
	for (size_t i = 0; i < found.count && p->object_count < MOST_OBJECTS; i++) {
		p->objects = arena_grow(p->run->arena, p->objects, p->object_count, &p->object_cap,
					sizeof(*p->objects));
		p->objects[p->object_count++] =
			(struct preflight_object){.object = found.items[i],
						  .migration = m,
						  .line = st->piece.line,
						  .statement = p->statement_count};
	}
}

static bool
is_gone(const struct gone *gone, const char *key)
{
	for (size_t i = 0; key != NULL && i < gone->count; i++) {
		if (strcmp(gone->keys[i], key) == 0)
			return true;
	}
	return false;
}

static void
add_gone(struct preflight *p, struct gone *gone, const char *key)
{
	gone->keys =
		arena_grow(p->run->arena, gone->keys, gone->count, &gone->cap, sizeof(*gone->keys));
	gone->keys[gone->count++] = key;
}

static void
fill_dependents(struct preflight *p, const struct object_dependents *from, const struct gone *gone,
		struct dependent_entry *entry)
{
	entry->dependents.items =
		arena_array(p->run->arena, from->count + 1, sizeof(*entry->dependents.items));
	for (size_t i = 0; i < from->count; i++) {
		const struct object_dependent *d = &from->items[i];
		if (is_gone(gone, d->key) || is_gone(gone, d->owner))
			continue;
		struct dependent *out = &entry->dependents.items[entry->dependents.count++];
		*out = (struct dependent){.kind = d->kind, .schema = d->schema, .name = d->name};
		out->referenced_columns.items = d->columns;
		out->referenced_columns.count = d->column_count;
	}
}

static void
add_entry(struct preflight *p, const struct preflight_object *o,
	  const struct object_dependents *found, const struct gone *gone)
{
	struct dependent_analysis *out = p->out->dependent_analysis;
	struct arena *arena = p->run->arena;
	bool fails = strcmp(p->run->options->check_dependents, "fail") == 0;
	struct dependent_entry entry = {.kind = o->object.kind,
					.schema = found->schema,
					.name = o->object.name,
					.source_file = o->migration->file,
					.source_line = o->line,
					.severity = fails ? "error" : "warning"};

	if (o->object.part != NULL)
		entry.name = arena_printf(arena, "%s.%s", o->object.name, o->object.part);
	entry.qualified = found->schema ? arena_printf(arena, "%s.%s", found->schema, entry.name)
					: entry.name;
	fill_dependents(p, found, gone, &entry);
	if (entry.dependents.count == 0)
		return;
	out->entries.items[out->entries.count++] = entry;
	out->has_blocking = out->has_blocking || fails;
}

/* All objects of one statement, so that what goes together is no dependent of each other. */
static bool
check_statement(struct preflight *p, struct target *t, const struct preflight_object *objects,
		size_t count, struct gone *gone, struct error *err)
{
	struct object_dependents *found = arena_array(p->run->arena, count, sizeof(*found));

	for (size_t i = 0; i < count; i++) {
		if (!job_go_on(p->run, err) ||
		    !t->ops->dependents(t, p->run->arena, &objects[i].object, &found[i], err))
			return false;
		if (found[i].present && objects[i].object.dropped)
			add_gone(p, gone, found[i].key);
	}
	for (size_t i = 0; i < count; i++) {
		if (found[i].present)
			add_entry(p, &objects[i], &found[i], gone);
	}
	return true;
}

static bool
check_all(struct preflight *p, struct target *t, struct error *err)
{
	struct gone gone = {0};
	size_t end;

	for (size_t at = 0; at < p->object_count; at = end) {
		for (end = at + 1; end < p->object_count &&
				   p->objects[end].statement == p->objects[at].statement;)
			end++;
		if (!check_statement(p, t, &p->objects[at], end - at, &gone, err))
			return false;
	}
	return true;
}

bool
preflight_dependents(struct preflight *p, struct error *err)
{
	const struct job_options *o = p->run->options;
	struct target *t;

	if (!is_wanted(p))
		return true;
	struct dependent_analysis *out = arena_new(p->run->arena, struct dependent_analysis);
	p->out->dependent_analysis = out;
	out->status = "ok";
	if (o->all_files && o->replay_target == NULL) {
		out->status = "skipped";
		out->skip_reason = "no database was named that could be asked";
		return true;
	}
	out->entries.items =
		arena_array(p->run->arena, p->object_count + 1, sizeof(*out->entries.items));
	if (!job_connect(p->run, o->all_files ? o->replay_target : NULL, &t, err))
		return false;
	bool ok = check_all(p, t, err);
	job_disconnect(p->run, t);
	return ok;
}
