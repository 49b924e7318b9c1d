/* The throwaway server itself: what every other test on a database stands on. */
#include <stdio.h>
#include <sys/stat.h>

#include "tests/support/cluster.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static void
a_database_is_made_fresh_and_dropped(void)
{
	const char *odd = "odd \"name\" ü/%";

	REQUIRE(cluster_create_database(odd));
	CHECK_STR(pg_query_text(cluster_url(odd), "SELECT current_database()"), odd);
	CHECK(pg_exec(cluster_url(odd), "CREATE TABLE t (a int); INSERT INTO t VALUES (1)"));
	REQUIRE(cluster_create_database(odd));
	CHECK_STR(pg_query_text(cluster_url(odd), "SELECT to_regclass('t')::text"), NULL);
	REQUIRE(cluster_drop_database(odd));
	CHECK_HAS(pg_query_text(cluster_url("postgres"), "SELECT 1/0"), "ERROR 22012");
}

static void
a_session_stays_open(void)
{
	struct pg_session *s = pg_session_open(cluster_url("postgres"));

	REQUIRE(s != NULL);
	CHECK(pg_session_exec(s, "SET application_name = 'a test'"));
	CHECK_STR(pg_session_text(s, "SHOW application_name"), "a test");
	pg_session_close(s);
}

static void
an_immediate_restart_loses_nothing_committed(void)
{
	REQUIRE(cluster_create_database("again"));
	CHECK(pg_exec(cluster_url("again"), "CREATE TABLE t AS SELECT 7 AS a"));
	REQUIRE(cluster_restart(true));
	CHECK_STR(pg_query_text(cluster_url("again"), "SELECT a FROM t"), "7");
	REQUIRE(cluster_restart(false));
	CHECK_STR(pg_query_text(cluster_url("again"), "SELECT a FROM t"), "7");
}

static void
a_stopped_cluster_leaves_no_directory(void)
{
	struct stat st;
	char directory[128];

	snprintf(directory, sizeof(directory), "%s", cluster_socket_dir());
	CHECK_INT(stat(directory, &st), 0);
	cluster_stop();
	CHECK_INT(stat(directory, &st), -1);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(a_database_is_made_fresh_and_dropped),
		CASE(a_session_stays_open),
		CASE(an_immediate_restart_loses_nothing_committed),
		CASE(a_stopped_cluster_leaves_no_directory),
	};

	if (!cluster_start_private("work_mem = '5MB'"))
		return 2;
	return unit_main("db/cluster", cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
