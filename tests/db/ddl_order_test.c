/* The order of files and statements does not matter, where it has no meaning of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "tests/db/ddl_rig.h"

#include "shared/base/banned.h"

static void
files_load_in_reverse(void)
{
	static const char types[] = "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('a', 'b');";
	static const char tables[] = "CREATE TABLE app.t (id int PRIMARY KEY, m app.mood);\n"
				     "CREATE INDEX t_m ON app.t (m);\n"
				     "COMMENT ON TABLE app.t IS 'x';";
	static const char views[] = "CREATE VIEW app.v AS SELECT * FROM app.t;\n"
				    "CREATE VIEW app.w AS SELECT * FROM app.v;";
	static const char functions[] =
		"CREATE FUNCTION app.f(app.mood) RETURNS SETOF app.t LANGUAGE sql AS "
		"'SELECT * FROM app.w WHERE m = $1';";

	MUST_LOAD(LOAD("ddl_a", types, tables, views, functions));
	CHECK_INT(ddl_rig_report.rounds, 1);
	CHECK_INT(ddl_rig_report.statements, 8);
	MUST_LOAD(LOAD("ddl_b", functions, views, tables, types));
	CHECK_INT(ddl_rig_report.rounds, 2);
	CHECK_INT(ddl_rig_report.statements, 8);
	CHECK_SAME("ddl_a", "ddl_b");
}

static void
a_view_may_stand_before_its_table_in_one_file(void)
{
	MUST_LOAD(LOAD("ddl_a", "CREATE VIEW v AS SELECT a, f(a) FROM t; CREATE TABLE t (a mood);"
				"CREATE FUNCTION f(mood) RETURNS int LANGUAGE sql AS 'SELECT 1';"
				"CREATE TYPE mood AS ENUM ('x');"));
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT count(*) FROM v"), "0");
}

static void
what_rests_on_a_key_may_stand_before_it(void)
{
	MUST_LOAD(LOAD(
		"ddl_a",
		"CREATE TABLE t (id int, a text);"
		"CREATE VIEW v AS SELECT id, a, count(*) FROM t GROUP BY id;"
		"CREATE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES "
		"(1) ON CONFLICT (id) DO NOTHING; END;",
		"ALTER TABLE t ADD PRIMARY KEY (id);"));
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT count(*) FROM v"), "0");
}

static void
foreign_keys_in_a_circle_load_by_alter_table(void)
{
	MUST_LOAD(LOAD("ddl_a",
		       "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;"
		       "ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES a;",
		       "CREATE TABLE a (id int PRIMARY KEY, b int);",
		       "CREATE TABLE b (id int PRIMARY KEY, a int);"));
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"),
		  "2");
}

static void
foreign_keys_in_a_circle_load_within_their_tables_too(void)
{
	static const char a[] =
		"SET search_path = s;\nCREATE TABLE a (id int PRIMARY KEY, b int "
		"CONSTRAINT to_b REFERENCES b -- first\n ON DELETE CASCADE, FOREIGN KEY "
		"(b, id) REFERENCES c (x, y) DEFERRABLE, up int REFERENCES a);";
	static const char b[] =
		"CREATE TABLE s.b (id int PRIMARY KEY, a int UNIQUE REFERENCES s.a);"
		"COMMENT ON CONSTRAINT b_a_fkey ON s.b IS 'x';";
	static const char c[] = "CREATE SCHEMA s; CREATE TABLE s.c (x int, y int REFERENCES s.b, "
				"PRIMARY KEY (x, y));";
	static const char plain[] =
		"CREATE SCHEMA s; CREATE TABLE s.a (id int PRIMARY KEY, b int, up int);"
		"CREATE TABLE s.b (id int PRIMARY KEY, a int UNIQUE);"
		"CREATE TABLE s.c (x int, y int, PRIMARY KEY (x, y));"
		"ALTER TABLE s.a ADD CONSTRAINT to_b FOREIGN KEY (b) REFERENCES s.b ON DELETE "
		"CASCADE;"
		"ALTER TABLE s.a ADD FOREIGN KEY (b, id) REFERENCES s.c (x, y) DEFERRABLE;"
		"ALTER TABLE s.a ADD FOREIGN KEY (up) REFERENCES s.a;"
		"ALTER TABLE s.b ADD FOREIGN KEY (a) REFERENCES s.a;"
		"ALTER TABLE s.c ADD FOREIGN KEY (y) REFERENCES s.b;"
		"COMMENT ON CONSTRAINT b_a_fkey ON s.b IS 'x';";

	MUST_LOAD(LOAD("ddl_a", plain));
	MUST_LOAD(LOAD("ddl_b", a, b, c));
	CHECK_SAME("ddl_a", "ddl_b");
	CHECK_HAS(ddl_rig_notes(), "1.sql:2 its foreign keys are added last");
	MUST_LOAD(LOAD("ddl_b", c, b, a));
	CHECK_SAME("ddl_a", "ddl_b");
	CHECK_REFUSED(LOAD("ddl_a",
			   "CREATE TABLE a (id int PRIMARY KEY,\n b int REFERENCES b,\n\tc "
			   "int REFERENCES gone);",
			   "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);"),
		      E_SCHEMA_205, "1.sql", 3, 8, "relation \"gone\" does not exist");
	CHECK_HAS(ddl_rig_error.message, "REFERENCES gone");
}

/* ---- a shuffle ---- */

