/*
 * Types as statements name them, and names that stand in string constants.
 */
#include <string.h>
#include <strings.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"
#include "shared/sql/scan.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name

/* Types of pg_catalog that people write without their schema. The grammar's own words (integer,
 * varchar, timestamp …) come with it already. */
static const char *const builtin_types[] = {
	"text",
	"uuid",
	"jsonb",
	"json",
	"date",
	"bytea",
	"inet",
	"cidr",
	"macaddr",
	"macaddr8",
	"money",
	"xml",
	"oid",
	"name",
	"int2",
	"int4",
	"int8",
	"float4",
	"float8",
	"bool",
	"timestamptz",
	"timetz",
	"varchar",
	"bpchar",
	"numeric",
	"timestamp",
	"time",
	"interval",
	"tsvector",
	"tsquery",
	"regclass",
	"regproc",
	"regtype",
	"record",
	"trigger",
	"void",
	"anyelement",
	"anyarray",
	"internal",
	"cstring",
	"point",
	"line",
	"lseg",
	"box",
	"path",
	"polygon",
	"circle",
	"int4range",
	"int8range",
	"numrange",
	"tsrange",
	"tstzrange",
	"daterange",
	"event_trigger",
	"serial",
	"bigserial",
	"smallserial",
	"serial2",
	"serial4",
	"serial8",
	"bit",
	"varbit",
	"char",
	"refcursor",
	"unknown",
	"regnamespace",
	"regrole",
	"fdw_handler",
	"language_handler",
	"index_am_handler",
	"table_am_handler",
	"pg_lsn",
	"int2vector",
	"oidvector",
	"xid",
	"tid",
	"int4multirange",
	"int8multirange",
	"nummultirange",
	"tsmultirange",
	"tstzmultirange",
	"datemultirange",
	"jsonpath",
	"anynonarray",
	"anyenum",
	"anyrange",
	"anycompatible",
};

static bool
is_builtin(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(builtin_types); i++) {
		if (strcmp(builtin_types[i], name) == 0)
			return true;
	}
	return false;
}

/* t.c%TYPE: the type of a column. */
static void
put_type_of_column(struct footprint_walk *w, enum sql_bond bond, const PgQuery__TypeName *type)
{
	PgQuery__RangeVar table;
	size_t n = type->n_names;
	char empty[] = "";

	(void)bond;
	if (n < 2 || tree_string(type->names[n - 2]) == NULL)
		return;
	pg_query__range_var__init(&table);
	table.relname = arena_str(w->arena, tree_string(type->names[n - 2]));
	table.schemaname = n > 2 && tree_string(type->names[n - 3]) != NULL
				   ? arena_str(w->arena, tree_string(type->names[n - 3]))
				   : empty;
	footprint_column(w, SQL_BOND_COPY, &table, tree_string(type->names[n - 1]));
}

void
footprint_type(struct footprint_walk *w, enum sql_bond bond, const PgQuery__TypeName *type)
{
	struct tree_name name;

	if (type == NULL)
		return;
	if (type->pct_type) {
		put_type_of_column(w, bond, type);
		return;
	}
	name = tree_name_of(type->names, type->n_names);
	if (name.name == NULL || (name.schema == NULL && is_builtin(name.name)))
		return;
	footprint_read(w, bond, SQL_KIND_TYPE, name);
}

void
footprint_label_of(struct footprint_walk *w, const PgQuery__TypeName *type, const char *constant)
{
	struct tree_name name;

	if (type == NULL || constant == NULL || type->pct_type || type->n_array_bounds > 0)
		return;
	name = tree_name_of(type->names, type->n_names);
	if (name.name == NULL || (name.schema == NULL && is_builtin(name.name)))
		return;
	footprint_part(w, SQL_MODE_READ, SQL_KIND_TYPE, name, SQL_PART_LABEL, constant)->bond =
		w->late ? SQL_BOND_LATE : SQL_BOND_NAME;
}

/* The words of one type as PostgreSQL prints them, near enough to compare signatures. */
const char *
footprint_type_text(struct footprint_walk *w, const PgQuery__TypeName *type)
{
	static const char *const same[][2] = {
		{"int4", "integer"},
		{"int", "integer"},
		{"int8", "bigint"},
		{"int2", "smallint"},
		{"bool", "boolean"},
		{"float8", "double precision"},
		{"float4", "real"},
		{"varchar", "character varying"},
		{"bpchar", "character"},
		{"timestamptz", "timestamp with time zone"},
		{"timetz", "time with time zone"},
		{"decimal", "numeric"},
	};
	struct tree_name name;
	const char *word;

	if (type == NULL)
		return "";
	name = tree_name_of(type->names, type->n_names);
	word = name.name != NULL ? name.name : "";
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		if (strcmp(word, same[i][0]) == 0)
			word = same[i][1];
	}
	if (name.schema != NULL && strcmp(name.schema, "pg_catalog") != 0)
		word = arena_printf(w->arena, "%s.%s", name.schema, word);
	else if (name.schema == NULL && name.name != NULL && !is_builtin(name.name))
		word = arena_printf(w->arena, "%s.%s", footprint_new_schema(w), word);
	return type->n_array_bounds > 0 ? arena_printf(w->arena, "%s[]", word) : word;
}

/* ---- names in strings ---- */

/* One part of a name: folded unless quoted. NULL at the end or when it is no name. */
static const char *
next_part(struct footprint_walk *w, const char **at)
{
	const char *s = *at;
	char *out = arena_alloc(w->arena, strlen(s) + 1);
	size_t len = 0;

	if (*s == '"') {
		for (s++; *s != '\0' && (*s != '"' || s[1] == '"'); s++) {
			s += *s == '"';
			out[len++] = *s;
		}
		s += *s == '"';
	} else {
		for (; *s != '\0' && *s != '.'; s++)
			out[len++] = *s >= 'A' && *s <= 'Z' ? (char)(*s + ('a' - 'A')) : *s;
	}
	out[len] = '\0';
	*at = s;
	return len > 0 ? out : NULL;
}

void
footprint_regclass(struct footprint_walk *w, enum sql_bond bond, enum sql_kind kind,
		   const char *text)
{
	struct tree_name name = {0};

	if (text == NULL)
		return;
	name.name = next_part(w, &text);
	if (name.name != NULL && *text == '.') {
		text++;
		name.schema = name.name;
		name.name = next_part(w, &text);
	}
	if (name.name != NULL && *text == '\0')
		footprint_read(w, bond, kind, name);
}
