/* Differences of structures in words: names of changes, lines, privileges, owners. No server. */
#include <string.h>

#include "cli/line_diff.h"
#include "cli/render_privileges.h"
#include "cli/render_structure.h"
#include "shared/snapshot/structure_changes.h"
#include "shared/snapshot/structure_owners.h"
#include "shared/snapshot/structure_words.h"
#include "tests/support/unit.h"
#include "tests/unit/cli/fixture.h"

#include "shared/base/banned.h"

/* An object with room for the values of its kind; at most 8 at a time. */
static struct schema_object *
object(enum schema_kind kind, const char *parent, const char *name, const char *address)
{
	static struct schema_object objects[8];
	static const char *values[8][32];
	static size_t next;
	size_t at = next++ % ARRAY_LEN(objects);

	memset((void *)values[at], 0, sizeof(values[at]));
	REQUIRE(schema_kind_info(kind)->count <= ARRAY_LEN(values[at]));
	objects[at] = (struct schema_object){.kind = kind,
					     .parent = parent,
					     .name = name,
					     .address = address,
					     .values = values[at]};
	return &objects[at];
}

/* ---- names of changes ---- */

static const char *
type_of(struct arena *arena, struct schema_object *from, struct schema_object *to, size_t place)
{
	const struct schema_attribute_change a = {.place = place};
	const struct schema_change c = {
		.kind = (from ? from : to)->kind, .before = from, .after = to};

	return structure_change_type(arena, &c, from != NULL && to != NULL ? &a : NULL);
}

static void
changes_have_the_names_of_the_python_confiture_or_follow_one_rule(void)
{
	static const struct {
		enum schema_kind kind;
		const char *constraint, *made, *gone;
	} rows[] = {
		{SCHEMA_KIND_table, NULL, "ADD_TABLE", "DROP_TABLE"},
		{SCHEMA_KIND_column, NULL, "ADD_COLUMN", "DROP_COLUMN"},
		{SCHEMA_KIND_index, NULL, "ADD_INDEX", "DROP_INDEX"},
		{SCHEMA_KIND_enum, NULL, "ADD_ENUM_TYPE", "DROP_ENUM_TYPE"},
		{SCHEMA_KIND_sequence, NULL, "ADD_SEQUENCE", "DROP_SEQUENCE"},
		{SCHEMA_KIND_constraint, "FOREIGN KEY", "ADD_FOREIGN_KEY", "DROP_FOREIGN_KEY"},
		{SCHEMA_KIND_constraint, "CHECK", "ADD_CHECK_CONSTRAINT", "DROP_CHECK_CONSTRAINT"},
		{SCHEMA_KIND_constraint, "UNIQUE", "ADD_UNIQUE_CONSTRAINT",
		 "DROP_UNIQUE_CONSTRAINT"},
		{SCHEMA_KIND_constraint, "PRIMARY KEY", "CREATE_CONSTRAINT", "DROP_CONSTRAINT"},
		{SCHEMA_KIND_constraint, NULL, "CREATE_CONSTRAINT", "DROP_CONSTRAINT"},
		{SCHEMA_KIND_view, NULL, "CREATE_VIEW", "DROP_VIEW"},
		{SCHEMA_KIND_text_search_parser, NULL, "CREATE_TEXT_SEARCH_PARSER",
		 "DROP_TEXT_SEARCH_PARSER"},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct schema_object *o = object(rows[i].kind, "public.t", "x", "x");
		if (rows[i].constraint != NULL)
			o->values[SCHEMA_constraint_type] = rows[i].constraint;
		CHECK_STR(type_of(&arena, NULL, o, 0), rows[i].made);
		CHECK_STR(type_of(&arena, o, NULL, 0), rows[i].gone);
	}
	struct schema_object *c = object(SCHEMA_KIND_column, "public.t", "c", "public.t.c");
	CHECK_STR(type_of(&arena, c, c, SCHEMA_column_type), "CHANGE_COLUMN_TYPE");
	CHECK_STR(type_of(&arena, c, c, SCHEMA_column_not_null), "CHANGE_COLUMN_NULLABLE");
	CHECK_STR(type_of(&arena, c, c, SCHEMA_column_default), "CHANGE_COLUMN_DEFAULT");
	CHECK_STR(type_of(&arena, c, c, SCHEMA_column_storage), "ALTER_COLUMN");
	c = object(SCHEMA_KIND_enum, NULL, "e", "public.e");
	CHECK_STR(type_of(&arena, c, c, SCHEMA_enum_labels), "CHANGE_ENUM_VALUES");
	CHECK_STR(type_of(&arena, c, c, SCHEMA_owner), "ALTER_ENUM");
	arena_fini(&arena);
}

