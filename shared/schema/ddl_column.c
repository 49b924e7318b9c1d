/* Columns of tables and attributes of composite types. */
#include "shared/schema/ddl.h"

#include "shared/base/banned.h"

#define C(o, name) ((o)->values[SCHEMA_column_##name])

static bool
of_type(const struct schema_object *o)
{
	return strcmp(C(o, of), "type") == 0;
}

/* "MATERIALIZED VIEW" */
static const char *
whole_of(const struct schema_object *o)
{
	switch (C(o, of)[0]) {
	case 'v':
		return "VIEW";
	case 'm':
		return "MATERIALIZED VIEW";
	case 'f':
		return "FOREIGN TABLE";
	default:
		return of_type(o) ? "TYPE" : "TABLE";
	}
}

/* Behind what changes a type: to the tables that have their columns from it. */
static const char *
cascade(const struct ddl *d, const struct schema_object *attribute)
{
	return ddl_has_typed_tables(d, attribute->parent) ? " CASCADE" : "";
}

/* Of an attribute: a column of some table, or a typed table, may hold it. */
static bool
has_values(const struct ddl *d, const struct schema_object *attribute)
{
	size_t i = schema_model_from(d->from, SCHEMA_KIND_column, ""),
	       n = strlen(attribute->parent);

	for (; i < d->from->count && d->from->objects[i].kind == SCHEMA_KIND_column; i++) {
		const char *type = C(&d->from->objects[i], type);
		if (!of_type(&d->from->objects[i]) && strncmp(type, attribute->parent, n) == 0 &&
		    (type[n] == '\0' || type[n] == '['))
			return true;
	}
	return ddl_has_typed_tables(d, attribute->parent);
}

/* ALTER TABLE t ALTER COLUMN "c" */
static const char *
alter_words(struct ddl *d, const struct schema_object *o)
{
	return ddl_say(d, "ALTER %s %s ALTER COLUMN %s", whole_of(o), o->parent,
		       ddl_own_name(d, o));
}

/* Of what an heir or partition may have otherwise: PostgreSQL would change it there, too. */
static const char *
alter_only_words(struct ddl *d, const struct schema_object *o)
{
	return ddl_say(d, "ALTER %s %s%s ALTER COLUMN %s", whole_of(o),
		       ddl_has_heirs(d, o->parent) ? "ONLY " : "", o->parent, ddl_own_name(d, o));
}

/* The options of an identity's sequence, but UNLOGGED, which follows the table. */
static const char *
identity_options(struct ddl *d, const struct schema_object *o, const char *before)
{
	const char **all, *list = NULL;
	size_t count = ddl_lines(d, C(o, identity_sequence), &all);

	for (size_t i = 0; i < count; i++) {
		bool name = strncmp(all[i], "SEQUENCE NAME ", 14) == 0;
		if (strcmp(all[i], "UNLOGGED") == 0 || (before != NULL && name) ||
		    ddl_has_line(before, all[i], strlen(all[i])))
			continue;
		list = ddl_say(d, "%s%s%s%s", list ? list : "", list ? " " : "",
			       before ? "SET " : "", all[i]);
	}
	if (before != NULL && ddl_has_line(before, "CYCLE", 5) &&
	    !ddl_has_line(C(o, identity_sequence), "CYCLE", 5))
		list = ddl_say(d, "%s SET NO CYCLE", list ? list : "");
	return list;
}

/* "5" of the line "START WITH 5"; NULL when there is none. */
static const char *
identity_value(struct ddl *d, const struct schema_object *o, const char *what)
{
	const char **all;
	size_t count = ddl_lines(d, C(o, identity_sequence), &all);

	for (size_t i = 0; i < count; i++)
		if (strncmp(all[i], what, strlen(what)) == 0)
			return all[i] + strlen(what);
	return NULL;
}

/* A partition's column has its parent's identity (from 17 on), and no sequence of its own. */
static const char *
own_identity(const struct schema_object *o)
{
	return C(o, identity_sequence) != NULL ? C(o, identity) : NULL;
}

