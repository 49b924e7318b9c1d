/* The tables that a loader of schemas goes by: what becomes of a statement, and of a refusal. */
#include <stdio.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "tests/support/unit.h"
#include "worker/ddl/judge.h"
#include "worker/ddl/rewrite.h"
#include "worker/ddl/roles.h"
#include "worker/ddl/states.h"

#include "shared/base/banned.h"

static void
refusals_are_a_matter_of_order_or_not(void)
{
	static const struct {
		const char *state;
		enum ddl_fate fate;
	} cases[] = {
		{"42P01", DDL_WAITS},	   {"42703", DDL_WAITS},      {"42883", DDL_WAITS},
		{"42704", DDL_WAITS},	   {"3F000", DDL_WAITS},      {"42P17", DDL_MAY_WAIT},
		{"42830", DDL_MAY_WAIT},   {"42803", DDL_MAY_WAIT},   {"55P04", DDL_MAY_WAIT},
		{"P0001", DDL_MAY_WAIT},   {"22P02", DDL_MAY_WAIT},   {"42601", DDL_WRONG},
		{"42P07", DDL_WRONG},	   {"42710", DDL_WRONG},      {"0A000", DDL_WRONG},
		{"58P01", DDL_WRONG},	   {"2BP01", DDL_WRONG},      {"XX000", DDL_WRONG},
		{"", DDL_WRONG},	   {"53200", DDL_IMPOSSIBLE}, {"57P01", DDL_IMPOSSIBLE},
		{"08006", DDL_IMPOSSIBLE},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (!CHECK_INT(ddl_fate_of(cases[i].state), cases[i].fate))
			fprintf(stderr, "  %s\n", cases[i].state);
	}
}

