/* Settling by the catalogue: what is left when a concurrent statement was cut. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/db/open.h"

#include "shared/base/banned.h"

static struct target *
fresh(void)
{
	return open_target(test_database("catalogue"), NULL);
}

static struct index_info
find(struct target *t, struct sql_goal goal)
{
	struct index_info info;
	struct error err;

	MUST(t->ops->index_find(t, &test_arena, &goal, &info, &err), &err);
	return info;
}

static struct sql_goal
create_goal(const char *name, const char *table)
{
	return (struct sql_goal){.kind = SQL_GOAL_INDEX_CREATED, .name = name, .table = table};
}

static void
an_index_is_absent_valid_or_invalid(void)
{
	struct target *t = fresh();
	struct index_info info;
	struct error err;

	CHECK_INT(find(t, create_goal("i", "t")).state, INDEX_ABSENT); /* not even a table */
	must_run(t, "CREATE SCHEMA other");
	must_run(t, "CREATE TABLE t (a int)");
	must_run(t, "CREATE TABLE other.t (a int)");
	must_run(t, "CREATE INDEX i ON other.t (a)"); /* of another table */
	CHECK_INT(find(t, create_goal("i", "t")).state, INDEX_ABSENT);
	must_run(t, "INSERT INTO t VALUES (1), (1)");
	CHECK(!run_sql(t, "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", &err));
	info = find(t, create_goal("i", "t"));
	CHECK_INT(info.state, INDEX_INVALID);
	CHECK_STR(info.schema, "public");
	CHECK_STR(info.name, "i");
	CHECK_STR(info.table_schema, "public");
	CHECK_STR(info.table, "t");
	CHECK_INT(info.building_pid, 0);
	MUST(t->ops->index_drop(t, &info, &err), &err);
	CHECK_INT(find(t, create_goal("i", "t")).state, INDEX_ABSENT);
	MUST(t->ops->index_drop(t, &info, &err), &err); /* IF EXISTS */
	must_run(t, "CREATE INDEX CONCURRENTLY i ON t (a)");
	CHECK_INT(find(t, create_goal("i", "t")).state, INDEX_VALID);
	struct sql_goal drop = {.kind = SQL_GOAL_INDEX_DROPPED, .schema = "other", .name = "i"};
	CHECK_STR(find(t, drop).table_schema, "other");
	drop.schema = NULL;
	CHECK_STR(find(t, drop).table_schema, "public");
	must_run(t, "SET search_path = other");
	CHECK_STR(find(t, drop).table_schema, "other");
	CHECK_STR(find(t, create_goal("i", "t")).table_schema, "other");
	close_target(t);
}

static void
an_unnamed_index_is_found_only_as_the_one_invalid_one(void)
{
	struct target *t = fresh();
	struct error err;

	must_run(t, "CREATE TABLE t (a int, b int)");
	must_run(t, "INSERT INTO t VALUES (1, 1), (1, 1)");
	CHECK(!run_sql(t, "CREATE UNIQUE INDEX CONCURRENTLY ON t (a)", &err));
	struct index_info info = find(t, create_goal(NULL, "t"));
	CHECK_INT(info.state, INDEX_INVALID);
	CHECK_STR(info.name, "t_a_idx");
	CHECK(!run_sql(t, "CREATE UNIQUE INDEX CONCURRENTLY ON t (b)", &err));
	CHECK_INT(find(t, create_goal(NULL, "t")).state, INDEX_ABSENT);
	close_target(t);
}

struct background {
	const char *sql;
	pthread_t thread;
	struct target *t;
	bool ok;
};

static void *
run_in_background(void *arg)
{
	struct background *b = arg;
	struct arena arena;
	struct run_result r;
	struct error err;

	arena_init(&arena);
	b->ok = b->t->ops->run(b->t, span_str(b->sql), NULL, NULL, &arena, &r, &err);
	arena_fini(&arena);
	return NULL;
}

static void
a_build_that_goes_on_names_its_backend(void)
{
	struct target *t = fresh();
	struct pg_session *reader = pg_session_open(cluster_url("catalogue"));
	struct background build = {.sql = "CREATE INDEX CONCURRENTLY i ON t (a)",
				   .t = open_target(cluster_url("catalogue"), NULL)};
	int pid = 0;

	must_run(t, "CREATE TABLE t (a int)");
	REQUIRE(reader != NULL && pg_session_exec(reader, "BEGIN; INSERT INTO t VALUES (1)"));
	pthread_create(&build.thread, NULL, run_in_background, &build);
	for (int i = 0; i < 500 && pid == 0; i++) {
		struct index_info info = find(t, create_goal("i", "t"));

		if (info.state == INDEX_INVALID)
			pid = info.building_pid;
		usleep(10 * 1000);
	}
	CHECK_INT(pid, build.t->ops->info(build.t)->backend_pid);
	REQUIRE(pg_session_exec(reader, "COMMIT"));
	pthread_join(build.thread, NULL);
	CHECK(build.ok);
	CHECK_INT(find(t, create_goal("i", "t")).state, INDEX_VALID);
	CHECK_INT(find(t, create_goal("i", "t")).building_pid, 0);
	pg_session_close(reader);
	close_target(build.t);
	close_target(t);
}

