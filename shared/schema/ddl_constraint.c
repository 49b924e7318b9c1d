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

static const char *const not_valid = " NOT VALID", *const not_enforced = " NOT ENFORCED";

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

/* ---- keys ---- */

/* "UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b) DEFERRABLE" in its parts; they lie in the text. */
struct key_words {
	struct span nulls, columns, when;
};

static struct key_words
key_words(const char *def)
{
	const char *open = strchr(def, '('), *close = strrchr(def, ')');
	const char *nulls = strstr(def, " NULLS ");

	if (open == NULL || close == NULL)
		return (struct key_words){0};
	return (struct key_words){
		.nulls = nulls != NULL && nulls < open ? span_of(nulls, (size_t)(open - 1 - nulls))
						       : span_of(open, 0),
		.columns = span_of(open, (size_t)(close + 1 - open)),
		.when = span_of(close + 1, strlen(close + 1)),
	};
}

static bool
is_key(const struct schema_object *o)
{
	return K(o, type)[0] == 'P' || K(o, type)[0] == 'U';
}

static const char *
key_storage(struct ddl *d, const struct schema_object *o)
{
	const char *options = ddl_options_set(d, NULL, K(o, options), "");

	return options != NULL ? ddl_say(d, " WITH (%s)", options) : "";
}

/* Its index is built while others write, and then becomes the key. */
static bool
comes_by_index(const struct ddl *d, const struct schema_object *o)
{
	const char *def = K(o, definition);

	return d->online && d->in_use && is_key(o) && !on_partitioned(d->to, o) &&
	       key_words(def).columns.len > 0 && strstr(def, " WITHOUT OVERLAPS)") == NULL;
}

static void
put_key_by_index(struct ddl *d, const struct schema_object *o)
{
	const char *name = ddl_own_name(d, o), *space = K(o, tablespace);
	struct key_words w = key_words(K(o, definition));

	ddl_put(d, "CREATE UNIQUE INDEX CONCURRENTLY %s ON %s USING btree %.*s%.*s%s%s%s", name,
		o->parent, (int)w.columns.len, w.columns.ptr, (int)w.nulls.len, w.nulls.ptr,
		key_storage(d, o), space ? " TABLESPACE " : "", space ? space : "")
		->alone = true;
	ddl_put(d, "ALTER TABLE %s ADD CONSTRAINT %s %s USING INDEX %s%.*s", o->parent, name,
		K(o, type), name, (int)w.when.len, w.when.ptr);
}

static void
put_key(struct ddl *d, const struct schema_object *o)
{
	const char *def = K(o, definition), *space = K(o, tablespace);
	size_t head = strlen(def) - key_words(def).when.len;

	ddl_put(d, "ALTER TABLE %s%s ADD CONSTRAINT %s %.*s%s%s%s%s", only(d, o), o->parent,
		ddl_own_name(d, o), (int)head, def, key_storage(d, o),
		space ? " USING INDEX TABLESPACE " : "", space ? space : "", def + head);
}

/* ---- constraints ---- */