static void
statements_are_judged_by_their_words(void)
{
	static const struct {
		const char *sql;
		enum ddl_way way;
		unsigned flags;
	} cases[] = {
		{"CREATE TABLE t (a int)", DDL_RUN, 0},
		{"create /* x */ -- y\n database d", DDL_BEYOND, DDL_NOTED},
		{"CREATE \"database\" d", DDL_RUN, 0},
		{"CREATE USER u", DDL_ROLES, 0},
		{"CREATE USER MAPPING FOR u SERVER s", DDL_RUN, 0},
		{"DROP USER MAPPING FOR u SERVER s", DDL_RUN, DDL_DROPS},
		{"CREATE USER mapping", DDL_ROLES, 0},
		{"DROP USER mapping", DDL_ROLES, DDL_DROPS},
		{"GRANT a TO b", DDL_ROLES, 0},
		{"GRANT SELECT ON t TO b", DDL_RUN, 0},
		{"GRANT SELECT (a, b), UPDATE (c) ON s.t TO b", DDL_RUN, 0},
		{"GRANT CONNECT ON DATABASE d TO b", DDL_BEYOND, DDL_NOTED},
		{"GRANT SELECT ON database TO b", DDL_RUN, 0},
		{"GRANT SELECT ON \"database\", x TO b", DDL_RUN, 0},
		{"REVOKE ALL ON DATABASE d FROM PUBLIC", DDL_BEYOND, DDL_NOTED},
		{"SET search_path = x", DDL_STATE, 0},
		{"SET LOCAL search_path = x", DDL_STATE, DDL_LOCAL},
		{"SET \"client_encoding\" = 'x'", DDL_IDLE, 0},
		{"SET CONSTRAINTS ALL DEFERRED", DDL_IDLE, 0},
		{"SELECT set_config('a', 'b', false)", DDL_STATE, 0},
		{"SELECT pg_catalog . set_config('a', 'b', false)", DDL_STATE, 0},
		{"SELECT create_hypertable('t')", DDL_RUN, DDL_CALLS},
		{"SELECT set_config", DDL_RUN, DDL_CALLS},
		{"WITH x AS (SELECT 1) SELECT f(a.update) FROM x", DDL_RUN, DDL_CALLS},
		{"WITH x AS (INSERT INTO t VALUES (1) RETURNING a) SELECT 1", DDL_DATA, 0},
		{"INSERT INTO t VALUES (1)", DDL_DATA, 0},
		{"COPY t FROM stdin", DDL_DATA, 0},
		{"BEGIN", DDL_CONTROL, 0},
		{"COMMIT", DDL_CONTROL, DDL_COMMITS},
		{"ROLLBACK", DDL_CONTROL, DDL_COMMITS | DDL_NOTED},
		{"DROP TABLE t", DDL_RUN, DDL_DROPS},
		{"CREATE UNIQUE INDEX CONCURRENTLY ON t (a)", DDL_RUN, DDL_CONCURRENT},
		{"ALTER TABLE ONLY a.b DETACH PARTITION c CONCURRENTLY", DDL_RUN, DDL_CONCURRENT},
		{"ALTER TABLE a DETACH PARTITION b", DDL_RUN, 0},
		{"ALTER SUBSCRIPTION s ENABLE", DDL_BEYOND, DDL_NOTED},
		{"ALTER SUBSCRIPTION s DISABLE", DDL_RUN, 0},
		{"CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()", DDL_LATE, 0},
		{"SECURITY LABEL FOR x ON ROLE r IS 'y'", DDL_BEYOND, DDL_NOTED},
		{"", DDL_RUN, 0},
		{"\\", DDL_RUN, 0},
		{"'x", DDL_RUN, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ddl_judgement j = ddl_judge(span_str(cases[i].sql));
		if (!CHECK_INT(j.way, cases[i].way) || !CHECK_INT(j.flags, cases[i].flags))
			fprintf(stderr, "  %s\n", cases[i].sql);
	}
	CHECK_STR(ddl_judge(span_str("CREATE SCHEMA public")).known, "42P06");
	CHECK_STR(ddl_judge(span_str("CREATE SCHEMA \"public\"")).known, "42P06");
	CHECK_STR(ddl_judge(span_str("CREATE SCHEMA \"Public\"")).known, NULL);
	CHECK_STR(ddl_judge(span_str("CREATE EXTENSION plpgsql")).known, "42710");
}

static void
a_grant_on_a_database_is_seen_behind_a_long_list(void)
{
	struct text sql;

	text_init(&sql, 0);
	text_put(&sql, "GRANT SELECT (a");
	for (int i = 0; i < 100; i++)
		text_printf(&sql, ", a%d", i);
	text_put(&sql, ") ON DATABASE d TO x");
	CHECK_INT(ddl_judge(text_span(&sql)).way, DDL_BEYOND);
	text_fini(&sql);
}

static void
statements_are_rewritten_in_place(void)
{
	static const struct {
		const char *sql, *expected;
	} cases[] = {
		{"CREATE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX              i ON t (a)"},
		{"ALTER TABLE a DETACH PARTITION b CONCURRENTLY",
		 "ALTER TABLE a DETACH PARTITION b             "},
		{"CREATE INDEX i ON \"concurrently\" (concurrently)",
		 "CREATE INDEX i ON \"concurrently\" (concurrently)"},
		{"SET LOCAL x = local", "SET       x = local"},
		{"CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p",
		 "CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p\nWITH (connect = false)"},
		{"CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p WITH ()",
		 "CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p WITH (connect = false)"},
		{"CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p WITH (Enabled, binary = true, "
		 "CONNECT=true, slot_name='x, y', copy_data=false)",
		 "CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p WITH (connect = false, binary "
		 "= "
		 "true , slot_name = 'x, y' )"},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct span sql = span_str(cases[i].sql);
		struct span got = ddl_rewrite(&arena, sql, ddl_judge(sql).flags);
		CHECK_STR(arena_span(&arena, got), cases[i].expected);
	}
	arena_fini(&arena);
}

static void
roles_are_found_where_the_grammar_wants_them(void)
{
	static const struct {
		const char *sql, *roles;
	} cases[] = {
		{"ALTER TABLE t OWNER TO Bob", "bob "},
		{"ALTER FUNCTION f(a int) OWNER TO \"B \"\"ob\"", "B \"ob "},
		{"ALTER TABLE t OWNER TO CURRENT_USER", ""},
		{"CREATE SCHEMA s AUTHORIZATION a", "a "},
		{"CREATE SCHEMA AUTHORIZATION a", "a "},
		{"GRANT SELECT (to, x) ON t TO a, GROUP b, PUBLIC WITH GRANT OPTION", "a b "},
		{"REVOKE ALL ON SCHEMA s FROM a, pg_monitor CASCADE", "a "},
		{"ALTER DEFAULT PRIVILEGES FOR ROLE a, b IN SCHEMA s GRANT SELECT ON TABLES TO c",
		 "a b c "},
		{"ALTER DEFAULT PRIVILEGES FOR USER a REVOKE ALL ON TABLES FROM c", "a c "},
		{"CREATE POLICY p ON t TO a, b USING (x = 'to')", "a b "},
		{"ALTER POLICY p ON t TO a", "a "},
		{"ALTER TABLE t RENAME TO u", ""},
		{"SET ROLE a", "a "},
		{"SET ROLE 'a b'", "a b "},
		{"SET ROLE NONE", ""},
		{"SET LOCAL ROLE a", "a "},
		{"SET SESSION AUTHORIZATION 'x'", "x "},
		{"SET SESSION AUTHORIZATION DEFAULT", ""},
		{"CREATE USER MAPPING FOR a SERVER s", "a "},
		{"CREATE VIEW v AS SELECT 'ALTER TABLE t OWNER TO x'", ""},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ddl_roles roles = {.arena = &arena};
		struct text got;

		text_init(&got, 0);
		ddl_roles_of(span_str(cases[i].sql), &roles);
		for (size_t k = 0; k < roles.count; k++)
			text_printf(&got, "%s ", roles.names[k]);
		if (!CHECK_STR(got.ptr, cases[i].roles))
			fprintf(stderr, "  %s\n", cases[i].sql);
		text_fini(&got);
	}
	arena_fini(&arena);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(refusals_are_a_matter_of_order_or_not),
		CASE(statements_are_judged_by_their_words),
		CASE(a_grant_on_a_database_is_seen_behind_a_long_list),
		CASE(statements_are_rewritten_in_place),
		CASE(roles_are_found_where_the_grammar_wants_them),
	};

	return unit_main("ddl", cases, ARRAY_LEN(cases), argc, argv);
}
