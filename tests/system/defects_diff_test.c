/*
 * What the Python tool gets wrong when it compares two schemas and writes the migration, and must
 * not be so here. docs/reference/differences.md lists it for users.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* Files are loaded on the server that is there, which is quicker than one of their own. */
static const char *
compared(const char *more)
{
	return words("migrate diff old.sql new.sql --scratch-url '%s' %s", cluster_url("postgres"),
		     more);
}

static void
open_pair(struct project *p, const char *old, const char *new)
{
	project_open(p);
	project_file(p, "old.sql", "%s", old);
	project_file(p, "new.sql", "%s", new);
}

/* ---- what is seen ---- */

static const char seen_old[] =
	"CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (x int); CREATE TABLE b.t (x int);\n"
	"CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE SEQUENCE s;\n"
	"CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i';\n"
	"CREATE TABLE u (id int PRIMARY KEY);\n"
	"CREATE TABLE t (id int, code varchar(10), price numeric(10,2), name text, n int DEFAULT "
	"f(1),\n"
	"  low text GENERATED ALWAYS AS (lower(name)) STORED, u_id int, PRIMARY KEY (id),\n"
	"  CONSTRAINT t_u FOREIGN KEY (u_id) REFERENCES u, CONSTRAINT ok CHECK (n > 0), UNIQUE "
	"(code));\n"
	"CREATE INDEX i ON t (name); CREATE INDEX j ON t USING gin (to_tsvector('simple', name));\n"
	"CREATE VIEW v AS SELECT id FROM t; COMMENT ON TABLE t IS 'old';\n";
static const char seen_new[] =
	"CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (x int); CREATE TABLE b.t (x int, y "
	"int);\n"
	"CREATE TYPE mood AS ENUM ('ok', 'sad'); CREATE SEQUENCE s INCREMENT 2;\n"
	"CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i + 1';\n"
	"CREATE TABLE u (id int PRIMARY KEY);\n"
	"CREATE TABLE t (id int, code varchar(20), price numeric(12,2), name text COLLATE \"C\",\n"
	"  n int DEFAULT f(2), low text GENERATED ALWAYS AS (upper(name)) STORED, u_id int,\n"
	"  PRIMARY KEY (id, n), CONSTRAINT t_u FOREIGN KEY (u_id) REFERENCES u ON DELETE CASCADE,\n"
	"  CONSTRAINT ok CHECK (n > 1), UNIQUE (price));\n"
	"CREATE UNIQUE INDEX i ON t (name) WHERE id > 0;\n"
	"CREATE INDEX j ON t USING gin (to_tsvector('english', name));\n"
	"CREATE VIEW v AS SELECT id, name FROM t; COMMENT ON TABLE t IS 'new';\n";

static void
what_the_python_confiture_passes_over_is_a_difference(void)
{
	static const char *const details[] = {
		"ADD COLUMN b.t.y",
		"CHANGE ENUM VALUES mood",
		"ALTER SEQUENCE s increment FROM 1 TO 2",
		"ALTER FUNCTION f(integer) definition",
		"CHANGE COLUMN TYPE t.code FROM character varying(10) TO character varying(20)",
		"CHANGE COLUMN TYPE t.price FROM numeric(10,2) TO numeric(12,2)",
		"ALTER COLUMN t.name collation",
		"CHANGE COLUMN DEFAULT t.n FROM public.f(1) TO public.f(2)",
		"CHANGE COLUMN DEFAULT t.low FROM lower(name) TO upper(name)",
		"ALTER CONSTRAINT t_pkey ON public.t",
		"ALTER CONSTRAINT t_u ON public.t",
		"ALTER CONSTRAINT ok ON public.t",
		"DROP UNIQUE CONSTRAINT t_code_key ON public.t",
		"ADD UNIQUE CONSTRAINT t_price_key ON public.t",
		"ALTER INDEX i definition FROM ",
		"ALTER INDEX j ",
		"ALTER VIEW v ",
		"ALTER TABLE t comment FROM old TO new",
	};
	struct project p;

	open_pair(&p, seen_old, seen_new);
	REQUIRE(project_run(&p, compared("-f csv")) == 0);
	for (size_t i = 0; i < ARRAY_LEN(details); i++)
		CHECK_HAS(p.last.out, details[i]);
	CHECK(strstr(p.last.out, "a.t") == NULL);
	/* And in the same order each time. */
	char *first = strdup(p.last.out);
	REQUIRE(first != NULL && project_run(&p, compared("-f csv")) == 0);
	CHECK_STR(p.last.out, first);
	free(first);
	project_close(&p);
}