static const char *
default_words(struct ddl *d, const struct schema_object *o, bool with_default)
{
	if (C(o, generated) != NULL)
		return ddl_say(d, " GENERATED ALWAYS AS (%s) %s", C(o, default), C(o, generated));
	if (own_identity(o) != NULL) {
		const char *options = identity_options(d, o, NULL);
		return ddl_say(d, " GENERATED %s AS IDENTITY%s%s%s", own_identity(o),
			       options ? " (" : "", options ? options : "", options ? ")" : "");
	}
	return with_default && C(o, default) != NULL ? ddl_say(d, " DEFAULT %s", C(o, default))
						     : "";
}

const char *
ddl_column_words(struct ddl *d, const struct schema_object *o, bool with_default)
{
	const char *options = C(o, server_options);

	return ddl_say(d, "%s %s%s%s%s%s%s%s%s", ddl_own_name(d, o), C(o, type),
		       C(o, compression) ? " COMPRESSION " : "",
		       C(o, compression) ? C(o, compression) : "",
		       options ? ddl_say(d, " OPTIONS (%s)", ddl_join(d, options, ", ")) : "",
		       C(o, collation) ? " COLLATE " : "", C(o, collation) ? C(o, collation) : "",
		       default_words(d, o, with_default), C(o, not_null) ? " NOT NULL" : "");
}

static void
put_settings(struct ddl *d, const struct schema_object *before, const struct schema_object *after)
{
	const char *old_options = before ? C(before, options) : NULL;
	const char *set = ddl_options_set(d, old_options, C(after, options), "");
	const char *reset = ddl_options_reset(d, old_options, C(after, options), "");
	const char *alter = alter_only_words(d, after);

	if ((before ? C(before, statistics) : NULL) != C(after, statistics))
		ddl_put(d, "%s SET STATISTICS %s", alter,
			C(after, statistics) ? C(after, statistics) : "-1");
	if (set != NULL)
		ddl_put(d, "%s SET (%s)", alter, set);
	if (reset != NULL)
		ddl_put(d, "%s RESET (%s)", alter, reset);
}

/* Storage that is the type's own is not told; the types whose own is not EXTENDED are few. */
static const char *
own_storage(const char *type)
{
	static const char *const plain[] = {
		"integer", "bigint", "smallint", "boolean", "date",
		"real",	   "uuid",   "oid",	 "name",    "double precision"};

	if (strncmp(type, "numeric", 7) == 0 || strcmp(type, "inet") == 0 ||
	    strcmp(type, "cidr") == 0)
		return "MAIN";
	if (strncmp(type, "timestamp", 9) == 0 || strncmp(type, "time", 4) == 0)
		return "PLAIN";
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (strcmp(type, plain[i]) == 0)
			return "PLAIN";
	return "EXTENDED";
}

void
ddl_column_extras(struct ddl *d, const struct schema_object *o)
{
	if (C(o, storage) != NULL)
		ddl_put(d, "%s SET STORAGE %s", alter_words(d, o), C(o, storage));
	put_settings(d, NULL, o);
	ddl_finish(d, o);
}

void
ddl_column_unset_default(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "%s DROP DEFAULT", alter_only_words(d, o));
}

void
ddl_column_set_default(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "%s SET DEFAULT %s", alter_only_words(d, o), C(o, default));
}

void
ddl_column_create(struct ddl *d, const struct schema_object *o)
{
	if (C(o, of)[0] == 'v' || C(o, of)[0] == 'm') {
		if (C(o, default) != NULL)
			ddl_column_set_default(d, o);
		if (C(o, compression) != NULL)
			ddl_put(d, "%s SET COMPRESSION %s", alter_words(d, o), C(o, compression));
	} else if (of_type(o)) {
		ddl_put(d, "ALTER TYPE %s ADD ATTRIBUTE %s%s", o->parent,
			ddl_column_words(d, o, false), cascade(d, o));
	} else if (ddl_type_of_column(d, o) != NULL) {
		ddl_column_typed(d, o);
	} else if (!ddl_follows_parent(d, o)) {
		const char *helper = ddl_heir_helper(d, o);
		ddl_put(d, "ALTER %s %s ADD COLUMN %s", whole_of(o), helper ? helper : o->parent,
			ddl_column_words(d, o, true));
	}
	if (C(o, storage) != NULL)
		ddl_put(d, "%s SET STORAGE %s", alter_words(d, o), C(o, storage));
	put_settings(d, NULL, o);
}