static const char *const objects[] = {
	"CREATE SCHEMA s1",
	"CREATE SCHEMA s2",
	"CREATE TYPE s1.mood AS ENUM ('sad', 'ok')",
	"ALTER TYPE s1.mood ADD VALUE 'happy'",
	"CREATE DOMAIN s1.email AS text CONSTRAINT email_check CHECK (VALUE LIKE '%@%')",
	"CREATE TYPE s1.pair AS (a s1.email, b int)",
	"CREATE SEQUENCE s1.seq START 5",
	"CREATE FUNCTION s1.add(int, int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + $2'",
	"CREATE FUNCTION s1.mood_of(s1.mood) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT ''x'''",
	"CREATE FUNCTION s1.touch() RETURNS trigger LANGUAGE plpgsql AS "
	"'BEGIN NEW.n := s1.add(NEW.n, 1); RETURN NEW; END'",
	"CREATE AGGREGATE s1.total (int) (SFUNC = s1.add, STYPE = int, INITCOND = '0')",
	"CREATE OPERATOR s1.&&& (LEFTARG = int, RIGHTARG = int, FUNCTION = s1.add)",
	"CREATE TABLE s1.t1 (id int PRIMARY KEY, n int DEFAULT nextval('s1.seq'), m s1.mood "
	"DEFAULT 'happy')",
	"CREATE TABLE s1.t2 (id int PRIMARY KEY, t1 int CONSTRAINT t2_t1 REFERENCES s1.t1, e "
	"s1.email)",
	"CREATE TABLE s1.t3 (id int, p s1.pair, g int GENERATED ALWAYS AS (s1.add(id, 1)) STORED)",
	"CREATE TABLE s2.t4 (id int PRIMARY KEY, t2 int)",
	"ALTER TABLE s2.t4 ADD CONSTRAINT t4_t2 FOREIGN KEY (t2) REFERENCES s1.t2",
	"ALTER TABLE s1.t1 ADD CONSTRAINT t1_t4 FOREIGN KEY (id) REFERENCES s2.t4 NOT VALID",
	"ALTER TABLE s1.t3 ADD CONSTRAINT t3_check CHECK (s1.add(id, 0) > 0)",
	"CREATE UNIQUE INDEX t3_id ON s1.t3 (id)",
	"ALTER TABLE s1.t3 ADD CONSTRAINT t3_unique UNIQUE USING INDEX t3_id",
	"CREATE TABLE s2.t5 (t3 int CONSTRAINT t5_t3 REFERENCES s1.t3 (id))",
	"CREATE INDEX t1_add ON s1.t1 (s1.add(id, n))",
	"CREATE INDEX t1_part ON s1.t1 (n) WHERE m = 'ok'",
	"CREATE TRIGGER touch BEFORE UPDATE ON s1.t1 FOR EACH ROW EXECUTE FUNCTION s1.touch()",
	"ALTER TABLE s1.t1 DISABLE TRIGGER touch",
	"CREATE VIEW s1.v1 AS SELECT id, m FROM s1.t1",
	"CREATE VIEW s1.v2 AS SELECT v.id, t.e FROM s1.v1 v JOIN s1.t2 t ON t.t1 = v.id",
	"CREATE VIEW s2.v3 AS SELECT id, s1.total(id) OVER () AS sum FROM s1.v2",
	"CREATE MATERIALIZED VIEW s2.m1 AS SELECT * FROM s2.v3",
	"CREATE UNIQUE INDEX m1_id ON s2.m1 (id)",
	"CREATE VIEW s2.v4 AS SELECT count(*) AS c FROM s2.m1 WHERE id OPERATOR(s1.&&&) 1 > 0",
	"CREATE FUNCTION s2.rows() RETURNS SETOF s2.v3 LANGUAGE sql BEGIN ATOMIC SELECT * FROM "
	"s2.v3; END",
	"CREATE VIEW s2.v5 AS SELECT * FROM s2.rows()",
	"CREATE RULE r1 AS ON INSERT TO s2.v4 DO INSTEAD NOTHING",
	"CREATE TABLE s2.p (id int, k text) PARTITION BY LIST (k)",
	"CREATE TABLE s2.p_a PARTITION OF s2.p FOR VALUES IN ('a')",
	"CREATE TABLE s2.p_b (id int, k text)",
	"ALTER TABLE s2.p ATTACH PARTITION s2.p_b FOR VALUES IN ('b')",
	"CREATE INDEX p_id ON s2.p (id)",
	"CREATE TABLE s2.child (extra int) INHERITS (s1.t3)",
	"ALTER TABLE s1.t2 ENABLE ROW LEVEL SECURITY",
	"CREATE POLICY own ON s1.t2 USING (e = current_user AND s1.add(id, 1) > 0)",
	"GRANT SELECT ON s2.v3 TO PUBLIC",
	"GRANT UPDATE (e) ON s1.t2 TO PUBLIC",
	"COMMENT ON VIEW s2.v5 IS 'five'",
	"COMMENT ON COLUMN s1.t2.e IS 'mail'",
	"CREATE STATISTICS s1.st ON id, n FROM s1.t1",
	"CREATE PUBLICATION pub FOR TABLE s1.t1, s2.t4",
	"ALTER SEQUENCE s1.seq OWNED BY s1.t1.n",
	"CREATE COLLATION s2.c (locale = 'C')",
	"CREATE TABLE s2.t6 (a text COLLATE s2.c)",
	"CREATE CAST (s1.mood AS int) WITH FUNCTION s1.mood_int(s1.mood) AS ASSIGNMENT",
	"CREATE FUNCTION s1.mood_int(s1.mood) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'",
};
enum { OBJECTS = sizeof(objects) / sizeof(objects[0]) };

