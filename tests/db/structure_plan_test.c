/*
 * The proof of a plan: what it makes of A has the fingerprint of B, and the plan after it is empty.
 * Over pairs of every kind and over structures made at random (CONFITURE_ROUNDS says how many).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/schema/fingerprint.h"
#include "shared/schema/plan.h"
#include "shared/snapshot/snapshot.h"
#include "tests/db/open.h"
#include "tests/db/structure/pairs.h"
#include "tests/db/structure/random.h"
#include "worker/catalog/catalog.h"

#include "shared/base/banned.h"

enum { ROUNDS = 8 };

static struct schema_pool *pool;
static struct schema_plan_options how;
static int plain_pairs;

static struct schema_model *
read_model(const char *database)
{
	struct pg_open_options open = {.application_name = "confiture test"};
	struct schema_model *m = NULL;
	struct pg_conn *c = NULL;
	struct error err = {0};

	MUST(pg_open(secret_of(cluster_url(database)), &open, &c, &err), &err);
	MUST(catalog_read(c, NULL, pool, &m, &err), &err);
	pg_close(c);
	return m;
}

static struct schema_model *
fresh(const char *database, const char *sql)
{
	REQUIRE(cluster_create_database(database));
	REQUIRE(pg_exec(cluster_url(database), sql));
	return read_model(database);
}

static void
plan_of(const struct schema_model *from, const struct schema_model *to, struct schema_plan *out)
{
	struct schema_diff d;
	struct error err = {0};

	schema_diff(&test_arena, from, to, &d);
	bool ok = schema_plan(&test_arena, &d, &how, out, &err);
	for (uint32_t i = 0; !ok && i < err.detail_count; i++)
		fprintf(stderr, "  %s\n", err.details[i].value);
	MUST(ok, &err);
}

/* Each statement by itself: what needs more than the order is tried through psql elsewhere. */
static bool
apply_plan(const char *database, const struct schema_plan *plan)
{
	struct pg_session *s = pg_session_open(cluster_url(database));
	bool ok = s != NULL && pg_session_exec(s, "SET check_function_bodies = off") &&
		  pg_session_exec(s, "SET search_path = ''");

	for (size_t i = 0; ok && i < plan->count; i++) {
		ok = pg_session_exec(s, plan->statements[i].sql);
		if (!ok)
			fprintf(stderr, "  statement: %s\n", plan->statements[i].sql);
	}
	pg_session_close(s);
	return ok;
}

static void
show(const char *name, const struct schema_plan *plan)
{
	fprintf(stderr, "  -- %s\n", name);
	for (size_t i = 0; i < plan->count; i++)
		fprintf(stderr, "  %s;\n", plan->statements[i].sql);
}

/* Database "plan_work" is A; it becomes B. */
static bool
becomes(const char *name, const struct schema_model *b)
{
	struct schema_plan plan, again;
	char wanted[SHA256_HEX], got[SHA256_HEX];

	plan_of(read_model("plan_work"), b, &plan);
	bool ok = CHECK(apply_plan("plan_work", &plan));
	const struct schema_model *after = read_model("plan_work");
	schema_fingerprint(after, got);
	schema_fingerprint(b, wanted);
	plan_of(after, b, &again);
	ok = CHECK_STR(got, wanted) && ok;
	ok = CHECK_INT(again.count, 0) && ok;
	if (!ok)
		show(name, &plan);
	for (size_t i = 0; !ok && i < again.count; i++)
		fprintf(stderr, "  again: %s;\n", again.statements[i].sql);
	return ok;
}

static bool
same_plan(const struct schema_plan *a, const struct schema_plan *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (strcmp(a->statements[i].sql, b->statements[i].sql) != 0)
			return false;
	return a->count == b->count;
}

/* By statements that may keep others waiting. */
static bool
is_plain_otherwise(const struct schema_model *from, const struct schema_model *to)
{
	struct schema_plan online, plain;

	plan_of(from, to, &online);
	how.online = false;
	plan_of(from, to, &plain);
	how.online = true;
	return !same_plan(&online, &plain);
}