static void
put_plain(struct ddl *d, const struct schema_object *o)
{
	const char *name = ddl_own_name(d, o), *def = K(o, definition);
	bool later = d->online && d->in_use && (K(o, type)[0] == 'F' || K(o, type)[0] == 'C') &&
		     !ends_with(def, not_valid) && !ends_with(def, not_enforced) &&
		     !on_partitioned(d->to, o);

	const char *helper = ddl_heir_helper(d, o);

	if (helper != NULL) {
		ddl_put(d, "ALTER TABLE %s ADD CONSTRAINT %s %s", helper, name, def);
		return;
	}
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

void
ddl_constraint_create(struct ddl *d, const struct schema_object *o)
{
	if (K(o, part_of) == NULL && ddl_follows_parent(d, o))
		return;
	if (comes_by_index(d, o))
		put_key_by_index(d, o);
	else if (is_key(o))
		put_key(d, o);
	else
		put_plain(d, o);
}

static bool
alter_storage(struct ddl *d, const struct schema_change *c)
{
	const char *index =
		ddl_say(d, "%s.%s", ddl_name(d, c->after->schema), ddl_own_name(d, c->after));
	const char *set = ddl_options_set(d, K(c->before, options), K(c->after, options), "");
	const char *reset = ddl_options_reset(d, K(c->before, options), K(c->after, options), "");

	if (set != NULL)
		ddl_put(d, "ALTER INDEX %s SET (%s)", index, set);
	if (reset != NULL)
		ddl_put(d, "ALTER INDEX %s RESET (%s)", index, reset);
	if (!ddl_same(c, SCHEMA_constraint_tablespace))
		ddl_put(d, "ALTER INDEX %s SET TABLESPACE %s", index,
			K(c->after, tablespace) ? K(c->after, tablespace) : "pg_default")
			->hazards = HAZARD_REWRITE | HAZARD_BLOCKS_READS;
	return true;
}

/* A key can be attached to its parent's and stays so (STEP_ATTACH); it is then said to be
 * inherited. */
static bool
may_be_attached(const struct schema_change *c)
{
	if (ddl_same(c, SCHEMA_constraint_part_of))
		return ddl_same(c, SCHEMA_constraint_inherited);
	return K(c->before, part_of) == NULL;
}

bool
ddl_constraint_alter(struct ddl *d, const struct schema_change *c)
{
	static const size_t known[] = {SCHEMA_constraint_definition, SCHEMA_constraint_options,
				       SCHEMA_constraint_tablespace, SCHEMA_constraint_part_of,
				       SCHEMA_constraint_inherited,  0};
	const char *old = K(c->before, definition), *new = K(c->after, definition);
	size_t n = strlen(new);

	if (ddl_others(c, known) || !may_be_attached(c))
		return false;
	if (ddl_same(c, SCHEMA_constraint_definition))
		return alter_storage(d, c);
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
	if (K(o, part_of) != NULL ? d->detached : !ddl_goes_with_parent(d, o))
		ddl_put(d, "ALTER TABLE %s DROP CONSTRAINT %s", o->parent, ddl_own_name(d, o))
			->hazards = HAZARD_BLOCKS_READS;
}

/* An index of a partition becomes a part of its parent's. */
void
ddl_constraint_attach(struct ddl *d, const struct schema_object *o)
{
	const struct schema_object *whole =
		schema_model_find(d->to, SCHEMA_KIND_constraint, K(o, part_of));
	const char *parent =
		whole ? ddl_say(d, "%s.%s", ddl_name(d, whole->schema), ddl_own_name(d, whole))
		      : K(o, part_of);

	ddl_put(d, "ALTER INDEX %s ATTACH PARTITION %s.%s", parent, ddl_name(d, o->schema),
		ddl_own_name(d, o));
}

/* ---- indexes ---- */

/* PostgreSQL builds no index of a partitioned table concurrently: those of its partitions are, and
 * then attached. */
static bool
is_built_alone(const struct ddl *d, const struct schema_object *o)
{
	return d->online && d->in_use && !on_partitioned(d->to, o);
}

/* Nor does it drop one, or a part of one, so. */
static bool
is_dropped_alone(const struct ddl *d, const struct schema_object *o)
{
	return d->online && d->in_use && !on_partitioned(d->from, o) && I(o, part_of) == NULL;
}

/* CREATE [UNIQUE] INDEX | name … */
static size_t
before_name(const char *def)
{
	const char *at = strstr(def, "INDEX ");

	return at != NULL ? (size_t)(at - def) + strlen("INDEX ") : 0;
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
	const char *def = I(o, definition);
	size_t head = before_name(def);

	if (is_built_alone(d, o) && head > 0)
		ddl_put(d, "%.*sCONCURRENTLY %s", (int)head, def, def + head)->alone = true;
	else
		ddl_put(d, "%s", def);
	put_index_settings(d, NULL, o);
}

bool
ddl_index_can_swap(const struct ddl *d, const struct schema_object *before,
		   const struct schema_object *after)
{
	return d->online && I(before, part_of) == NULL && I(after, part_of) == NULL &&
	       I(before, invalid) == NULL && before->parent == after->parent &&
	       !on_partitioned(d->from, before) && !on_partitioned(d->to, after) &&
	       before_name(I(after, definition)) > 0;
}

void
ddl_index_swap(struct ddl *d, const struct schema_object *before, const struct schema_object *after)
{
	const char *def = I(after, definition), *schema = ddl_name(d, after->schema);
	const char *name = after->address + ddl_until(after->address, '.') + 1;
	size_t number = (size_t)(before - d->from->objects), head = before_name(def);
	const char *rest = def + head + ddl_until(def + head, ' ');

	ddl_about(d, after, "replace");
	ddl_put(d, "%.*sCONCURRENTLY confiture_new_%zu%s", (int)head, def, number, rest)->alone =
		true;
	ddl_put(d, "ALTER INDEX %s RENAME TO confiture_old_%zu", before->address, number);
	ddl_put(d, "ALTER INDEX %s.confiture_new_%zu RENAME TO %s", schema, number, name);
	put_index_settings(d, NULL, after);
	ddl_finish(d, after);
	ddl_put(d, "DROP INDEX CONCURRENTLY %s.confiture_old_%zu", schema, number)->alone = true;
}

bool
ddl_index_alter(struct ddl *d, const struct schema_change *c)
{
	static const size_t known[] = {SCHEMA_index_tablespace, SCHEMA_index_statistics,
				       SCHEMA_index_part_of, 0};

	/* It can be attached and stays so: STEP_ATTACH. */
	if (ddl_others(c, known) ||
	    (I(c->before, part_of) != NULL && !ddl_same(c, SCHEMA_index_part_of)))
		return false;
	put_index_settings(d, c->before, c->after);
	return true;
}

/* A key of a partition: PostgreSQL drops it with the index that it is a part of, but wants to be
 * told.
 */
static bool
has_key_of_partition(const struct ddl *d, const struct schema_object *o)
{
	size_t i = schema_model_from(d->from, SCHEMA_KIND_constraint, "");

	for (; i < d->from->count && d->from->objects[i].kind == SCHEMA_KIND_constraint; i++)
		if (K(&d->from->objects[i], part_of) == o->address)
			return true;
	return false;
}

void
ddl_index_drop(struct ddl *d, const struct schema_object *o)
{
	bool alone = is_dropped_alone(d, o);

	/* It goes with its parent's. */
	if (I(o, part_of) != NULL && !d->detached)
		return;
	ddl_put(d, "DROP INDEX %s%s%s", alone ? "CONCURRENTLY " : "", o->address,
		!alone && has_key_of_partition(d, o) ? " CASCADE" : "")
		->alone = alone;
}

void
ddl_index_attach(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "ALTER INDEX %s ATTACH PARTITION %s", I(o, part_of), o->address);
}
