/* Where schemas are tried: databases that go with their maker, whatever ends it. */
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ddl_sql.h"
#include "shared/pg/connection.h"
#include "shared/pg/dsn.h"
#include "tests/db/open.h"
#include "worker/ddl/load.h"
#include "worker/ddl/place.h"

#include "shared/base/banned.h"

static struct ddl_place *
open_place(struct secret url)
{
	struct ddl_place_options options = {.scratch_url = url};
	struct ddl_place *p = NULL;
	struct error err = {0};

	MUST(ddl_place_open(&options, &p, &err), &err);
	return p;
}

static bool
exists(const char *database)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM pg_database WHERE datname = '%s'",
		 database);
	return strcmp(pg_query_text(cluster_url("postgres"), sql), "1") == 0;
}

static void
run_in(struct ddl_database d, const char *sql)
{
	struct pg_open_options options = {.application_name = "test", .database = d.name};
	struct error err = {0};
	struct pg_conn *c;

	MUST(pg_open(d.url, &options, &c, &err), &err);
	MUST(pg_script(c, sql, &err), &err);
	pg_close(c);
}

static void
databases_on_a_given_server_go_with_the_place(void)
{
	struct ddl_place *p = open_place(secret_of(cluster_url("postgres")));
	struct ddl_database first = ddl_place_url(p), second;
	char names[2][80];
	struct error err = {0};

	MUST(ddl_place_more(p, &second, &err), &err);
	snprintf(names[0], sizeof(names[0]), "%s", first.name);
	snprintf(names[1], sizeof(names[1]), "%s", second.name);
	CHECK(strcmp(names[0], names[1]) != 0);
	CHECK_HAS(names[0], "confiture_scratch_");
	CHECK(!ddl_place_is_own(p));
	run_in(first, "CREATE TABLE t (a int)");
	run_in(second, "CREATE TABLE t (a int)");
	/* one that is no longer wanted can go before; the first stays */
	struct ddl_database third;
	MUST(ddl_place_more(p, &third, &err), &err);
	char gone[80];
	snprintf(gone, sizeof(gone), "%s", third.name);
	ddl_place_less(p, third.name);
	CHECK(!exists(gone));
	ddl_place_less(p, first.name);
	CHECK(exists(names[0]));
	/* another run on the same server leaves a living one alone */
	ddl_place_close(open_place(secret_of(cluster_url("postgres"))));
	CHECK(exists(names[0]) && exists(names[1]));
	ddl_place_close(p);
	CHECK(!exists(names[0]) && !exists(names[1]));
}

static void
a_subscription_does_not_keep_its_database(void)
{
	struct ddl_place *p = open_place(secret_of(cluster_url("postgres")));
	char name[80];

	snprintf(name, sizeof(name), "%s", ddl_place_url(p).name);
	run_in(ddl_place_url(p), "CREATE SUBSCRIPTION \"s \"\"1\" CONNECTION 'host=nowhere' "
				 "PUBLICATION p WITH (connect = false)");
	ddl_place_close(p);
	CHECK(!exists(name));
}

static void
without_the_right_to_create_databases_it_says_how_to_get_it(void)
{
	struct ddl_place_options options;
	struct ddl_place *p;
	struct error err = {0};

	REQUIRE(pg_exec(cluster_url("postgres"),
			"DROP ROLE IF EXISTS \"we ak\"; CREATE ROLE \"we ak\" LOGIN"));
	options = (struct ddl_place_options){
		.scratch_url = secret_of(cluster_url_as("we ak", "postgres"))};
	REQUIRE(!ddl_place_open(&options, &p, &err));
	CHECK_ERROR(&err, E_TARGET_003, "permission denied to create database");
	CHECK_HAS(err.hint, "ALTER ROLE \"we ak\" CREATEDB;");
	CHECK_HAS(err.hint, "--scratch-url URL");
	REQUIRE(pg_exec(cluster_url("postgres"), "DROP ROLE \"we ak\""));
}

static void
a_server_that_is_not_there_is_named_as_the_scratch_server(void)
{
	struct ddl_place_options options = {
		.scratch_url = secret_of("postgresql:///postgres?host=/nowhere")};
	struct ddl_place *p;
	struct error err = {0};

	REQUIRE(!ddl_place_open(&options, &p, &err));
	CHECK_ERROR(&err, E_CONFIG_006, "the scratch server");
}

