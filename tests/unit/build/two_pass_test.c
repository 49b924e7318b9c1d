/* Foreign keys out of their tables: one table in, what is left of it and what comes later out. */
#include <stdio.h>
#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/build/house.h"

#include "shared/base/banned.h"

#define PASS_2                                                                                     \
	"\n-- ============================================\n"                                      \
	"-- Pass 2: Foreign Key Constraints\n"                                                     \
	"-- ============================================\n"

struct two_pass {
	const char *table, *left, *late; /* late "" = nothing moves */
};

static void
check_all(const struct two_pass *cases, size_t count)
{
	struct house h;

	house_open(&h);
	h.rules.two_pass = true;
	for (size_t i = 0; i < count; i++) {
		const char *const files[] = {"a.sql", cases[i].table, NULL};
		const char *expect =
			arena_printf(&h.arena, "\n-- a.sql\n%s%s%s", cases[i].left,
				     cases[i].late[0] != '\0' ? PASS_2 : "", cases[i].late);
		const char *built = house_build(&h, files);
		CHECK_STR(built != NULL ? built : h.err.message, expect);
		CHECK_STR(house_warnings(&h), "");
	}
	house_close(&h);
}

static void
keys_of_columns_move(void)
{
	static const struct two_pass cases[] = {
		{"CREATE TABLE a (\n  id int PRIMARY KEY,\n  b_id int REFERENCES b\n);\n",
		 "CREATE TABLE a (\n  id int PRIMARY KEY,\n  b_id int\n);\n",
		 "\nALTER TABLE a\n    ADD CONSTRAINT a_b_id_fkey\n    FOREIGN KEY (b_id) "
		 "REFERENCES b;\n"},
		{"CREATE TABLE s.a (b_id int NOT NULL REFERENCES s.b (id) ON DELETE CASCADE ON "
		 "UPDATE SET NULL UNIQUE, c int);\n",
		 "CREATE TABLE s.a (b_id int NOT NULL UNIQUE, c int);\n",
		 "\nALTER TABLE s.a\n    ADD CONSTRAINT a_b_id_fkey\n    FOREIGN KEY (b_id) "
		 "REFERENCES s.b (id) ON DELETE CASCADE ON UPDATE SET NULL;\n"},
		{"CREATE TABLE a (x int CONSTRAINT to_b REFERENCES b(id)NOT NULL, y int);\n",
		 "CREATE TABLE a (x int NOT NULL, y int);\n",
		 "\nALTER TABLE a\n    ADD CONSTRAINT to_b\n    FOREIGN KEY (x) REFERENCES "
		 "b(id);\n"},
		{"CREATE TABLE a (x int DEFAULT 1 REFERENCES b MATCH FULL DEFERRABLE INITIALLY "
		 "DEFERRED NOT NULL);\n",
		 "CREATE TABLE a (x int DEFAULT 1 NOT NULL);\n",
		 "\nALTER TABLE a\n    ADD CONSTRAINT a_x_fkey\n    FOREIGN KEY (x) REFERENCES b "
		 "MATCH FULL DEFERRABLE INITIALLY DEFERRED;\n"},
		{"create table a (x int references b not deferrable default 5, y text references c "
		 "collate \"C\");\n",
		 "create table a (x int default 5, y text collate \"C\");\n",
		 "\nALTER TABLE a\n    ADD CONSTRAINT a_x_fkey\n    FOREIGN KEY (x) references b "
		 "not deferrable;\n"
		 "\nALTER TABLE a\n    ADD CONSTRAINT a_y_fkey\n    FOREIGN KEY (y) references "
		 "c;\n"},
		{"CREATE TABLE a (x int REFERENCES b ON DELETE SET DEFAULT DEFAULT 3);\n",
		 "CREATE TABLE a (x int DEFAULT 3);\n",
		 "\nALTER TABLE a\n    ADD CONSTRAINT a_x_fkey\n    FOREIGN KEY (x) REFERENCES b "
		 "ON DELETE SET DEFAULT;\n"},
	};

	check_all(cases, ARRAY_LEN(cases));
}

