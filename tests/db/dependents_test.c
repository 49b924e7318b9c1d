/* What the catalogue says depends on an object. */
#include <stdio.h>
#include <string.h>

#include "shared/base/text.h"
#include "tests/db/open.h"

#include "shared/base/banned.h"

static const char schema[] =
	"CREATE SCHEMA app;"
	"CREATE TABLE app.t (id int PRIMARY KEY, name text, up int REFERENCES app.t, CHECK (id > "
	"0));"
	"CREATE INDEX ON app.t (name);"
	"CREATE POLICY own ON app.t USING (name = current_user);"
	"CREATE TABLE app.u (tid int REFERENCES app.t);"
	"CREATE POLICY p ON app.u USING (tid IN (SELECT id FROM app.t));"
	"CREATE VIEW app.v AS SELECT id, name FROM app.t;"
	"CREATE VIEW public.v AS SELECT id FROM app.v;"
	"CREATE MATERIALIZED VIEW app.m AS SELECT name FROM app.t;"
	"CREATE FUNCTION app.row(r app.t) RETURNS int BEGIN ATOMIC SELECT (r).id; END;"
	"CREATE FUNCTION app.f(a int) RETURNS int IMMUTABLE LANGUAGE sql AS 'select 1';"
	"CREATE FUNCTION app.f(a text) RETURNS int IMMUTABLE LANGUAGE sql AS 'select 1';"
	"CREATE TABLE app.d (x int DEFAULT app.f(1), CHECK (app.f(x) > 0));"
	"CREATE INDEX d_f ON app.d (app.f(x));"
	"CREATE FUNCTION app.g() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';"
	"CREATE TRIGGER tg BEFORE INSERT ON app.d FOR EACH ROW EXECUTE FUNCTION app.g();"
	"CREATE TYPE app.mood AS ENUM ('a');"
	"CREATE DOMAIN app.pos AS int;"
	"CREATE TABLE app.e (m app.mood, ms app.mood[], p app.pos);"
	"CREATE TABLE app.\"Odd \"\"t\" (id int);"
	"CREATE VIEW app.\"Odd v\" AS SELECT id FROM app.\"Odd \"\"t\";";

/* kind schema.name(columns) … joined by ", " */
static const char *
dependents(struct target *t, const struct sql_object *o)
{
	struct object_dependents found;
	struct error err = {0};
	struct text out;

	MUST(t->ops->dependents(t, &test_arena, o, &found, &err), &err);
	if (!found.present)
		return "absent";
	text_init(&out, 0);
	for (size_t i = 0; i < found.count; i++) {
		const struct object_dependent *d = &found.items[i];
		text_printf(&out, "%s%s %s%s%s", i > 0 ? ", " : "", d->kind,
			    d->schema ? d->schema : "", d->schema ? "." : "", d->name);
		for (size_t c = 0; c < d->column_count; c++)
			text_printf(&out, " %s", d->columns[c]);
	}
	const char *text = arena_str(&test_arena, out.ptr);
	text_fini(&out);
	return text;
}

static struct target *
with_schema(void)
{
	const char *url = test_database("dependents");

	REQUIRE(pg_exec(url, schema));
	return open_target(url, NULL);
}

static const char *const int4[] = {"\"pg_catalog\".\"int4\""};
static const char *const text[] = {"\"text\""};
static const char *const nosuch[] = {"\"nosuch\""};