/* The column of a view stays; what was said of it is taken back. */
static void
make_plain(struct ddl *d, const struct schema_object *o)
{
	const char *values[SCHEMA_column_ATTRIBUTES] = {
		[SCHEMA_column_of] = C(o, of), [SCHEMA_column_type] = C(o, type)};
	struct schema_object plain = *o;

	plain.values = values;
	if (C(o, default) != NULL)
		ddl_column_unset_default(d, o);
	if (C(o, storage) != NULL)
		ddl_put(d, "%s SET STORAGE %s", alter_words(d, o), own_storage(C(o, type)));
	if (C(o, compression) != NULL)
		ddl_put(d, "%s SET COMPRESSION default", alter_words(d, o));
	put_settings(d, o, &plain);
	if (o->values[SCHEMA_comment] != NULL)
		ddl_put(d, "COMMENT ON COLUMN %s IS NULL", o->address);
	ddl_privileges_drop(d, o);
}

void
ddl_column_drop(struct ddl *d, const struct schema_object *o)
{
	if (C(o, of)[0] == 'v' || C(o, of)[0] == 'm')
		make_plain(d, o);
	if (C(o, of)[0] == 'v' || C(o, of)[0] == 'm' || ddl_goes_with_parent(d, o))
		return;
	if (ddl_type_of_column(d, o) != NULL)
		return;
	if (of_type(o))
		ddl_put(d, "ALTER TYPE %s DROP ATTRIBUTE %s%s", o->parent, ddl_own_name(d, o),
			cascade(d, o))
			->hazards = has_values(d, o) ? HAZARD_DATA_LOSS : 0;
	else
		ddl_put(d, "ALTER %s %s DROP COLUMN %s", whole_of(o), o->parent, ddl_own_name(d, o))
			->hazards = C(o, generated) ? 0 : HAZARD_DATA_LOSS;
}

/* Types between which PostgreSQL has a cast of its own; a family ends with NULL. */
static const char *const families[][12] = {
	{"smallint", "integer", "bigint", "numeric", "real", "double precision", NULL},
	{"date", "timestamp", "time", NULL},
	{"json", "jsonb", NULL},
	{"boolean", "integer", NULL},
	{"inet", "cidr", NULL},
	{"bit", "bit varying", "integer", "bigint", NULL},
};

/* Without its modifiers: numeric of numeric(10,2), timestamp of timestamp(3) with time zone. */
static bool
is_a(const char *type, const char *name)
{
	size_t n = strlen(name);

	return strncmp(type, name, n) == 0 &&
	       (type[n] == '\0' || type[n] == '(' || (type[n] == ' ' && strcmp(name, "bit") != 0));
}

static bool
is_text(const char *type)
{
	return is_a(type, "text") || is_a(type, "character") || is_a(type, "name") ||
	       is_a(type, "\"char\"");
}

static bool
in_family(const char *type, const char *const *family)
{
	for (; *family != NULL; family++)
		if (is_a(type, *family))
			return true;
	return false;
}

static bool
is_list(const char *type)
{
	size_t n = strlen(type);

	return n > 2 && strcmp(type + n - 2, "[]") == 0;
}

/* What stands between the value and its new type: nothing where there is a cast, else its text. */
static const char *
by_way_of(const char *old, const char *new, bool another)
{
	size_t n = strcspn(old, "([");
	bool lists = is_list(old) && is_list(new);

	if (!another && strncmp(old, new, n) == 0 && (new[n] == '\0' || new[n] == '(') &&
	    (old[n] == '\0' || old[n] == '(') && !is_list(old) && !is_list(new))
		return "";
	if (!another && !is_list(old) && !is_list(new)) {
		if (is_text(old) || is_text(new))
			return "";
		for (size_t i = 0; i < ARRAY_LEN(families); i++)
			if (in_family(old, families[i]) && in_family(new, families[i]))
				return "";
	}
	return lists ? "::text[]" : "::text";
}

/* The composite type of that name, without an array's brackets. */
static const struct schema_object *
composite_of(const struct schema_model *m, const char *type)
{
	return is_list(type) ? NULL : schema_model_find(m, SCHEMA_KIND_composite, type);
}

