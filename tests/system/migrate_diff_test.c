/*
 * migrate diff as a user runs it: what it tells, and that the migration it writes is the way there
 * and back. Proven by migrate up, migrate down and fingerprints on a real server.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static const char before[] =
	"CREATE TYPE mood AS ENUM ('sad', 'ok');\n"
	"CREATE TABLE users (id bigint PRIMARY KEY, name text, mood mood, age int);\n"
	"CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total numeric);\n"
	"CREATE VIEW names AS SELECT id, name FROM users;\n"
	"CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a';\n";

/* Needs all ways of running: an index beside others at work, a value of an enumeration and its
 * use, constraints that are validated later, a view that must step aside. */
static const char after[] =
	"CREATE TYPE mood AS ENUM ('sad', 'fine', 'ok');\n"
	"CREATE TABLE users (id bigint PRIMARY KEY, name varchar(80) NOT NULL,\n"
	"  mood mood DEFAULT 'fine', age int CHECK (age > 0), email text);\n"
	"CREATE INDEX users_name ON users (lower(name));\n"
	"CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users,\n"
	"  total numeric);\n"
	"CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text);\n"
	"CREATE VIEW names AS SELECT id, name, email FROM users;\n"
	"CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN a + 1; END';\n"
	"COMMENT ON TABLE users IS 'people';\n";

static void
open_pair(struct project *p, const char *old, const char *new)
{
	project_open(p);
	REQUIRE(pg_exec(project_url(p), old));
	project_file(p, "db/schema/all.sql", "%s", new);
}

/* Files are loaded on the server that is there, which is quicker than one of their own. */
static const char *
with_scratch(const char *command)
{
	return words("%s --scratch-url '%s'", command, cluster_url("postgres"));
}

static int
run(struct project *p, const char *command)
{
	return project_run(p, with_scratch(command));
}

static struct document *
run_document(struct project *p, const char *command)
{
	return run_json(p, with_scratch(command), 0, "migrate-diff");
}

static char *
kept(struct project *p, const char *what)
{
	REQUIRE(project_run(p, what) == 0);
	char *text = strdup(p->last.out);
	REQUIRE(text != NULL);
	return text;
}

/* Of the only migration there is. */
static char *
migration(struct project *p, const char *end)
{
	struct process ran = {0};
	const char *script = words("cat db/migrations/*%s", end);
	const char *argv[] = {"sh", "-c", script, NULL};

	REQUIRE(process_run(&ran, &(struct process_spec){.argv = argv, .cwd = p->dir}) == 0);
	char *text = strdup(ran.out);
	REQUIRE(text != NULL);
	process_free(&ran);
	return text;
}

/* Up gives what NEW is, down what OLD was. */
static void
check_there_and_back(struct project *p, const char *was)
{
	CHECK_INT(project_run(p, "migrate up"), 0);
	CHECK_INT(run(p, "diff --from local --to db/schema"), 0);
	CHECK_STR(p->last.out, "✓ No differences between local and db/schema\n");
	CHECK_INT(project_run(p, "migrate down"), 0);
	CHECK_INT(project_run(p, "fingerprint local"), 0);
	CHECK_STR(p->last.out, was);
}

static void
the_migration_leads_there_and_back(void)
{
	struct project p;

	open_pair(&p, before, after);
	char *was = kept(&p, "fingerprint local");
	CHECK_INT(run(&p, "migrate diff local db/schema --generate --name grow"), 0);
	CHECK_HAS(p.last.out, "from local\nto   db/schema\n");
	CHECK_HAS(p.last.out, "\nmade  db/migrations/2");
	CHECK_HAS(p.last.out, "_grow.down.sql  (loses what came since");
	char *up = migration(&p, "_grow.up.sql"), *down = migration(&p, "_grow.down.sql");
	CHECK_HAS(up, "-- grow: from local to db/schema\n-- confiture:no-transaction\n");
	CHECK_HAS(up, "CREATE INDEX CONCURRENTLY users_name");
	CHECK(strstr(up, "-- loses") == NULL);
	CHECK_HAS(down, ": from db/schema back to local\n");
	CHECK_HAS(down, "-- loses the rows of public.notes\nDROP TABLE public.notes;\n");
	CHECK_HAS(down, "-- loses the values of public.users.email\nALTER TABLE");
	check_there_and_back(&p, was);
	free(up);
	free(down);
	free(was);
	project_close(&p);
}