static void
keys_of_tables_move_with_their_commas(void)
{
	static const char to_b[] = "\nALTER TABLE a\n    ADD CONSTRAINT a_x_fkey\n    FOREIGN KEY "
				   "(x) REFERENCES b (id);\n";
	static const struct two_pass cases[] = {
		{"CREATE TABLE a (\n  x int,\n  FOREIGN KEY (x) REFERENCES b (id)\n);\n",
		 "CREATE TABLE a (\n  x int\n);\n", to_b},
		{"CREATE TABLE a (\n  x int,\n  FOREIGN KEY (x) REFERENCES b (id),\n  y int\n);\n",
		 "CREATE TABLE a (\n  x int,\n  y int\n);\n", to_b},
		{"CREATE TABLE a (\n  FOREIGN KEY (x) REFERENCES b (id),\n  x int\n);\n",
		 "CREATE TABLE a (\n  x int\n);\n", to_b},
		{"CREATE TABLE a (x int, FOREIGN KEY (x) REFERENCES b (id)) PARTITION BY RANGE (x, "
		 "y) "
		 "WITH (p = 1, q = 2);\n",
		 "CREATE TABLE a (x int) PARTITION BY RANGE (x, y) WITH (p = 1, q = 2);\n", to_b},
		{"CREATE TABLE a PARTITION OF p (FOREIGN KEY (x) REFERENCES b (id)) DEFAULT;\n",
		 "CREATE TABLE a PARTITION OF p DEFAULT;\n", to_b},
		{"CREATE TABLE a (x int, CONSTRAINT one FOREIGN KEY (x) REFERENCES b, "
		 "CONSTRAINT two FOREIGN KEY (x, y) REFERENCES c (p, q) ON DELETE SET NULL (y), "
		 "y int, CONSTRAINT three FOREIGN KEY (y) REFERENCES d NOT VALID DEFERRABLE);\n",
		 "CREATE TABLE a (x int, y int);\n",
		 "\nALTER TABLE a\n    ADD CONSTRAINT one\n    FOREIGN KEY (x) REFERENCES b;\n"
		 "\nALTER TABLE a\n    ADD CONSTRAINT two\n    FOREIGN KEY (x, y) REFERENCES c (p, "
		 "q) ON DELETE SET NULL (y);\n"
		 "\nALTER TABLE a\n    ADD CONSTRAINT three\n    FOREIGN KEY (y) REFERENCES d "
		 "DEFERRABLE;\n"},
	};

	check_all(cases, ARRAY_LEN(cases));
}

static void
quoted_names_stay_quoted(void)
{
	static const struct two_pass cases[] = {
		{"CREATE TABLE \"My \"\"s\".\"T(,1\" (\"a,b\" int REFERENCES \"O (x\" (\"I,d\"), z "
		 "int);\n",
		 "CREATE TABLE \"My \"\"s\".\"T(,1\" (\"a,b\" int, z int);\n",
		 "\nALTER TABLE \"My \"\"s\".\"T(,1\"\n    ADD CONSTRAINT \"T(,1_a,b_fkey\"\n    "
		 "FOREIGN KEY (\"a,b\") REFERENCES \"O (x\" (\"I,d\");\n"},
		{"CREATE TABLE a (\"REFERENCES\" int, CONSTRAINT \"FK 1\" FOREIGN KEY "
		 "(\"REFERENCES\") REFERENCES b);\n",
		 "CREATE TABLE a (\"REFERENCES\" int);\n",
		 "\nALTER TABLE a\n    ADD CONSTRAINT \"FK 1\"\n    FOREIGN KEY (\"REFERENCES\") "
		 "REFERENCES b;\n"},
	};

	check_all(cases, ARRAY_LEN(cases));
}