/* A row of the new type out of one of the old: an attribute that is not there is null. */
static const char *
row_of(struct ddl *d, const char *name, const struct schema_object *old,
       const struct schema_object *new)
{
	const struct schema_object **attributes = ddl_columns_of(d, d->to, new);
	const char *list = "";

	for (size_t i = 0; attributes[i] != NULL; i++) {
		const struct schema_object *b = attributes[i], *a;
		const char *own = ddl_own_name(d, b), *value = "NULL";
		a = schema_model_find(d->from, SCHEMA_KIND_column,
				      ddl_say(d, "%s.%s", old->address, own));
		if (a != NULL)
			value = ddl_say(d, "(%s).%s%s", name, own,
					by_way_of(C(a, type), C(b, type),
						  composite_of(d->from, C(a, type)) != NULL));
		list = ddl_say(d, "%s%s%s::%s", list, i > 0 ? ", " : "", value, C(b, type));
	}
	return ddl_say(d, "CASE WHEN %s IS DISTINCT FROM NULL THEN ROW(%s)", name, list);
}

static bool
loses_attributes(struct ddl *d, const struct schema_object *old, const struct schema_object *new)
{
	const struct schema_object **attributes = ddl_columns_of(d, d->from, old);

	for (size_t i = 0; attributes[i] != NULL; i++)
		if (schema_model_find(d->to, SCHEMA_KIND_column,
				      ddl_say(d, "%s.%s", new->address,
					      ddl_own_name(d, attributes[i]))) == NULL)
			return true;
	return false;
}

void
ddl_column_retype(struct ddl *d, const struct schema_object *before,
		  const struct schema_object *after, bool another)
{
	const char *collate =
		C(after, collation) ? ddl_say(d, " COLLATE %s", C(after, collation)) : "";
	const char *name = ddl_own_name(d, after);

	if (of_type(after)) {
		ddl_put(d, "ALTER TYPE %s ALTER ATTRIBUTE %s TYPE %s%s%s", after->parent, name,
			C(after, type), collate, cascade(d, after))
			->hazards =
			cascade(d, after)[0] != '\0' ? HAZARD_REWRITE | HAZARD_BLOCKS_READS : 0;
		return;
	}
	if (strcmp(whole_of(after), "FOREIGN TABLE") == 0) {
		ddl_put(d, "%s TYPE %s%s", alter_words(d, after), C(after, type), collate);
		return;
	}
	const struct schema_object *was = composite_of(d->from, C(before, type));
	const struct schema_object *is = composite_of(d->to, C(after, type));
	const char *value =
		was != NULL && is != NULL
			? ddl_say(d, "%s::%s END", row_of(d, name, was, is), C(after, type))
			: ddl_say(d, "%s%s::%s", name,
				  by_way_of(C(before, type), C(after, type), another),
				  C(after, type));
	bool loses = was != NULL && is != NULL && loses_attributes(d, was, is);
	ddl_put(d, "%s TYPE %s%s USING %s", alter_words(d, after), C(after, type), collate, value)
		->hazards = HAZARD_REWRITE | HAZARD_BLOCKS_READS | (loses ? HAZARD_DATA_LOSS : 0);
}

/* ---- ALTER COLUMN ---- */

/* The sequence has a name of its own, which follows the table's only when it is made. */
static void
rename_sequence(struct ddl *d, const struct schema_object *a, const struct schema_object *b)
{
	const char *old = identity_value(d, a, "SEQUENCE NAME "),
		   *new = identity_value(d, b, "SEQUENCE NAME ");

	if (old == NULL || new == NULL || strcmp(old, new) == 0)
		return;
	size_t schema = ddl_until(old, '.');
	if (strncmp(old, new, schema + 1) == 0)
		ddl_put(d, "ALTER SEQUENCE %s RENAME TO %s", old, new + schema + 1);
}

static void
alter_identity(struct ddl *d, const struct schema_change *c)
{
	const struct schema_object *a = c->before, *b = c->after;
	const char *alter = alter_words(d, b);

	if (own_identity(a) != NULL && own_identity(b) == NULL)
		ddl_put(d, "%s DROP IDENTITY", alter);
	else if (own_identity(a) == NULL && own_identity(b) != NULL)
		ddl_put(d, "%s ADD%s", alter, default_words(d, b, false));
	else if (!ddl_same(c, SCHEMA_column_identity))
		ddl_put(d, "%s SET GENERATED %s", alter, own_identity(b));
	if (own_identity(a) == NULL || own_identity(b) == NULL)
		return;
	rename_sequence(d, a, b);
	const char *options = identity_options(d, b, C(a, identity_sequence));
	const char *start = identity_value(d, a, "START WITH "),
		   *minimum = identity_value(d, b, "MINVALUE "),
		   *maximum = identity_value(d, b, "MAXVALUE ");
	bool restart = start && minimum && maximum && ddl_out_of_range(start, minimum, maximum);
	if (options != NULL)
		ddl_put(d, "%s %s%s", alter, options, restart ? " RESTART" : "");
}

