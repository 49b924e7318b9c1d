/* What a statement replaces or drops: each case is a statement and its objects as rows. */
#include <stdio.h>

#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "shared/sql/replaced.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

struct replaced_case {
	const char *sql;
	const char *expected;
};

/* kind schema.name.part(arguments) with + when it is created and - when it is dropped */
static void
print_objects(struct text *out, const struct sql_objects *objects)
{
	for (size_t i = 0; i < objects->count; i++) {
		const struct sql_object *o = &objects->items[i];
		text_printf(out, "%s%s%s%s ", i > 0 ? " | " : "", o->created ? "+" : "",
			    o->dropped ? "-" : "", o->kind);
		text_printf(out, "%s%s%s", o->schema ? o->schema : "", o->schema ? "." : "",
			    o->name);
		if (o->part != NULL)
			text_printf(out, ".%s", o->part);
		for (size_t a = 0; o->arguments != NULL && a < o->argument_count; a++)
			text_printf(out, "%s%s", a > 0 ? "," : "(", o->arguments[a]);
		if (o->arguments != NULL)
			text_put(out, o->argument_count > 0 ? ")" : "()");
	}
}

static void
check_cases(const struct replaced_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena arena;
		struct sql_objects objects = {0};
		struct text got;
		arena_init(&arena);
		text_init(&got, 0);
		sql_replaced_of(&arena, span_str(cases[i].sql), &objects);
		print_objects(&got, &objects);
		if (!CHECK_STR(got.ptr, cases[i].expected))
			fprintf(stderr, "  of: %s\n", cases[i].sql);
		text_fini(&got);
		arena_fini(&arena);
	}
}
#define CHECK_CASES(...)                                                                           \
	do {                                                                                       \
		static const struct replaced_case cases[] = {__VA_ARGS__};                         \
		check_cases(cases, ARRAY_LEN(cases));                                              \
	} while (0)

static void
create_or_replace_names_what_may_be_there(void)
{
	CHECK_CASES(
		{"create or replace view v as select 1", "+view v"},
		{"create or replace view \"S\".\"V v\" as select 1", "+view S.V v"},
		{"create or replace function f() returns int language sql as ''", "+function f()"},
		{"create or replace procedure s.p(int) language sql as ''",
		 "+procedure s.p(\"pg_catalog\".\"int4\")"},
		{"create or replace aggregate s.a(int) (sfunc = f, stype = int)",
		 "+aggregate s.a(\"pg_catalog\".\"int4\")"});
}

static void
argument_types_tell_functions_of_one_name_apart(void)
{
	CHECK_CASES(
		{"create or replace function f(a varchar(3), inout b int[], out c text, variadic d "
		 "app.mood[] default '{}') language sql as ''",
		 "+function f(\"pg_catalog\".\"varchar\",\"pg_catalog\".\"int4\"[],\"app\".\"mood\""
		 "[])"},
		{"create or replace function f(a int) returns table (b int) language sql as ''",
		 "+function f(\"pg_catalog\".\"int4\")"},
		{"create or replace function f(a t.c%type) returns int language sql as ''",
		 "+function f"},
		{"drop function f(int, \"T\")", "-function f(\"pg_catalog\".\"int4\",\"T\")"},
		{"drop function f", "-function f"}, {"drop aggregate a(*)", "-aggregate a()"});
}

static void
drop_names_each_object(void)
{
	CHECK_CASES({"drop table a, s.b cascade", "-table a | -table s.b"},
		    {"drop view if exists v", "-view v"},
		    {"drop materialized view m", "-materialized_view m"},
		    {"drop index concurrently s.i", "-index s.i"},
		    {"drop sequence q", "-sequence q"},
		    {"drop foreign table f", "-foreign_table f"}, {"drop type s.t", "-type s.t"},
		    {"drop domain d", "-domain d"}, {"drop schema s cascade", "-schema s"},
		    {"drop extension e", "-extension e"},
		    {"drop routine r(text)", "-routine r(\"text\")"});
}

static void
columns_and_constraints_belong_to_their_table(void)
{
	CHECK_CASES({"alter table s.t drop column a, add column b int, drop constraint if exists c",
		     "-column s.t.a | -constraint s.t.c"},
		    {"alter table only t alter column a type bigint", "column t.a"});
}

static void
what_has_no_dependents_or_is_new_is_left_out(void)
{
	CHECK_CASES({"create view v as select 1", ""},
		    {"create function f() returns int language sql as ''", ""},
		    {"drop trigger g on t", ""}, {"drop policy p on t", ""},
		    {"drop rule r on t", ""},
		    {"create or replace trigger g before insert on t execute function f()", ""},
		    {"alter table t add column a int", ""}, {"delete from t", ""},
		    {"not sql at all", ""}, {"", ""});
}

static const struct unit_case cases[] = {
	CASE(create_or_replace_names_what_may_be_there),
	CASE(argument_types_tell_functions_of_one_name_apart),
	CASE(drop_names_each_object),
	CASE(columns_and_constraints_belong_to_their_table),
	CASE(what_has_no_dependents_or_is_new_is_left_out),
};

int
main(int argc, char **argv)
{
	return unit_main("sql_replaced", cases, ARRAY_LEN(cases), argc, argv);
}