static const struct {
	struct sql_object object;
	const char *expected;
} known[] = {
	{{.kind = "table", .schema = "app", .name = "t"},
	 "constraint app.u.u_tid_fkey id, function app.row(r app.t) id, "
	 "materialized_view app.m name, policy app.u.p id, view app.v id name"},
	{{.kind = "column", .schema = "app", .name = "t", .part = "name"},
	 "materialized_view app.m name, policy app.t.own name, view app.v name"},
	{{.kind = "column", .schema = "app", .name = "t", .part = "nosuch"}, "absent"},
	{{.kind = "constraint", .schema = "app", .name = "t", .part = "t_pkey"},
	 "constraint app.t.t_up_fkey, constraint app.u.u_tid_fkey"},
	{{.kind = "constraint", .schema = "app", .name = "t", .part = "t_id_check"}, ""},
	{{.kind = "view", .schema = "app", .name = "v"}, "view public.v id"},
	{{.kind = "view", .schema = "public", .name = "v"}, ""},
	{{.kind = "table", .schema = "app", .name = "nosuch"}, "absent"},
	{{.kind = "type", .schema = "app", .name = "mood"}, "column app.e.m, column app.e.ms"},
	{{.kind = "domain", .schema = "app", .name = "pos"}, "column app.e.p"},
	{{.kind = "function", .schema = "app", .name = "g"}, "trigger app.d.tg"},
	{{.kind = "table", .schema = "app", .name = "Odd \"t"}, "view app.Odd v id"},
	{{.kind = "schema", .name = "nosuch"}, "absent"},
	{{.kind = "extension", .name = "plpgsql"}, "function app.g()"},
};

static void
each_kind_of_object_has_its_dependents(void)
{
	struct target *t = with_schema();

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (!CHECK_STR(dependents(t, &known[i].object), known[i].expected))
			fprintf(stderr, "  of: %s %s\n", known[i].object.kind,
				known[i].object.name);
	}
	close_target(t);
}

static void
functions_of_one_name_are_told_apart_by_their_types(void)
{
	struct target *t = with_schema();
	struct sql_object f = {.kind = "function", .schema = "app", .name = "f"};

	f.arguments = (const char **)(size_t)int4;
	f.argument_count = 1;
	CHECK_STR(dependents(t, &f), "constraint app.d.d_x_check, default app.d.x, index app.d_f");
	f.arguments = (const char **)(size_t)text;
	CHECK_STR(dependents(t, &f), "");
	f.arguments = (const char **)(size_t)nosuch;
	CHECK_STR(dependents(t, &f), "absent");
	f.argument_count = 0;
	CHECK_STR(dependents(t, &f), "absent");
	close_target(t);
}

static void
names_without_a_schema_go_by_the_search_path(void)
{
	struct target *t = with_schema();
	struct sql_object v = {.kind = "view", .name = "v"};

	CHECK_STR(dependents(t, &v), ""); /* public.v */
	must_run(t, "SET search_path = app, public");
	CHECK_STR(dependents(t, &v), "view public.v id");
	must_run(t, "SET search_path = nosuch, public");
	CHECK_STR(dependents(t, &v), "");
	/* What CREATE OR REPLACE would make anew replaces nothing elsewhere. */
	must_run(t, "CREATE SCHEMA empty");
	must_run(t, "SET search_path = empty, app");
	v.created = true;
	CHECK_STR(dependents(t, &v), "absent");
	close_target(t);
}

static void
a_search_path_with_traps_in_it_changes_nothing(void)
{
	struct target *t = with_schema();
	struct sql_object v = {.kind = "view", .schema = "app", .name = "v"};

	must_run(t, "CREATE SCHEMA trap");
	must_run(t,
		 "CREATE FUNCTION trap.no(name, text) RETURNS bool LANGUAGE sql AS 'select false'");
	must_run(t, "CREATE OPERATOR trap.= (leftarg = name, rightarg = text, function = trap.no)");
	must_run(t, "CREATE TABLE trap.pg_depend (a int)");
	must_run(t, "SET search_path = trap, pg_catalog");
	CHECK_STR(dependents(t, &v), "view public.v id");
	close_target(t);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(each_kind_of_object_has_its_dependents),
		CASE(functions_of_one_name_are_told_apart_by_their_types),
		CASE(names_without_a_schema_go_by_the_search_path),
		CASE(a_search_path_with_traps_in_it_changes_nothing),
	};

	if (!cluster_start())
		return 2;
	int code = unit_main("db/dependents", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&test_arena);
	return code;
}