static size_t
leftovers(struct target *t, struct sql_goal goal, struct index_info **out)
{
	struct error err;
	size_t count;

	goal.kind = SQL_GOAL_INDEX_REBUILT;
	MUST(t->ops->reindex_leftovers(t, &test_arena, &goal, out, &count, &err), &err);
	return count;
}

static void
leftovers_of_a_cut_reindex_are_found_and_dropped(void)
{
	struct target *t = fresh();
	struct pg_session *writer = pg_session_open(cluster_url("catalogue"));
	struct index_info *found;
	struct error err;

	must_run(t, "CREATE TABLE t (a int)");
	must_run(t, "CREATE INDEX i ON t (a)");
	must_run(t, "CREATE INDEX other ON t (a)");
	REQUIRE(writer != NULL && pg_session_exec(writer, "BEGIN; INSERT INTO t VALUES (1)"));
	must_run(t, "SET statement_timeout = '200ms'");
	CHECK(!run_sql(t, "REINDEX INDEX CONCURRENTLY i", &err));
	must_run(t, "RESET statement_timeout");
	REQUIRE(pg_session_exec(writer, "COMMIT"));
	REQUIRE(leftovers(t, (struct sql_goal){.name = "i"}, &found) == 1);
	CHECK_STR(found[0].name, "i_ccnew");
	CHECK_STR(found[0].schema, "public");
	CHECK_STR(found[0].table, "t");
	CHECK_INT(found[0].state, INDEX_INVALID);
	CHECK_INT(leftovers(t, (struct sql_goal){.name = "other"}, &found), 0);
	CHECK_INT(leftovers(t, (struct sql_goal){.name = "gone"}, &found), 0);
	CHECK_INT(leftovers(t, (struct sql_goal){.schema = "pg_catalog"}, &found), 0);
	CHECK_INT(leftovers(t, (struct sql_goal){.schema = "public"}, &found), 1);
	CHECK_INT(leftovers(t, (struct sql_goal){0}, &found), 1);
	REQUIRE(leftovers(t, (struct sql_goal){.table = "t"}, &found) == 1);
	MUST(t->ops->index_drop(t, &found[0], &err), &err);
	CHECK_INT(leftovers(t, (struct sql_goal){.table = "t"}, &found), 0);
	pg_session_close(writer);
	close_target(t);
}

static bool
reached(struct target *t, struct sql_goal goal)
{
	bool yes;
	struct error err;

	MUST(t->ops->goal_reached(t, &goal, &yes, &err), &err);
	return yes;
}

static void
databases_and_partitions_are_looked_up(void)
{
	struct target *t = fresh();
	struct sql_goal made = {.kind = SQL_GOAL_DATABASE_CREATED, .name = "catalogue"};
	struct sql_goal detached = {
		.kind = SQL_GOAL_PARTITION_DETACHED, .name = "p1", .table = "p"};
	struct error err;
	bool yes;

	CHECK(reached(t, made));
	made.name = "no such \"database\"";
	CHECK(!reached(t, made));
	made.kind = SQL_GOAL_DATABASE_DROPPED;
	CHECK(reached(t, made));
	made.name = "catalogue";
	CHECK(!reached(t, made));
	CHECK(!reached(t, detached)); /* no such table: nothing was detached */
	must_run(t, "CREATE TABLE p (a int) PARTITION BY LIST (a)");
	must_run(t, "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)");
	CHECK(!reached(t, detached));
	struct pg_session *reader = pg_session_open(cluster_url("catalogue"));
	REQUIRE(reader != NULL && pg_session_exec(reader, "BEGIN; SELECT * FROM p"));
	must_run(t, "SET statement_timeout = '200ms'");
	CHECK(!run_sql(t, "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY", &err));
	must_run(t, "RESET statement_timeout");
	CHECK(!reached(t, detached)); /* pending */
	REQUIRE(pg_session_exec(reader, "COMMIT"));
	must_run(t, "ALTER TABLE p DETACH PARTITION p1 FINALIZE");
	CHECK(reached(t, detached));
	struct sql_goal index = create_goal("i", "t");
	CHECK(!t->ops->goal_reached(t, &index, &yes, &err));
	CHECK_ERROR(&err, E_INTERNAL_ERROR, NULL);
	pg_session_close(reader);
	close_target(t);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(an_index_is_absent_valid_or_invalid),
		CASE(an_unnamed_index_is_found_only_as_the_one_invalid_one),
		CASE(a_build_that_goes_on_names_its_backend),
		CASE(leftovers_of_a_cut_reindex_are_found_and_dropped),
		CASE(databases_and_partitions_are_looked_up),
	};

	if (!cluster_start())
		return 2;
	int code = unit_main("db/catalogue", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&test_arena);
	return code;
}