static void
what_can_be_is_one_transaction(void)
{
	struct project p;

	open_pair(&p, before, after);
	char *was = kept(&p, "fingerprint local");
	/* A value is added to mood, which nothing may use before it is committed. */
	project_file(&p, "db/schema/all.sql", "%sCREATE INDEX ON users (name);\n", before);
	CHECK_INT(run(&p, "migrate diff local db/schema --generate --name i --no-online"), 0);
	char *up = migration(&p, "_i.up.sql");
	CHECK(strstr(up, "confiture:") == NULL);
	CHECK_HAS(up, "\nCREATE INDEX users_name_idx");
	check_there_and_back(&p, was);
	free(up);
	free(was);
	project_close(&p);
}

/* ---- what it tells ---- */

static void
programs_read_what_the_python_confiture_gave_them(void)
{
	struct project p;
	struct document *d;

	open_pair(&p, before, after);
	d = run_document(&p, "migrate diff local db/schema");
	CHECK_INT(document_bool(d, "success"), 1);
	CHECK_INT(document_bool(d, "has_changes"), 1);
	CHECK_INT(document_int(d, "change_count"), document_count(d, "changes"));
	CHECK_STR(document_text(d, "changes.0.type"), "CHANGE_ENUM_VALUES");
	CHECK_INT(document_bool(d, "migration_generated"), 0);
	CHECK(document_null(d, "migration_file") && document_null(d, "error"));
	CHECK_HAS(p.last.out, "\"details\": \"ADD TABLE notes\"");
	CHECK_HAS(p.last.out, "\"details\": \"ADD COLUMN users.email\"");
	CHECK_HAS(p.last.out, "\"details\": \"CHANGE COLUMN TYPE users.name FROM text TO "
			      "character varying(80)\"");
	CHECK_HAS(p.last.out, "\"details\": \"ALTER FUNCTION f(integer) definition\"");
	document_free(d);
	CHECK_INT(run(&p, "migrate diff local db/schema -f csv"), 0);
	CHECK_HAS(p.last.out, "type,details\nCHANGE_ENUM_VALUES,");
	CHECK_HAS(p.last.out, "\nADD_TABLE,ADD TABLE notes\n");
	CHECK_INT(run(&p, "migrate diff local db/schema -f csv -o out.csv"), 0);
	CHECK_STR(p.last.out, "");
	CHECK(project_has(&p, "out.csv"));
	CHECK_INT(run(&p, "migrate diff local db/schema --report out.json"), 0);
	CHECK(project_has(&p, "out.json"));
	CHECK(!project_has(&p, "db/migrations/.migration_lock"));
	d = run_document(&p, "migrate diff local db/schema --generate --name grow");
	CHECK_INT(document_bool(d, "migration_generated"), 1);
	CHECK(project_has(&p, document_text(d, "migration_file")));
	CHECK(project_has(&p, document_text(d, "down_file")));
	CHECK_INT(document_count(d, "loses"), 0);
	CHECK_STR(document_text(d, "down_loses.0"), "ALTER TABLE public.users DROP COLUMN email");
	document_free(d);
	project_close(&p);
}

static void
where_nothing_differs_nothing_is_written(void)
{
	struct project p;

	open_pair(&p, before, before);
	struct document *d =
		run_document(&p, "migrate diff local db/schema --generate --name none");
	CHECK_INT(document_bool(d, "has_changes"), 0);
	CHECK_INT(document_bool(d, "migration_generated"), 0);
	CHECK(!project_has(&p, "db/migrations/.migration_lock"));
	document_free(d);
	project_close(&p);
}