static void
without_url_and_programs_it_says_what_to_give(void)
{
	struct ddl_place_options options = {.major = 10000};
	struct ddl_place *p;
	struct error err = {0};

	REQUIRE(!ddl_place_open(&options, &p, &err));
	CHECK_ERROR(&err, E_CONFIG_001, "no --scratch-url was given");
	CHECK_HAS(err.hint, "--scratch-url URL");
	CHECK_HAS(err.hint, "apt-get install postgresql-10000");
}

/* ---- killed runs ---- */

/* A child that opens a place, says where through the pipe, and lives until it is killed. */
static pid_t
start_child_that(struct secret url, const char *sql, char said[256])
{
	int fds[2];

	REQUIRE(pipe(fds) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct arena arena;
		arena_init(&arena);
		struct ddl_database d = ddl_place_url(open_place(url));
		run_in(d, sql);
		const char *where = arena_printf(&arena, "%s %s", d.name, dsn_print(&arena, d.url));
		(void)!write(fds[1], where, strlen(where) + 1);
		for (;;)
			pause();
	}
	close(fds[1]);
	size_t have = 0;
	ssize_t n;
	while ((n = read(fds[0], said + have, 255 - have)) > 0) {
		have += (size_t)n;
		if (said[have - 1] == '\0')
			break;
	}
	close(fds[0]);
	REQUIRE(have > 0 && said[have - 1] == '\0');
	return pid;
}

static void
kill_child(pid_t pid)
{
	kill(pid, SIGKILL);
	REQUIRE(waitpid(pid, NULL, 0) == pid);
}

static void
what_a_killed_run_left_on_a_server_goes_with_the_next(void)
{
	char said[256], sql[400];
	pid_t pid = start_child_that(secret_of(cluster_url("postgres")),
				     "CREATE SUBSCRIPTION ddl_left CONNECTION 'host=nowhere' "
				     "PUBLICATION p WITH (connect = false)",
				     said);
	char *end = strchr(said, ' ');

	REQUIRE(end != NULL);
	*end = '\0';
	CHECK(exists(said));
	kill_child(pid);
	/* until the server has noticed */
	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM pg_stat_activity WHERE pid = split_part('%s', '_', 3)::int",
		 said);
	for (int i = 0; i < 3000 && strcmp(pg_query_text(cluster_url("postgres"), sql), "0") != 0;
	     i++)
		usleep(10 * 1000);
	CHECK(exists(said));
	ddl_place_close(open_place(secret_of(cluster_url("postgres"))));
	CHECK(!exists(said));
}

static void
a_cluster_of_our_own_goes_with_the_place(void)
{
	struct ddl_place *p = open_place((struct secret){NULL});
	const char *where = dsn_print(&test_arena, ddl_place_url(p).url);
	struct ddl_database second;
	struct error err = {0};

	CHECK(ddl_place_is_own(p));
	CHECK_HAS(where, "/tmp/confiture-throwaway-");
	run_in(ddl_place_url(p), "CREATE TABLE t (a int)");
	MUST(ddl_place_more(p, &second, &err), &err);
	run_in(second, "CREATE ROLE r; CREATE TABLE t (a int); ALTER TABLE t OWNER TO r");
	char *folder = arena_str(&test_arena, strstr(where, "/tmp/"));
	*strchr(folder, ':') = '\0';
	CHECK_INT(access(folder, F_OK), 0);
	ddl_place_close(p);
	CHECK(access(folder, F_OK) != 0);
}

static void
the_cluster_of_a_killed_run_goes_with_the_next(void)
{
	char said[256];
	pid_t pid = start_child_that((struct secret){NULL}, "CREATE TABLE t (a int)", said);
	char *folder = strstr(said, "/tmp/confiture-throwaway-");

	REQUIRE(folder != NULL);
	*strchr(folder, ':') = '\0';
	kill_child(pid);
	CHECK_INT(access(folder, F_OK), 0);
	ddl_place_close(open_place((struct secret){NULL}));
	CHECK(access(folder, F_OK) != 0);
}

/* ---- with a schema ---- */