static void
shuffle(const char **all, size_t count, uint32_t seed)
{
	for (size_t i = count; i > 1; i--) {
		seed = seed * 1664525 + 1013904223;
		size_t k = (seed >> 8) % i;
		const char *swap = all[i - 1];
		all[i - 1] = all[k];
		all[k] = swap;
	}
}

static void
any_shuffle_of_fifty_objects_makes_the_same_catalogue(void)
{
	const char *all[OBJECTS];

	CHECK(OBJECTS >= 50);
	memcpy(all, objects, sizeof(all));
	MUST_LOAD(ddl_rig_load_as("ddl_a", false, all, OBJECTS));
	for (uint32_t seed = 1; seed <= 8; seed++) {
		shuffle(all, OBJECTS, seed);
		MUST_LOAD(ddl_rig_load_as("ddl_b", false, all, OBJECTS));
		CHECK_INT(ddl_rig_report.statements, OBJECTS);
		CHECK_SAME("ddl_a", "ddl_b");
	}
}

static void
a_shuffle_within_one_file_makes_the_same_catalogue(void)
{
	const char *all[OBJECTS];
	struct text one;

	memcpy(all, objects, sizeof(all));
	MUST_LOAD(ddl_rig_load_as("ddl_a", false, all, OBJECTS));
	shuffle(all, OBJECTS, 4711);
	text_init(&one, 0);
	for (size_t i = 0; i < OBJECTS; i++)
		text_printf(&one, "%s;\n", all[i]);
	MUST_LOAD(LOAD("ddl_b", one.ptr));
	text_fini(&one);
	CHECK_SAME("ddl_a", "ddl_b");
}