static void
what_is_only_written_otherwise_is_no_difference(void)
{
	struct project p;

	open_pair(&p,
		  "CREATE TABLE t (id int PRIMARY KEY, a text, ref int REFERENCES t, b varchar);\n"
		  "CREATE SEQUENCE s; CREATE INDEX i ON t USING gin (to_tsvector('simple', a));\n"
		  "CREATE FUNCTION g() RETURNS text LANGUAGE sql AS $$SELECT 'CREATE INDEX k'$$;\n",
		  "/* CREATE INDEX k ON t (a); CREATE TYPE m AS ENUM ('x'); */\n"
		  "CREATE FUNCTION g() RETURNS text LANGUAGE sql AS $$SELECT 'CREATE INDEX k'$$;\n"
		  "CREATE TABLE public.t (id integer, a text);\n"
		  "ALTER TABLE t ADD COLUMN ref int, ADD b character varying;\n"
		  "ALTER TABLE ONLY t ADD CONSTRAINT t_pkey PRIMARY KEY (id);\n"
		  "ALTER TABLE t ADD CONSTRAINT t_ref_fkey FOREIGN KEY (ref) REFERENCES t (id);\n"
		  "CREATE SEQUENCE IF NOT EXISTS s; -- CREATE SEQUENCE no\n"
		  "CREATE INDEX IF NOT EXISTS i ON t USING gin (to_tsvector('simple', a));\n");
	struct document *d = run_json(&p, compared(""), 0, "migrate-diff");
	CHECK_INT(document_bool(d, "has_changes"), 0);
	document_free(d);
	project_close(&p);
}

static void
names_that_are_alike_are_no_rename(void)
{
	struct project p;

	open_pair(&p, "CREATE TABLE t (created_at date, user_id int, below int)",
		  "CREATE TABLE t (deleted_at date, order_id int, elbow int)");
	struct document *d = run_json(&p, compared(""), 0, "migrate-diff");
	CHECK_INT(document_int(d, "change_count"), 6);
	CHECK(strstr(p.last.out, "RENAME") == NULL);
	document_free(d);
	document_free(run_json(&p, compared("--generate --name x"), 5, "error"));
	CHECK_HAS(p.last.out, "\"DIFFER_403\"");
	CHECK(!project_has(&p, "db/migrations/.migration_lock"));
	project_close(&p);
}

/* ---- what is written ---- */

/* Names and texts with every quote; a table, columns of a type, indexes, labels, actions of keys.
 */
static const char written_old[] = "CREATE TYPE mood AS ENUM ('sad', 'ok');\n"
				  "CREATE TABLE u (id int PRIMARY KEY, n int, m mood);\n"
				  "CREATE INDEX u_n ON u (n);\n";
static const char written_new[] =
	"CREATE TYPE mood AS ENUM ('sad', 'fine', 'ok');\n"
	"CREATE TABLE u (id int PRIMARY KEY, n int, m mood, \"Ein \"\"Wort\"\"; ja\" varchar(20)\n"
	"  DEFAULT 'it''s \"\"\" \\ x', at timestamptz DEFAULT now() NOT NULL, amount "
	"numeric(8,2));\n"
	"CREATE UNIQUE INDEX \"u'n\" ON u (n DESC) WHERE n > 0;\n"
	"CREATE TABLE o (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
	"  a int REFERENCES u, b int REFERENCES u ON DELETE SET NULL,\n"
	"  c int DEFAULT 1 REFERENCES u ON DELETE SET DEFAULT, d int REFERENCES u ON DELETE "
	"CASCADE);\n";

static void
the_migration_has_what_the_files_say_and_runs(void)
{
	struct project p;
	char was[80] = "";

	open_pair(&p, written_old, written_new);
	REQUIRE(pg_exec(project_url(&p), written_old));
	CHECK_INT(project_run(&p, "fingerprint local"), 0);
	REQUIRE(strlen(p.last.out) < sizeof(was));
	memcpy(was, p.last.out, strlen(p.last.out) + 1);
	struct document *d = run_json(&p, compared("--generate --name all"), 0, "migrate-diff");
	CHECK_INT(document_bool(d, "migration_generated"), 1);
	CHECK_INT(document_count(d, "loses"), 0);
	document_free(d);
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_INT(project_run(&p, words("diff --from local --to new.sql --scratch-url '%s'",
					cluster_url("postgres"))),
		  0);
	CHECK_STR(project_sql(&p, "SELECT string_agg(confdeltype, '' ORDER BY conkey) FROM "
				  "pg_constraint WHERE conrelid = 'o'::regclass AND contype = 'f'"),
		  "andc");
	CHECK_STR(project_sql(&p, "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
				  "WHERE attrelid = 'u'::regclass AND attname = 'amount'"),
		  "numeric(8,2)");
	CHECK_INT(project_run(&p, "migrate down"), 0);
	CHECK_INT(project_run(&p, "fingerprint local"), 0);
	CHECK_STR(p.last.out, was);
	project_close(&p);
}

static void
what_does_not_load_is_an_error_and_no_smaller_schema(void)
{
	struct project p;

	open_pair(&p, "CREATE TABLE t (a int);",
		  "CREATE TABLE t (a int);\nCREATE TABLE u (a in t);");
	document_free(run_json(&p, compared(""), 4, "error"));
	CHECK_HAS(p.last.out, "new.sql");
	CHECK_HAS(p.last.out, "\"line\": 2");
	project_close(&p);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(what_the_python_confiture_passes_over_is_a_difference),
		CASE(what_is_only_written_otherwise_is_no_difference),
		CASE(names_that_are_alike_are_no_rename),
		CASE(the_migration_has_what_the_files_say_and_runs),
		CASE(what_does_not_load_is_an_error_and_no_smaller_schema),
	};

	if (!cluster_start())
		return 2;
	return unit_main("defects of diff", cases, ARRAY_LEN(cases), argc, argv);
}