static bool
load_into(struct ddl_place *p, const char *sql, struct ddl_report *report, struct error *err)
{
	struct ddl_load_options load_options = {.own_server = ddl_place_is_own(p)};
	struct pg_open_options options = {.application_name = "test",
					  .database = ddl_place_url(p).name};
	struct ddl_file file = {"1.sql", span_str(sql)};
	struct pg_conn *c;

	MUST(pg_open(ddl_place_url(p).url, &options, &c, err), err);
	bool ok = ddl_load(c, &file, 1, &load_options, &test_arena, report, err);
	pg_close(c);
	return ok;
}

static void
the_right_to_create_databases_is_enough(void)
{
	struct ddl_report report;
	struct error err = {0};

	REQUIRE(pg_exec(cluster_url("postgres"),
			"DROP ROLE IF EXISTS ddl_maker; CREATE ROLE ddl_maker LOGIN CREATEDB"));
	struct ddl_place *p = open_place(secret_of(cluster_url_as("ddl_maker", "postgres")));
	MUST(load_into(
		     p,
		     "CREATE SCHEMA s; CREATE TABLE t (a int PRIMARY KEY, b s.d); CREATE VIEW v AS "
		     "SELECT s.f(a) FROM t; CREATE DOMAIN s.d AS int; CREATE FUNCTION s.f(int) "
		     "RETURNS "
		     "int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; CREATE EXTENSION pg_trgm; "
		     "GRANT "
		     "SELECT ON t TO PUBLIC; CREATE ROLE ddl_other;",
		     &report, &err),
	     &err);
	CHECK_INT(report.statements, 7);
	CHECK(!load_into(p, "CREATE FUNCTION c() RETURNS int LANGUAGE c AS 'x', 'y';", &report,
			 &err));
	CHECK_ERROR(&err, E_SCHEMA_205, "permission denied for language c");
	CHECK_HAS(err.hint, "--scratch-url URL");
	ddl_place_close(p);
	REQUIRE(pg_exec(cluster_url("postgres"), "DROP ROLE ddl_maker"));
}

static void
a_cluster_of_our_own_has_what_a_schema_names(void)
{
	struct ddl_place *p = open_place((struct secret){NULL});
	struct ddl_report report;
	struct error err = {0};

	MUST(load_into(p,
		       "CREATE TABLE t (a int) TABLESPACE fast; ALTER TABLE t OWNER TO app; "
		       "CREATE EXTENSION pg_trgm; CREATE PUBLICATION p FOR TABLE t;",
		       &report, &err),
	     &err);
	REQUIRE(report.role_count == 1);
	CHECK_STR(report.roles_made[0], "app");
	ddl_place_close(p);
}

/* ---- our SQL ---- */

static void
every_statement_is_understood_by_the_server(void)
{
	PGconn *conn = PQconnectdb(cluster_url("postgres"));

	REQUIRE(PQstatus(conn) == CONNECTION_OK);
	for (unsigned i = 0; i < ddl_sql_count; i++) {
		PGresult *r = PQprepare(conn, "", ddl_sql_all[i].text, 0, NULL);

		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			fprintf(stderr, "  %s.sql: %s", ddl_sql_all[i].name,
				PQresultErrorMessage(r));
		CHECK_INT(PQresultStatus(r), PGRES_COMMAND_OK);
		PQclear(r);
	}
	PQfinish(conn);
	CHECK(ddl_sql_count > 1);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(databases_on_a_given_server_go_with_the_place),
		CASE(a_subscription_does_not_keep_its_database),
		CASE(without_the_right_to_create_databases_it_says_how_to_get_it),
		CASE(a_server_that_is_not_there_is_named_as_the_scratch_server),
		CASE(without_url_and_programs_it_says_what_to_give),
		CASE(what_a_killed_run_left_on_a_server_goes_with_the_next),
		CASE(a_cluster_of_our_own_goes_with_the_place),
		CASE(the_cluster_of_a_killed_run_goes_with_the_next),
		CASE(the_right_to_create_databases_is_enough),
		CASE(a_cluster_of_our_own_has_what_a_schema_names),
		CASE(every_statement_is_understood_by_the_server),
	};

	if (!cluster_start())
		return 2;
	int code = unit_main("db/ddl_place", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&test_arena);
	return code;
}