static void
details_come_out_of_definitions_whatever_the_names(void)
{
	struct schema_object *o =
		object(SCHEMA_KIND_constraint, "public.\"a(b\"", "fk", "fk ON public.\"a(b\"");
	struct schema_change c = {.kind = SCHEMA_KIND_constraint, .after = o};
	struct arena arena;

	arena_init(&arena);
	o->values[SCHEMA_constraint_type] = "FOREIGN KEY";
	o->values[SCHEMA_constraint_definition] = "FOREIGN KEY (\"x, (\"\"y\", z) REFERENCES "
						  "other.\"p(q\"(id, \"i)\") ON UPDATE CASCADE "
						  "ON DELETE SET NULL";
	const struct diff_details *d = structure_change_details(&arena, &c, NULL);
	REQUIRE(d != NULL && d->columns.count == 2 && d->ref_columns.count == 2);
	CHECK_STR(d->name, "fk");
	CHECK_STR(d->columns.items[0], "\"x, (\"\"y\"");
	CHECK_STR(d->columns.items[1], "z");
	CHECK_STR(d->ref_table, "other.\"p(q\"");
	CHECK_STR(d->ref_columns.items[1], "\"i)\"");
	CHECK_STR(d->on_delete, "SET NULL");
	o = object(SCHEMA_KIND_index, "public.\"a(b\"", "i", "public.i");
	o->values[SCHEMA_index_definition] = "CREATE UNIQUE INDEX i ON public.\"a(b\" USING btree "
					     "(lower((c)::text), ((d || ','::text)) DESC)";
	c = (struct schema_change){.kind = SCHEMA_KIND_index, .after = o};
	d = structure_change_details(&arena, &c, NULL);
	REQUIRE(d != NULL && d->columns.count == 2);
	CHECK_STR(d->columns.items[0], "lower((c)::text)");
	CHECK_STR(d->columns.items[1], "((d || ','::text)) DESC");
	CHECK_STR(structure_summary(&arena, o),
		  "UNIQUE btree (lower((c)::text), ((d || ','::text)) DESC)");
	/* What is cut off, or not what the server prints, harms nothing. */
	o->values[SCHEMA_index_definition] = "CREATE INDEX \"";
	CHECK_INT(structure_change_details(&arena, &c, NULL)->columns.count, 0);
	o->values[SCHEMA_index_definition] = NULL;
	CHECK_INT(structure_change_details(&arena, &c, NULL)->columns.count, 0);
	CHECK_STR(structure_summary(&arena, o), "");
	arena_fini(&arena);
}

/* ---- lines ---- */

static const char *
lines(const char *before, const char *after, size_t around)
{
	static char out[4096];
	struct line_change *all;
	struct arena arena;
	struct text t;

	arena_init(&arena);
	text_init(&t, 0);
	size_t count = line_diff(&arena, before, after, around, &all);
	for (size_t i = 0; i < count; i++) {
		if (all[i].sign == LINE_SKIPPED)
			text_printf(&t, "[%zu]", all[i].skipped);
		else
			text_printf(&t, "%c%.*s;", " -+"[all[i].sign], (int)all[i].line.len,
				    all[i].line.ptr);
	}
	REQUIRE(t.len < sizeof(out));
	memcpy(out, t.ptr, t.len + 1);
	text_fini(&t);
	arena_fini(&arena);
	return out;
}

