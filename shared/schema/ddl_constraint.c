/* Constraints and indexes: what can be done without keeping others waiting is done so. */
#include "shared/schema/ddl.h"

#include "shared/base/banned.h"

#define K(o, name) ((o)->values[SCHEMA_constraint_##name])
#define I(o, name) ((o)->values[SCHEMA_index_##name])

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static const char *const not_valid = " NOT VALID";

static bool
has_index(const struct schema_object *o)
{
	char c = K(o, type)[0];

	return c == 'P' || c == 'U' || c == 'E';
}

static bool
on_partitioned(const struct schema_model *m, const struct schema_object *o)
{
	const struct schema_object *table = schema_model_find(m, SCHEMA_KIND_table, o->parent);

	return table != NULL && table->values[SCHEMA_table_partition_key] != NULL;
}

static const char *
only(const struct ddl *d, const struct schema_object *o)
{
	return has_index(o) && on_partitioned(d->to, o) ? "ONLY " : "";
}

void
ddl_constraint_create(struct ddl *d, const struct schema_object *o)
{
	const char *name = ddl_own_name(d, o), *def = K(o, definition);

	/* Made with the parent's, unless the table comes to its parent later. */
	if (K(o, inherited) != NULL && K(o, part_of) == NULL && !d->attached)
		return;
	bool later = d->online && d->in_use && (K(o, type)[0] == 'F' || K(o, type)[0] == 'C') &&
		     !ends_with(def, not_valid) && !on_partitioned(d->to, o);

	ddl_put(d, "ALTER TABLE %s%s ADD CONSTRAINT %s %s%s", only(d, o), o->parent, name, def,
		later ? not_valid : "");
	if (K(o, tablespace) != NULL)
		ddl_put(d, "ALTER INDEX %s SET TABLESPACE %s",
			ddl_say(d, "%s.%s", ddl_name(d, o->schema), name), K(o, tablespace));
	if (!later)
		return;
	d->items[d->count - 1].then_commit = true;
	ddl_put(d, "ALTER TABLE %s VALIDATE CONSTRAINT %s", o->parent, name)->hazards = HAZARD_SCAN;
}

bool
ddl_constraint_alter(struct ddl *d, const struct schema_change *c)
{
	static const size_t known[] = {SCHEMA_constraint_definition, 0};
	const char *old = K(c->before, definition), *new = K(c->after, definition);
	size_t n = strlen(new);

	if (ddl_others(c, known))
		return false;
	if (strncmp(old, new, n) != 0 || strcmp(old + n, not_valid) != 0)
		return false;
	ddl_put(d, "ALTER TABLE %s VALIDATE CONSTRAINT %s", c->after->parent,
		ddl_own_name(d, c->after))
		->hazards = HAZARD_SCAN;
	return true;
}

void
ddl_constraint_drop(struct ddl *d, const struct schema_object *o)
{
	if (d->detached || (K(o, inherited) == NULL && K(o, part_of) == NULL))
		ddl_put(d, "ALTER TABLE %s DROP CONSTRAINT %s", o->parent, ddl_own_name(d, o))
			->hazards = HAZARD_BLOCKS_READS;
}

/* An index of a partition becomes a part of its parent's. */
void
ddl_constraint_attach(struct ddl *d, const struct schema_object *o)
{
	const struct schema_object *whole =
		schema_model_find(d->to, SCHEMA_KIND_constraint, K(o, part_of));

	if (whole != NULL)
		ddl_put(d, "ALTER INDEX %s.%s ATTACH PARTITION %s.%s", ddl_name(d, whole->schema),
			ddl_own_name(d, whole), ddl_name(d, o->schema), ddl_own_name(d, o));
}

/* ---- indexes ---- */

/* PostgreSQL builds and drops neither an index of a partitioned table nor a part of one
 * concurrently. */
static bool
is_alone(const struct ddl *d, const struct schema_model *m, const struct schema_object *o)
{
	return d->online && d->in_use && !on_partitioned(m, o) && I(o, part_of) == NULL;
}

static void
put_index_settings(struct ddl *d, const struct schema_object *before,
		   const struct schema_object *after)
{
	const char **all, **old;
	size_t count = ddl_lines(d, I(after, statistics), &all);
	size_t old_count = ddl_lines(d, before ? I(before, statistics) : NULL, &old);

	for (size_t i = 0; i < old_count; i++)
		if (!ddl_has_line(I(after, statistics), old[i], strlen(old[i])))
			ddl_put(d, "ALTER INDEX %s ALTER COLUMN %.*s SET STATISTICS -1",
				after->address, (int)strcspn(old[i], " "), old[i]);
	for (size_t i = 0; i < count; i++) {
		size_t n = strcspn(all[i], " ");
		if (before == NULL || !ddl_has_line(I(before, statistics), all[i], strlen(all[i])))
			ddl_put(d, "ALTER INDEX %s ALTER COLUMN %.*s SET STATISTICS%s",
				after->address, (int)n, all[i], all[i] + n);
	}
	if ((before ? I(before, tablespace) : NULL) != I(after, tablespace))
		ddl_put(d, "ALTER INDEX %s SET TABLESPACE %s", after->address,
			I(after, tablespace) ? I(after, tablespace) : "pg_default");
}

void
ddl_index_create(struct ddl *d, const struct schema_object *o)
{
	const char *def = I(o, definition), *after = strstr(def, "INDEX ");
	bool alone = is_alone(d, d->to, o);

	if (alone && after != NULL) {
		after += strlen("INDEX ");
		ddl_put(d, "%.*sCONCURRENTLY %s", (int)(after - def), def, after)->alone = true;
	} else {
		ddl_put(d, "%s", def);
	}
	put_index_settings(d, NULL, o);
}

bool
ddl_index_alter(struct ddl *d, const struct schema_change *c)
{
	static const size_t known[] = {SCHEMA_index_tablespace, SCHEMA_index_statistics, 0};

	if (ddl_others(c, known))
		return false;
	put_index_settings(d, c->before, c->after);
	return true;
}

void
ddl_index_drop(struct ddl *d, const struct schema_object *o)
{
	bool alone = is_alone(d, d->from, o);

	/* It goes with its parent's. */
	if (I(o, part_of) != NULL && !d->detached)
		return;
	ddl_put(d, "DROP INDEX %s%s", alone ? "CONCURRENTLY " : "", o->address)->alone = alone;
}

void
ddl_index_attach(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "ALTER INDEX %s ATTACH PARTITION %s", I(o, part_of), o->address);
}