/* ---- many ---- */

static void
ten_thousand_statements_load_in_two_rounds_even_in_reverse(void)
{
	enum { FILES = 2500 };
	const char **texts = calloc(FILES, sizeof(*texts));
	struct arena arena;

	arena_init(&arena);
	for (unsigned i = 0; i < FILES; i++) {
		const char *base =
			i == 0 ? "" : arena_printf(&arena, " REFERENCES t%u (id)", i - 1);
		texts[FILES - 1 - i] =
			arena_printf(&arena,
				     "CREATE TABLE t%u (id int PRIMARY KEY, up int%s);\n"
				     "CREATE INDEX ON t%u (up);\nCOMMENT ON TABLE t%u IS 'x';\n"
				     "CREATE VIEW v%u AS SELECT * FROM t%u;\n",
				     i, base, i, i, i, i);
	}
	MUST_LOAD(ddl_rig_load_as("ddl_a", false, texts, FILES));
	CHECK_INT(ddl_rig_report.statements, 4 * FILES);
	CHECK_INT(ddl_rig_report.rounds, 2);
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT count(*) FROM pg_class WHERE relnamespace = "
				       "'public'::regnamespace AND relkind = 'r'"),
		  "2500");
	free(texts);
	arena_fini(&arena);
}

/* ---- where order has a meaning ---- */

static void
a_drop_is_not_waited_for(void)
{
	/* it would take away what the next file makes */
	CHECK_REFUSED(LOAD("ddl_a", "DROP TABLE t;", "CREATE TABLE t (a int);"), E_SCHEMA_205,
		      "1.sql", 1, 1, "does not exist");
	/* what it drops waits too, and stands before it */
	MUST_LOAD(LOAD("ddl_a", "CREATE VIEW v AS SELECT * FROM t; DROP VIEW v;",
		       "CREATE TABLE t (a int);"));
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT to_regclass('v')"), NULL);
	MUST_LOAD(LOAD("ddl_a", "DROP TABLE IF EXISTS t; CREATE TABLE t (a int);"));
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT to_regclass('t')"), "t");
}

static void
an_event_trigger_does_not_fire_at_the_rest(void)
{
	MUST_LOAD(
		LOAD("ddl_a",
		     "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS "
		     "$$BEGIN RAISE 'no DDL here'; END$$;"
		     "CREATE EVENT TRIGGER guard ON ddl_command_start WHEN TAG IN ('CREATE TABLE') "
		     "EXECUTE FUNCTION no();"
		     "COMMENT ON EVENT TRIGGER guard IS 'x';",
		     "CREATE TABLE t (a int);"));
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT count(*) FROM pg_event_trigger"), "1");
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT to_regclass('t')"), "t");
}

static void
a_new_value_of_an_enum_can_be_used(void)
{
	MUST_LOAD(LOAD("ddl_a", "CREATE TABLE t (m mood DEFAULT 'b');",
		       "CREATE TYPE mood AS ENUM ('a'); ALTER TYPE mood ADD VALUE 'b';"
		       "CREATE TABLE u (m mood CHECK (m <> 'b'));"));
	CHECK_STR(ddl_rig_ask("ddl_a", "SELECT count(*) FROM t, u"), "0");
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(files_load_in_reverse),
		CASE(a_view_may_stand_before_its_table_in_one_file),
		CASE(what_rests_on_a_key_may_stand_before_it),
		CASE(foreign_keys_in_a_circle_load_by_alter_table),
		CASE(foreign_keys_in_a_circle_load_within_their_tables_too),
		CASE(any_shuffle_of_fifty_objects_makes_the_same_catalogue),
		CASE(a_shuffle_within_one_file_makes_the_same_catalogue),
		CASE(ten_thousand_statements_load_in_two_rounds_even_in_reverse),
		CASE(a_drop_is_not_waited_for),
		CASE(an_event_trigger_does_not_fire_at_the_rest),
		CASE(a_new_value_of_an_enum_can_be_used),
	};

	if (!cluster_start())
		return 2;
	int code = unit_main("db/ddl_order", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&test_arena);
	return code;
}