static void
comments_stay_and_defaults_do_not_confuse(void)
{
	static const struct two_pass cases[] = {
		{"CREATE TABLE a (\n"
		 "  x int, -- FOREIGN KEY (x) REFERENCES no\n"
		 "  /* REFERENCES no */\n"
		 "  CONSTRAINT fk -- why\n"
		 "    FOREIGN KEY (x)\n"
		 "    REFERENCES b (id), -- after\n"
		 "  -- before y\n"
		 "  y text DEFAULT 'x REFERENCES no, (',\n"
		 "  CHECK (y <> 'FOREIGN KEY (x) REFERENCES no')\n"
		 ");\n",
		 "CREATE TABLE a (\n"
		 "  x int, -- FOREIGN KEY (x) REFERENCES no\n"
		 "  /* REFERENCES no */\n"
		 "  -- after\n"
		 "  -- before y\n"
		 "  y text DEFAULT 'x REFERENCES no, (',\n"
		 "  CHECK (y <> 'FOREIGN KEY (x) REFERENCES no')\n"
		 ");\n",
		 "\nALTER TABLE a\n    ADD CONSTRAINT fk\n    FOREIGN KEY (x)\n    REFERENCES b "
		 "(id);\n"},
		{"CREATE TABLE a (\n  x int -- the last\n  , FOREIGN KEY (x) REFERENCES b\n);\n",
		 "CREATE TABLE a (\n  x int -- the last\n);\n",
		 "\nALTER TABLE a\n    ADD CONSTRAINT a_x_fkey\n    FOREIGN KEY (x) REFERENCES "
		 "b;\n"},
	};

	check_all(cases, ARRAY_LEN(cases));
}

static void
what_is_no_key_of_a_table_stays(void)
{
	static const char *const texts[] = {
		"CREATE TABLE a (x int CHECK (x > 0));\n",
		"CREATE TEMP TABLE a (x int REFERENCES b);\n",
		"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'CREATE TABLE a (x int "
		"REFERENCES b)';\n",
		"DO $$ BEGIN CREATE TABLE a (x int REFERENCES b); END $$;\n",
		"ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b;\n",
		"GRANT REFERENCES ON a TO bob;\n",
		"CREATE FOREIGN TABLE a (x int) SERVER \"references\";\n",
		"CREATE TABLE a AS SELECT 1 AS \"references\";\n",
		"COPY t FROM stdin;\nCREATE TABLE a (x int REFERENCES b);\n\\.\n",
		"COMMENT ON CONSTRAINT c ON t IS 'FOREIGN KEY';\n",
	};
	struct two_pass cases[ARRAY_LEN(texts)];

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		cases[i] = (struct two_pass){texts[i], texts[i], ""};
	check_all(cases, ARRAY_LEN(texts));
}

static void
a_name_that_is_taken_is_left_to_the_server(void)
{
	static const struct two_pass cases[] = {
		{"CREATE TABLE a (b_c int REFERENCES t);\nCREATE TABLE a_b (c int REFERENCES t);\n",
		 "CREATE TABLE a (b_c int);\nCREATE TABLE a_b (c int);\n",
		 "\nALTER TABLE a\n    ADD CONSTRAINT a_b_c_fkey\n    FOREIGN KEY (b_c) REFERENCES "
		 "t;\n"
		 "\nALTER TABLE a_b\n    ADD FOREIGN KEY (c) REFERENCES t;\n"},
		{"CREATE TABLE "
		 "a23456789012345678901234567890 (b2345678901234567890123456789 int REFERENCES "
		 "t);\n",
		 "CREATE TABLE "
		 "a23456789012345678901234567890 (b2345678901234567890123456789 int);\n",
		 "\nALTER TABLE a23456789012345678901234567890\n    ADD FOREIGN KEY "
		 "(b2345678901234567890123456789) REFERENCES t;\n"},
	};

	check_all(cases, ARRAY_LEN(cases));
}