static void
lines_are_compared_with_a_few_around(void)
{
	CHECK_STR(lines("a\nb\nc", "a\nB\nc", 1), " a;-b;+B; c;");
	CHECK_STR(lines("a\nb\nc\n", "a\nb\nc", 1), "[3]");
	CHECK_STR(lines("", "a\n\nb", 1), "+a;+;+b;");
	CHECK_STR(lines("a", "", 1), "-a;");
	CHECK_STR(lines("", "", 1), "");
	CHECK_STR(lines("1\n2\n3\n4\n5\n6\n7\n8\n9", "1\n2\n3\n4\nx\n6\n7\n8\n9", 1),
		  "[3] 4;-5;+x; 6;[3]");
	CHECK_STR(lines("a\nx\nb\ny\nc", "x\ny\nz", 0), "-a; x;-b; y;-c;+z;");
	CHECK_STR(lines("b\na", "a\nb", 0), "-b; a;+b;");
}

static void
texts_of_many_lines_are_compared_within_bounds(void)
{
	struct line_change *all;
	struct arena arena;
	struct text a, b;

	arena_init(&arena);
	text_init(&a, 0);
	text_init(&b, 0);
	for (int i = 0; i < 20000; i++) {
		text_printf(&a, "a%d\n", i);
		text_printf(&b, "b%d\n", i);
	}
	CHECK_INT(line_diff(&arena, a.ptr, b.ptr, 2, &all), 40000);
	CHECK_INT(all[0].sign, LINE_GONE);
	CHECK_INT(all[39999].sign, LINE_NEW);
	CHECK(arena.used < (size_t)64 * 1024 * 1024);
	text_fini(&a);
	text_fini(&b);
	arena_fini(&arena);
}

/* ---- privileges ---- */

static const char *
privileges(enum schema_kind kind, const char *owner, const char *before, const char *after)
{
	static char out[2048];
	struct schema_object *o = object(kind, NULL, "x", "public.x");
	struct fixture f;

	o->values[SCHEMA_owner] = owner;
	fixture_begin(&f);
	render_privileges(&f.cli, 0, o, before, after);
	const char *said = fixture_out(&f);
	REQUIRE(strlen(said) < sizeof(out));
	memcpy(out, said, strlen(said) + 1);
	fixture_end(&f);
	return out;
}

static void
privileges_read_as_statements(void)
{
	CHECK_STR(privileges(SCHEMA_KIND_table, "ann", NULL,
			     "DELETE\tann\nSELECT\tann\nINSERT\tbob\nSELECT\tbob\nUPDATE\tbob\t*"),
		  "+ GRANT INSERT, SELECT TO bob\n+ GRANT UPDATE TO bob WITH GRANT OPTION\n");
	CHECK_STR(privileges(SCHEMA_KIND_table, "ann", "SELECT\tbob\nUPDATE\tbob",
			     "SELECT\tbob\t*\nSELECT\t\"Eve\""),
		  "- REVOKE SELECT, UPDATE FROM bob\n+ GRANT SELECT TO bob WITH GRANT OPTION\n"
		  "+ GRANT SELECT TO \"Eve\"\n");
	/* Everybody may run a function until it is revoked. */
	CHECK_STR(privileges(SCHEMA_KIND_function, "Ann", NULL, "EXECUTE\t\"Ann\"\nEXECUTE\tbob"),
		  "- REVOKE EXECUTE FROM PUBLIC\n+ GRANT EXECUTE TO bob\n");
	CHECK_STR(privileges(SCHEMA_KIND_function, "ann", "EXECUTE\tann", NULL),
		  "+ GRANT EXECUTE TO PUBLIC\n");
	CHECK_STR(privileges(SCHEMA_KIND_table, "ann", NULL, ""), "- REVOKE ALL FROM ann\n");
	CHECK_STR(privileges(SCHEMA_KIND_table, "ann", "", NULL), "+ GRANT ALL TO ann\n");
	CHECK_STR(privileges(SCHEMA_KIND_table, "ann", "no tab", "SELECT\t\033[2J"),
		  "- REVOKE no tab FROM \n+ GRANT SELECT TO \\x1b[2J\n");
}