static bool
by_plain_statements(const char *name, const struct schema_model *from,
		    const struct schema_model *to)
{
	if (!is_plain_otherwise(from, to) && !is_plain_otherwise(to, from))
		return true;
	how.online = false;
	bool ok = becomes(name, to) && becomes(name, from);
	how.online = true;
	plain_pairs++;
	return ok;
}

static bool
both_ways(const char *name, const char *a, const char *b)
{
	struct schema_model *from = fresh("plan_a", a), *to = fresh("plan_b", b);
	bool ok;

	(void)fresh("plan_work", a);
	ok = becomes(name, to);
	if (!ok)
		(void)fresh("plan_work", b);
	ok = becomes(name, from) && ok;
	return ok && by_plain_statements(name, from, to);
}

static void
roles(void)
{
	(void)test_database("plan_roles");
	REQUIRE(pg_exec(
		cluster_url("plan_roles"),
		"DO $$ BEGIN"
		" IF to_regrole('structure_reader') IS NULL THEN CREATE ROLE structure_reader;"
		" END IF;"
		" IF to_regrole('\"structure odd role\"') IS NULL THEN"
		" CREATE ROLE \"structure odd role\"; END IF; END $$"));
}

static void
try_pair(const struct pair *pair)
{
	if (!both_ways(pair->name, pair->a, pair->b))
		fprintf(stderr, "  pair: %s\n", pair->name);
}

static void
each_pair_becomes_the_other(void)
{
	roles();
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		try_pair(&pairs[i]);
	for (size_t i = 0; i < ARRAY_LEN(newer_pairs); i++)
		if (newer_pairs[i].since <= cluster_major())
			try_pair(&newer_pairs[i].pair);
	CHECK(plain_pairs > 10);
}

static void
structures_at_random_become_each_other(void)
{
	const char *rounds = getenv("CONFITURE_ROUNDS");
	long most = rounds ? strtol(rounds, NULL, 10) : ROUNDS;

	roles();
	for (long i = 0; i < most; i++) {
		const char *a = random_structure(&test_arena, 2 * (uint64_t)i + 1);
		const char *b = random_structure(&test_arena, 2 * (uint64_t)i + 2);
		if (!both_ways("random", a, b))
			fprintf(stderr, "  round %ld\n-- A\n%s\n-- B\n%s\n", i, a, b);
	}
}

/* ---- snapshots that others wrote ---- */

/* What contradicts itself may have no order, and then says so. */
static void
plan_or_refuse(const struct schema_model *from, const struct schema_model *to)
{
	struct schema_diff d;
	struct schema_plan plan;
	struct error err = {0};

	schema_diff(&test_arena, from, to, &d);
	CHECK(schema_plan(&test_arena, &d, &how, &plan, &err) || error_is(&err, E_SCHEMA_202));
}

/* Every value taken out of every object in its turn: refused in words, or planned. */
static void
a_snapshot_with_holes_is_refused_or_planned(void)
{
	struct schema_model *m = fresh("plan_b", random_structure(&test_arena, 7)), *empty;
	struct structure *s = snapshot_of(&test_arena, m, "here");
	int refused = 0, planned = 0;

	empty = fresh("plan_a", "SELECT 1");
	for (size_t i = 0; i < s->objects.count; i++) {
		struct structure_object *o = &s->objects.items[i];
		for (size_t k = 0; k < o->attributes.count; k++) {
			struct structure_attribute kept = o->attributes.items[k];
			struct schema_model *holed = NULL;
			struct error err = {0};

			o->attributes.items[k] = o->attributes.items[--o->attributes.count];
			bool ok = snapshot_model(pool, s, &holed, &err);
			if (ok) {
				plan_or_refuse(empty, holed);
				plan_or_refuse(holed, m);
				plan_or_refuse(holed, empty);
				planned++;
			} else {
				CHECK(error_is(&err, E_DIFFER_400));
				refused++;
			}
			o->attributes.count++;
			o->attributes.items[o->attributes.count - 1] = o->attributes.items[k];
			o->attributes.items[k] = kept;
		}
	}
	CHECK(refused > 20);
	CHECK(planned > 20);
}