/*
 * NULLs are looked for without a lock that hurts: a CHECK that is not valid yet, validated under a
 * weak lock, tells SET NOT NULL that it need not look.
 */
static void
alter_not_null(struct ddl *d, const struct schema_change *c)
{
	const struct schema_object *b = c->after;
	const char *alter = alter_words(d, b), *name = ddl_own_name(d, b);

	if (C(b, not_null) == NULL) {
		ddl_put(d, "%s DROP NOT NULL", alter);
		return;
	}
	if (!d->online || strcmp(whole_of(b), "TABLE") != 0) {
		ddl_put(d, "%s SET NOT NULL", alter)->hazards = HAZARD_SCAN | HAZARD_BLOCKS_READS;
		return;
	}
	const char *check = "\"confiture_not_null\"";
	ddl_put(d, "ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID", b->parent,
		check, name)
		->then_commit = true;
	ddl_put(d, "ALTER TABLE %s VALIDATE CONSTRAINT %s", b->parent, check)->hazards =
		HAZARD_SCAN;
	ddl_put(d, "%s SET NOT NULL", alter);
	ddl_put(d, "ALTER TABLE %s DROP CONSTRAINT %s", b->parent, check);
}

/* A partition's or heir's column follows its parent's, that of a typed table its type's. */
bool
ddl_column_follows(struct ddl *d, const struct schema_object *before,
		   const struct schema_object *after)
{
	return (C(before, inherited) != NULL && ddl_follows_parent(d, after)) ||
	       ddl_type_of_column(d, after) != NULL;
}

bool
ddl_column_alter(struct ddl *d, const struct schema_change *c)
{
	const struct schema_object *a = c->before, *b = c->after;
	const char *alter = alter_words(d, b);
	bool retype = !ddl_column_follows(d, a, b) &&
		      (!ddl_same(c, SCHEMA_column_type) || !ddl_same(c, SCHEMA_column_collation));

	/* An expression is changed by a new column; all its values follow from the others. */
	if (!ddl_same(c, SCHEMA_column_generated) && C(b, generated) != NULL)
		return false;
	if (C(b, generated) != NULL && (retype || !ddl_same(c, SCHEMA_column_default)))
		return false;
	if (!ddl_same(c, SCHEMA_column_generated) && ddl_server(d) < 13)
		return false;
	if (!ddl_same(c, SCHEMA_column_generated))
		ddl_put(d, "%s DROP EXPRESSION", alter);
	else if (C(a, default) != NULL && (retype || C(b, default) == NULL) &&
		 C(a, generated) == NULL)
		ddl_column_unset_default(d, a);
	if (own_identity(a) != NULL && own_identity(b) == NULL)
		alter_identity(d, c);
	if (retype)
		ddl_column_retype(d, a, b, false);
	if (C(b, default) != NULL && C(b, generated) == NULL &&
	    (retype || !ddl_same(c, SCHEMA_column_default)))
		ddl_column_set_default(d, b);
	if (!ddl_same(c, SCHEMA_column_not_null))
		alter_not_null(d, c);
	if (own_identity(b) != NULL)
		alter_identity(d, c);
	if (!ddl_same(c, SCHEMA_column_storage))
		ddl_put(d, "%s SET STORAGE %s", alter_only_words(d, b),
			C(b, storage) ? C(b, storage) : own_storage(C(b, type)));
	if (!ddl_same(c, SCHEMA_column_compression))
		ddl_put(d, "%s SET COMPRESSION %s", alter,
			C(b, compression) ? C(b, compression) : "default");
	put_settings(d, a, b);
	const char *foreign = ddl_foreign_options(d, C(a, server_options), C(b, server_options));
	if (foreign != NULL)
		ddl_put(d, "%s OPTIONS (%s)", alter, foreign);
	return true;
}