/* ---- what it refuses ---- */

static void
a_migration_that_loses_rows_is_asked_for_by_name(void)
{
	struct project p;
	struct refusal rows[] = {
		{"migrate diff local db/schema --generate --name drop", 5, "DIFFER_403",
		 "DROP TABLE public.orders", "--generate --name drop --allow-data-loss", NULL,
		 NULL},
		{"migrate diff local db/schema --generate", 2, "USAGE_001",
		 "--generate needs --name", "--generate --name NAME", NULL, NULL},
		{"migrate diff local db/schema --generate --name ../x", 2, "USAGE_001",
		 "is no name for a migration", NULL, NULL, NULL},
		{"migrate diff local", 2, "USAGE_001", "NEW", NULL, NULL, NULL},
		{"migrate diff local nowhere.sql", 4, "SCHEMA_201", "nowhere.sql", NULL, NULL,
		 NULL},
	};

	open_pair(&p, before,
		  "CREATE TYPE mood AS ENUM ('sad', 'ok');\n"
		  "CREATE TABLE users (id bigint PRIMARY KEY, name text, mood mood, age int);\n"
		  "CREATE VIEW names AS SELECT id, name FROM users;\n"
		  "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a';\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refusal_check(&p, &rows[i]);
	struct document *d = run_json(
		&p, "migrate diff local db/schema --generate --name drop --allow-data-loss", 0,
		"migrate-diff");
	CHECK_STR(document_text(d, "loses.0"), "DROP TABLE public.orders");
	document_free(d);
	char *up = migration(&p, "_drop.up.sql");
	CHECK_HAS(up, "-- 1 statement loses rows or values");
	CHECK_HAS(up, "-- loses the rows of public.orders\nDROP TABLE public.orders;\n");
	free(up);
	project_close(&p);
}

/* ---- renames ---- */

static const char renamed[] =
	"CREATE TYPE mood AS ENUM ('blue', 'ok');\n"
	"CREATE TABLE customers (id bigint PRIMARY KEY, full_name text, mood mood, age int);\n"
	"CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total numeric, at date);\n"
	"CREATE VIEW names AS SELECT id, full_name AS name FROM customers;\n"
	"CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a';\n";
#define RENAMES                                                                                    \
	" --rename users=customers --rename public.users.name=public.customers.full_name"          \
	" --rename users.users_pkey=customers_pkey --rename mood.sad=mood.blue"

static void
what_is_said_to_be_renamed_keeps_its_rows(void)
{
	struct project p;

	open_pair(&p, before, renamed);
	char *was = kept(&p, "fingerprint local");
	REQUIRE(pg_exec(project_url(&p), "INSERT INTO users VALUES (1, 'ann', 'sad', 3)"));
	/* Nothing is guessed. */
	CHECK_INT(run(&p, "diff --from local --to db/schema -f sql"), 5);
	CHECK_HAS(p.last.err, "DROP TABLE public.users");
	CHECK_INT(run(&p, "diff --from local --to db/schema" RENAMES), 1);
	CHECK_STR(p.last.out, "from local\n"
			      "to   db/schema\n"
			      "\n"
			      "» table public.users → public.customers\n"
			      "» column public.users.name → public.customers.full_name\n"
			      "» constraint users_pkey ON public.users → customers_pkey ON "
			      "public.customers\n"
			      "» label of public.mood 'sad' → 'blue'\n"
			      "\n"
			      "~ table public.orders\n"
			      "    + column at date\n"
			      "\n"
			      "4 to rename, 1 to make, 0 to drop, 0 to change\n");
	CHECK_INT(run(&p, "migrate diff local db/schema --generate --name call" RENAMES), 0);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_STR(project_sql(&p, "SELECT full_name || mood FROM customers"), "annblue");
	CHECK_INT(run(&p, "diff --from local --to db/schema"), 0);
	CHECK_INT(project_run(&p, "migrate down"), 0);
	CHECK_STR(project_sql(&p, "SELECT name || mood FROM users"), "annsad");
	CHECK_INT(project_run(&p, "fingerprint local"), 0);
	CHECK_STR(p.last.out, was);
	free(was);
	project_close(&p);
}

static void
programs_see_renames_as_changes(void)
{
	struct project p;
	struct document *d;

	open_pair(&p, before, renamed);
	char *was = kept(&p, "fingerprint local");
	d = run_json(&p, with_scratch("diff --from local --to db/schema" RENAMES), 1, "diff");
	CHECK_STR(document_text(d, "changes.0.type"), "RENAME_TABLE");
	CHECK_STR(document_text(d, "changes.0.action"), "rename");
	CHECK_STR(document_text(d, "changes.0.object"), "public.customers");
	CHECK_STR(document_text(d, "changes.0.before"), "public.users");
	CHECK_STR(document_text(d, "changes.0.after"), "public.customers");
	CHECK_STR(document_text(d, "changes.0.old_value"), "users");
	CHECK_STR(document_text(d, "changes.0.new_value"), "customers");
	CHECK_STR(document_text(d, "changes.0.sql"),
		  "ALTER TABLE public.users RENAME TO customers;");
	CHECK_STR(document_text(d, "changes.1.type"), "RENAME_COLUMN");
	CHECK_STR(document_text(d, "changes.1.table"), "customers");
	CHECK_STR(document_text(d, "changes.1.old_value"), "name");
	CHECK_STR(document_text(d, "changes.3.type"), "RENAME_ENUM_VALUE");
	CHECK_STR(document_text(d, "changes.3.before"), "'sad'");
	CHECK_STR(document_text(d, "changes.4.type"), "ADD_COLUMN");
	CHECK_INT(document_int(d, "summary.tables_renamed"), 1);
	CHECK_STR(document_text(d, "statements.0.action"), "rename");
	was[strlen(was) - 1] = '\0';
	CHECK_STR(document_text(d, "fingerprint.from"), was);
	document_free(d);
	d = run_document(&p, "migrate diff local db/schema" RENAMES);
	CHECK_STR(document_text(d, "changes.0.details"), "RENAME TABLE users TO customers");
	CHECK_STR(document_text(d, "changes.1.details"),
		  "RENAME COLUMN customers.name TO full_name");
	document_free(d);
	free(was);
	project_close(&p);
}

static void
a_rename_that_cannot_be_is_refused(void)
{
	static const struct refusal rows[] = {
		{"diff --from local --to db/schema --rename users", 2, "USAGE_001", "no OLD=NEW",
		 "--rename public.users=", NULL, NULL},
		{"diff --from local --to db/schema --rename =users", 2, "USAGE_001", "no OLD=NEW",
		 NULL, NULL, NULL},
		{"diff --from local --to local --rename nobody=users", 5, "DIFFER_405",
		 "nobody is not in the old structure", "introspect", NULL, NULL},
		{"diff --from local --to local --rename users=orders", 5, "DIFFER_405",
		 "public.orders is there already", "rename that one too", NULL, NULL},
		{"migrate diff local local --rename f(integer)=g --rename f=g", 5, "DIFFER_405",
		 "no function g in the new", NULL, NULL, NULL},
	};
	struct project p;

	open_pair(&p, before, renamed);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refusal_check(&p, &rows[i]);
	project_close(&p);
}

/* Of what the plan makes itself nobody waits for anything. */
static void
each_statement_says_what_it_stops(void)
{
	struct project p;
	struct text told;

	project_open(&p);
	REQUIRE(pg_exec(
		project_url(&p),
		"CREATE TABLE a (id int PRIMARY KEY, n varchar(9));"
		"CREATE TABLE b (a int REFERENCES a, c int); CREATE TABLE \"o\nd\" (i int)"));
	project_file(&p, "db/schema/all.sql", "%s",
		     "CREATE TABLE a (id int PRIMARY KEY, n varchar(12), u uuid DEFAULT "
		     "gen_random_uuid());\n"
		     "CREATE TABLE b (a int, c int); CREATE INDEX c ON b (c);\n"
		     "CREATE TABLE \"o\nd\" (i int, j int);\n"
		     "CREATE TABLE e (a int REFERENCES a); CREATE INDEX d ON e (a);\n"
		     "COMMENT ON TABLE b IS 'x';\n");
	CHECK_INT(project_run(&p, "diff --from local --to db/schema -f sql --no-online"), 1);
	CHECK_HAS(p.last.out, "\n-- lock: ACCESS EXCLUSIVE on public.b; perhaps on table that a "
			      "foreign key names\nALTER TABLE public.b DROP CONSTRAINT");
	CHECK_HAS(p.last.out, "\n-- lock: ACCESS EXCLUSIVE on public.a; may rewrite it; perhaps on "
			      "tables whose foreign keys name it\nALTER TABLE public.a ALTER");
	CHECK_HAS(p.last.out, "\n-- lock: ACCESS EXCLUSIVE on public.a; rewrites it\nALTER TABLE "
			      "public.a ADD COLUMN u");
	CHECK_HAS(p.last.out, "\n-- lock: SHARE ROW EXCLUSIVE on public.a\nALTER TABLE public.e");
	CHECK_HAS(p.last.out, "\n-- lock: SHARE on public.b\nCREATE INDEX c ");
	CHECK_HAS(p.last.out, "\n-- lock: ACCESS EXCLUSIVE on public.o?d\nALTER TABLE");
	CHECK_HAS(p.last.out, ";\nCREATE INDEX d ON public.e");
	CHECK_HAS(p.last.out, ";\nCOMMENT ON TABLE public.b");
	struct document *d =
		run_json(&p, "diff --from local --to db/schema --no-online", 1, "diff");
	text_init(&told, 0);
	for (int64_t i = 0; i < document_count(d, "changes"); i++) {
		const char *lock = document_text(d, words("changes.%d.lock", (int)i));
		const char *rewrite = words("changes.%d.rewrite", (int)i);
		text_printf(&told, "%s: %s, %s\n",
			    document_text(d, words("changes.%d.object", (int)i)),
			    lock != NULL ? lock : "none",
			    document_null(d, rewrite)	     ? "perhaps"
			    : document_bool(d, rewrite) == 1 ? "yes"
							     : "no");
	}
	CHECK_STR(told.ptr, "public.b: SHARE UPDATE EXCLUSIVE, no\n"
			    "public.e: SHARE ROW EXCLUSIVE, no\n"
			    "public.\"o\nd\".j: ACCESS EXCLUSIVE, no\n"
			    "public.a.n: ACCESS EXCLUSIVE, perhaps\n"
			    "public.a.u: ACCESS EXCLUSIVE, yes\n"
			    "b_a_fkey ON public.b: ACCESS EXCLUSIVE, no\n"
			    "public.c: SHARE, no\n");
	text_fini(&told);
	document_free(d);
	project_close(&p);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(each_statement_says_what_it_stops),
		CASE(the_migration_leads_there_and_back),
		CASE(what_can_be_is_one_transaction),
		CASE(programs_read_what_the_python_confiture_gave_them),
		CASE(where_nothing_differs_nothing_is_written),
		CASE(a_migration_that_loses_rows_is_asked_for_by_name),
		CASE(what_is_said_to_be_renamed_keeps_its_rows),
		CASE(programs_see_renames_as_changes),
		CASE(a_rename_that_cannot_be_is_refused),
	};

	if (!cluster_start())
		return 2;
	return unit_main("system/migrate_diff", cases, ARRAY_LEN(cases), argc, argv);
}