static void
values_of_a_composite_type_come_over(void)
{
	const struct schema_model *b;

	(void)test_database("plan_roles");
	b = fresh("plan_b",
		  "CREATE TYPE n AS (x int); CREATE TYPE c AS (n n, t varchar(9), i text);"
		  "CREATE TABLE t (k int, v c)");
	(void)fresh("plan_work",
		    "CREATE TYPE n AS (x text); CREATE TYPE c AS (i int, t text, n n);"
		    "CREATE TABLE t (k int, v c); INSERT INTO t VALUES (1, (7, 'a', ROW('5'))),"
		    "(2, NULL), (3, (NULL, NULL, NULL))");
	CHECK(becomes("composite", b));
	CHECK_STR(pg_query_text(cluster_url("plan_work"),
				"SELECT string_agg(format('%s %s', k, v), ';' ORDER BY k) FROM t"),
		  "1 (\"(5)\",a,7);2 ;3 (,,)");
}

/* Its slot lies with the publisher, which need not answer. */
static void
a_subscription_goes_without_its_slot(void)
{
	const struct schema_model *b;

	(void)test_database("plan_roles");
	b = fresh("plan_b", "CREATE PUBLICATION p");
	(void)fresh("plan_work",
		    "CREATE PUBLICATION p; CREATE SUBSCRIPTION s CONNECTION 'dbname=x' "
		    "PUBLICATION p WITH (connect = false, slot_name = 'x')");
	CHECK(becomes("subscription", b));
}

static void
hazards_are_told(void)
{
	static const struct {
		const char *a, *b, *part;
		unsigned hazards;
	} cases[] = {
		{"CREATE TABLE t (a int)", "SELECT 1", "DROP TABLE", HAZARD_DATA_LOSS},
		{"CREATE TABLE t (a int, b int)", "CREATE TABLE t (a int)", "DROP COLUMN",
		 HAZARD_DATA_LOSS},
		{"CREATE TYPE c AS (a int, b int); CREATE TABLE t (v c)",
		 "CREATE TYPE c AS (a int); CREATE TABLE t (v c)", "DROP ATTRIBUTE",
		 HAZARD_DATA_LOSS},
		{"CREATE TYPE c AS (a int, b int); CREATE TABLE t (v c)",
		 "CREATE TYPE c AS (a bigint); CREATE TABLE t (v c)", "ROW(", HAZARD_DATA_LOSS},
		{"CREATE TABLE t (a int)", "CREATE TABLE t (a bigint)", "TYPE bigint",
		 HAZARD_REWRITE},
		{"CREATE TABLE t (a int)", "CREATE TABLE t (a int CHECK (a > 0))", "VALIDATE",
		 HAZARD_SCAN},
		{"CREATE TABLE t (a int)", "CREATE TABLE t (a int) PARTITION BY RANGE (a)",
		 "DROP TABLE", HAZARD_DATA_LOSS},
	};

	(void)test_database("plan_roles");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct schema_plan plan;
		bool found = false;

		plan_of(fresh("plan_a", cases[i].a), fresh("plan_b", cases[i].b), &plan);
		for (size_t k = 0; k < plan.count; k++)
			if (strstr(plan.statements[k].sql, cases[i].part) != NULL)
				found = found ||
					(plan.statements[k].hazards & cases[i].hazards) != 0;
		CHECK(found);
		if (!found)
			show(cases[i].part, &plan);
	}
}