/* ---- owners ---- */

static void
the_loaders_name_goes_out_of_a_model_of_files(void)
{
	struct schema_pool *pool = schema_pool_new();
	struct schema_object *there = object(SCHEMA_KIND_table, NULL, "t", "public.t");
	struct schema_model other = {.objects = there, .count = 1}, files = {0};
	struct schema_object mine[3];

	mine[0] = *object(SCHEMA_KIND_table, NULL, "said", "public.said");
	mine[1] = *object(SCHEMA_KIND_table, NULL, "t", "public.t");
	mine[2] = *object(SCHEMA_KIND_view, NULL, "v", "public.v");
	for (size_t i = 0; i < ARRAY_LEN(mine); i++)
		mine[i].values[SCHEMA_owner] = schema_pool_text(pool, i == 0 ? "eve" : "postgres");
	there->values[SCHEMA_owner] = schema_pool_text(pool, "Ann");
	mine[1].values[SCHEMA_privileges] = schema_pool_text(
		pool, "SELECT\tPUBLIC\nSELECT\tbob\nINSERT\tpostgres\nSELECT\tpostgres\t*");
	files.objects = mine;
	files.count = ARRAY_LEN(mine);
	structure_take_owners(pool, &files, "postgres", &other, "app");
	CHECK_STR(mine[0].values[SCHEMA_owner], "eve");
	CHECK_STR(mine[1].values[SCHEMA_owner], "Ann");
	CHECK_STR(mine[1].values[SCHEMA_privileges],
		  "SELECT\tPUBLIC\nINSERT\t\"Ann\"\nSELECT\t\"Ann\"\t*\nSELECT\tbob");
	CHECK_STR(mine[2].values[SCHEMA_owner], "app");
	schema_pool_free(pool);
}

static void
default_privileges_of_the_loader_become_the_roles(void)
{
	struct schema_pool *pool = schema_pool_new();
	struct schema_model other = {0}, files = {0};
	struct schema_object mine[2];

	mine[0] = *object(SCHEMA_KIND_default_privileges, NULL, schema_pool_text(pool, "loader"),
			  schema_pool_text(pool, "FOR ROLE loader IN SCHEMA s ON TABLES"));
	mine[1] = *object(SCHEMA_KIND_default_privileges, NULL, schema_pool_text(pool, "mike"),
			  schema_pool_text(pool, "FOR ROLE mike ON TABLES"));
	mine[0].values[SCHEMA_default_privileges_grants] =
		schema_pool_text(pool, "SELECT\tbob\nSELECT\tloader");
	files.objects = mine;
	files.count = ARRAY_LEN(mine);
	structure_take_owners(pool, &files, "loader", &other, "zoe");
	CHECK_STR(mine[0].address, "FOR ROLE mike ON TABLES");
	CHECK_STR(mine[1].address, "FOR ROLE zoe IN SCHEMA s ON TABLES");
	CHECK_STR(mine[1].name, "zoe");
	CHECK_STR(mine[1].values[SCHEMA_default_privileges_grants], "SELECT\tbob\nSELECT\tzoe");
	schema_pool_free(pool);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(changes_have_the_names_of_the_python_confiture_or_follow_one_rule),
		CASE(details_come_out_of_definitions_whatever_the_names),
		CASE(lines_are_compared_with_a_few_around),
		CASE(texts_of_many_lines_are_compared_within_bounds),
		CASE(privileges_read_as_statements),
		CASE(the_loaders_name_goes_out_of_a_model_of_files),
		CASE(default_privileges_of_the_loader_become_the_roles),
	};

	return unit_main("cli/structure", cases, ARRAY_LEN(cases), argc, argv);
}