static void
comments_on_moved_keys_and_the_search_path_come_along(void)
{
	static const struct two_pass cases[] = {
		{"CREATE TABLE a (x int CONSTRAINT fk REFERENCES b);\n"
		 "COMMENT ON CONSTRAINT fk ON a IS 'why';\n"
		 "COMMENT ON CONSTRAINT other ON a IS 'stays';\n",
		 "CREATE TABLE a (x int);\n"
		 "COMMENT ON CONSTRAINT other ON a IS 'stays';\n",
		 "\nALTER TABLE a\n    ADD CONSTRAINT fk\n    FOREIGN KEY (x) REFERENCES b;\n"
		 "\nCOMMENT ON CONSTRAINT fk ON a IS 'why';\n"},
		{"CREATE TABLE a (x int CONSTRAINT one REFERENCES b);\n"
		 "SET search_path = app;\n"
		 "CREATE TABLE a (x int CONSTRAINT two REFERENCES b);\n"
		 "CREATE TABLE c (x int CONSTRAINT three REFERENCES b);\n"
		 "SELECT pg_catalog.set_config('search_path', 'web', false);\n",
		 "CREATE TABLE a (x int);\n"
		 "SET search_path = app;\n"
		 "CREATE TABLE a (x int);\n"
		 "CREATE TABLE c (x int);\n"
		 "SELECT pg_catalog.set_config('search_path', 'web', false);\n",
		 "\nRESET search_path;\n"
		 "\nALTER TABLE a\n    ADD CONSTRAINT one\n    FOREIGN KEY (x) REFERENCES b;\n"
		 "\nSET search_path = app;\n"
		 "\nALTER TABLE a\n    ADD CONSTRAINT two\n    FOREIGN KEY (x) REFERENCES b;\n"
		 "\nALTER TABLE c\n    ADD CONSTRAINT three\n    FOREIGN KEY (x) REFERENCES b;\n"},
	};

	check_all(cases, ARRAY_LEN(cases));
}

static void
a_statement_that_cannot_be_read_is_told(void)
{
	struct house h;
	const char *const files[] = {"a.sql",
				     "SELECT 1;\n\nCREATE TABLE a (x int REFERENCES b NOT "
				     "ENFORCED);\n",
				     NULL};

	house_open(&h);
	h.rules.two_pass = true;
	CHECK_HAS(house_build(&h, files), "CREATE TABLE a (x int REFERENCES b NOT ENFORCED);\n");
	CHECK_INT(h.b.late_count, 0);
	CHECK_HAS(house_warnings(&h), "db/schema/a.sql:3: foreign keys of this table stay");
	house_close(&h);
}

/* Who runs the statements gets the same places as the file has. */
static void
blanked_text_moves_nothing(void)
{
	struct house h;
	struct build_source self;
	struct error err = {0};
	char out[200] = "";
	size_t got = 1, len = 0;
	const char *const files[] = {"a.sql",
				     "CREATE TABLE a (\n  x int REFERENCES\n  b,\n  FOREIGN KEY "
				     "(x)\n REFERENCES c\n);\nSELECT 2;\n",
				     NULL};

	house_open(&h);
	h.rules.two_pass = true;
	REQUIRE(house_build(&h, files) != NULL);
	struct sql_source source = build_source(&self, &h.b.files[0]);
	while (got > 0) {
		REQUIRE(source.read(source.self, out + len, 7, &got, &err));
		len += got;
	}
	out[len] = '\0';
	CHECK_STR(out, "CREATE TABLE a (\n  x int           \n    \n                 \n            "
		       " \n);\nSELECT 2;\n");
	CHECK_INT(h.b.late[0].line, 2);
	CHECK_INT(h.b.late[0].column, 9);
	CHECK_INT(h.b.late[1].line, 4);
	CHECK_INT(h.b.late[1].column, 3);
	house_close(&h);
}

static const struct unit_case cases[] = {
	CASE(keys_of_columns_move),
	CASE(keys_of_tables_move_with_their_commas),
	CASE(quoted_names_stay_quoted),
	CASE(comments_stay_and_defaults_do_not_confuse),
	CASE(what_is_no_key_of_a_table_stays),
	CASE(a_name_that_is_taken_is_left_to_the_server),
	CASE(comments_on_moved_keys_and_the_search_path_come_along),
	CASE(a_statement_that_cannot_be_read_is_told),
	CASE(blanked_text_moves_nothing),
};

int
main(int argc, char **argv)
{
	return unit_main("build two-pass", cases, ARRAY_LEN(cases), argc, argv);
}