static void
tables_in_use_get_what_waits_for_nobody(void)
{
	struct schema_plan plan;
	struct text script;

	(void)test_database("plan_roles");
	plan_of(fresh("plan_a",
		      "CREATE TABLE t (a int, b int); CREATE TABLE p (id int PRIMARY KEY);"
		      "CREATE INDEX j ON t (a)"),
		fresh("plan_b", "CREATE TABLE p (id int PRIMARY KEY);"
				"CREATE TABLE t (a int NOT NULL REFERENCES p (id), b int,"
				" CONSTRAINT u UNIQUE (b) INCLUDE (a) DEFERRABLE);"
				"CREATE INDEX i ON t (a); CREATE TABLE n (a int UNIQUE);"
				"CREATE INDEX k ON n (a); CREATE INDEX j ON t (a DESC)"),
		&plan);
	text_init(&script, 0);
	schema_plan_script(&plan, &script);
	CHECK_HAS(script.ptr, "COMMIT;\nCREATE INDEX CONCURRENTLY i ON");
	CHECK_HAS(script.ptr, "\nCREATE INDEX k ON public.n");
	CHECK_HAS(script.ptr,
		  "NOT VALID;\nCOMMIT;\nBEGIN;\nALTER TABLE public.t VALIDATE CONSTRAINT");
	CHECK_HAS(script.ptr, "CHECK (a IS NOT NULL) NOT VALID;\nCOMMIT;\n");
	CHECK_HAS(script.ptr,
		  "CREATE UNIQUE INDEX CONCURRENTLY u ON public.t USING btree (b) INCLUDE (a);\n"
		  "BEGIN;\nALTER TABLE public.t ADD CONSTRAINT u UNIQUE USING INDEX u DEFERRABLE;");
	CHECK_HAS(script.ptr, "ADD CONSTRAINT n_a_key UNIQUE (a);");
	/* The old one serves until the new one is there. */
	CHECK_HAS(script.ptr,
		  " ON public.t USING btree (a DESC);\nBEGIN;\nALTER INDEX public.j RENAME TO ");
	CHECK_HAS(script.ptr, " RENAME TO j;\nCOMMIT;\nDROP INDEX CONCURRENTLY ");
	text_fini(&script);
}

static void
partitions_in_use_are_indexed_one_by_one(void)
{
#define PARTITIONED                                                                                \
	"CREATE TABLE t (a int NOT NULL) PARTITION BY RANGE (a); CREATE TABLE t1 PARTITION OF t "  \
	"DEFAULT;"
	struct schema_plan plan;
	struct text script;

	plan_of(fresh("plan_a", PARTITIONED),
		fresh("plan_b", PARTITIONED
		      "CREATE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a)"),
		&plan);
	text_init(&script, 0);
	schema_plan_script(&plan, &script);
	CHECK_HAS(script.ptr, "CREATE INDEX i ON ONLY public.t");
	CHECK_HAS(script.ptr, "CREATE INDEX CONCURRENTLY t1_a_idx ON public.t1");
	CHECK_HAS(script.ptr, "ALTER INDEX public.i ATTACH PARTITION public.t1_a_idx");
	CHECK_HAS(script.ptr, "CREATE UNIQUE INDEX CONCURRENTLY t1_pkey ON public.t1");
	CHECK_HAS(script.ptr, "ADD CONSTRAINT t1_pkey PRIMARY KEY USING INDEX t1_pkey");
	text_fini(&script);
#undef PARTITIONED
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(each_pair_becomes_the_other),
		CASE(structures_at_random_become_each_other),
		CASE(a_snapshot_with_holes_is_refused_or_planned),
		CASE(values_of_a_composite_type_come_over),
		CASE(a_subscription_goes_without_its_slot),
		CASE(hazards_are_told),
		CASE(tables_in_use_get_what_waits_for_nobody),
		CASE(partitions_in_use_are_indexed_one_by_one),
	};

	if (!cluster_start())
		return 2;
	arena_init(&test_arena);
	pool = schema_pool_new();
	how.online = true;
	int code = unit_main("db/structure_plan", cases, ARRAY_LEN(cases), argc, argv);
	schema_pool_free(pool);
	arena_fini(&test_arena);
	return code;
}
