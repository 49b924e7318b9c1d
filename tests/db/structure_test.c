/*
 * The readers of the catalogue: every query is understood and gives the columns of the table of
 * kinds; a database with every kind in it comes out as the model that is kept in a file; what
 * belongs to an extension, or is not wanted, is left out.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/schema/diff.h"
#include "shared/schema/fingerprint.h"
#include "shared/snapshot/snapshot.h"
#include "tests/db/open.h"
#include "worker/catalog/catalog.h"
#include "worker/catalog/queries.h"

#include "catalog_sql.h"

#include "shared/base/banned.h"

/* The server of the test command; a long target runs the others. */
enum { USUAL_MAJOR = 15 };

static struct schema_pool *pool;

static struct schema_model *
read_model(const char *url, const struct catalog_options *options)
{
	struct pg_open_options open = {.application_name = "confiture test"};
	struct schema_model *m = NULL;
	struct pg_conn *c = NULL;
	struct error err = {0};

	MUST(pg_open(secret_of(url), &open, &c, &err), &err);
	MUST(catalog_read(c, options, pool, &m, &err), &err);
	CHECK_INT(pg_transaction(c), PG_IDLE);
	pg_close(c);
	return m;
}

static const char *
fingerprint(const struct schema_model *m)
{
	char hash[SHA256_HEX];

	schema_fingerprint(m, hash);
	return arena_str(&test_arena, hash);
}

/* ---- the queries ---- */
static void
check_columns(const PGresult *r, enum schema_kind kind)
{
	const struct schema_kind_info *info = schema_kind_info(kind);
	int own = (int)(info->count - SCHEMA_COMMON);

	CHECK_INT(PQnfields(r), CATALOG_COLUMNS + own);
	for (int i = 0; i < own && i < PQnfields(r) - CATALOG_COLUMNS; i++)
		CHECK_STR(PQfname(r, CATALOG_COLUMNS + i),
			  info->attributes[SCHEMA_COMMON + i].name);
}

static void
check_query(PGconn *conn, size_t which, const char *sql)
{
	PGresult *r = PQprepare(conn, "", sql, 0, NULL);

	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		fprintf(stderr, "  query %zu: %s", which, PQresultErrorMessage(r));
	CHECK_INT(PQresultStatus(r), PGRES_COMMAND_OK);
	PQclear(r);
	r = PQdescribePrepared(conn, "");
	if (which < SCHEMA_KIND_COUNT)
		check_columns(r, (enum schema_kind)which);
	PQclear(r);
}

/* Also the texts for older servers, as far as this one understands them: they ask for less. */
static void
every_query_is_understood_and_gives_the_attributes_of_its_kind(void)
{
	PGconn *conn = PQconnectdb(test_database("structure"));
	const char *sql;
	int texts = 0;

	REQUIRE(PQstatus(conn) == CONNECTION_OK);
	for (size_t which = 0; which < CATALOG_QUERIES; which++) {
		for (size_t n = 0; (sql = catalog_variant(which, n)) != NULL; n++) {
			if (cluster_major() == USUAL_MAJOR)
				check_query(conn, which, sql);
			texts++;
		}
		check_query(conn, which, catalog_query(which, cluster_major() * 10000));
		CHECK(catalog_query(which, 150000) == catalog_variant(which, 0));
	}
	check_query(conn, CATALOG_QUERIES, catalog_sql_own_tables_find);
	check_query(conn, CATALOG_QUERIES, catalog_sql_own_tables);
	PQfinish(conn);
	CHECK(texts > CATALOG_QUERIES);
	CHECK(catalog_query(SCHEMA_KIND_publication, 120004) !=
	      catalog_query(SCHEMA_KIND_publication, 140001));
	CHECK(catalog_query(SCHEMA_KIND_publication, 130004) ==
	      catalog_query(SCHEMA_KIND_publication, 140001));
	CHECK(catalog_query(SCHEMA_KIND_publication, 150000) ==
	      catalog_query(SCHEMA_KIND_publication, 180000));
}

/* ---- one of everything ---- */
static const char *
file_text(const char *path)
{
	FILE *file = fopen(path, "re");
	char part[4096];
	struct text all;
	size_t n;

	REQUIRE(file != NULL);
	text_init(&all, 0);
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		text_put_span(&all, span_of(part, n));
	fclose(file);
	const char *copy = arena_str(&test_arena, all.ptr);
	text_fini(&all);
	return copy;
}

static void
compare_with_file(const char *path, const char *text)
{
	if (getenv("CONFITURE_RENEW") == NULL) {
		CHECK_STR(text, file_text(path));
		return;
	}
	FILE *file = fopen(path, "we");
	REQUIRE(file != NULL);
	fputs(text, file);
	REQUIRE(fclose(file) == 0);
}

/* What older servers do not know is said otherwise. */
static const char *
for_this_server(const char *sql)
{
	static const struct {
		int since;
		const char *words, *instead;
	} newer[] = {
		{15, " NULLS NOT DISTINCT", ""},
		{15, " (id, n) WHERE (id > 3)", ""},
		{15, "FOR TABLES IN SCHEMA app", "FOR TABLE app.u"},
		{14, ", ALTER n SET COMPRESSION pglz", ""},
		{13, "ALTER STATISTICS app.st SET STATISTICS 50;", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(newer); i++) {
		const char *at = strstr(sql, newer[i].words);
		REQUIRE(at != NULL);
		if (newer[i].since > cluster_major())
			sql = arena_printf(&test_arena, "%.*s%s%s", (int)(at - sql), sql,
					   newer[i].instead, at + strlen(newer[i].words));
	}
	return sql;
}

/* Made once: a database with a subscription cannot be dropped. */
static const char *
rich_database(void)
{
	static const char name[] = "structure_rich";
	static bool made;

	arena_reset(&test_arena);
	if (made)
		return cluster_url(name);
	(void)pg_query_text(cluster_url(name), "DROP SUBSCRIPTION IF EXISTS sub");
	const char *url = test_database(name);
	REQUIRE(pg_exec(url, "DO $$ BEGIN"
			     " IF to_regrole('structure_reader') IS NULL THEN"
			     " CREATE ROLE structure_reader; END IF;"
			     " IF to_regrole('\"structure odd role\"') IS NULL THEN"
			     " CREATE ROLE \"structure odd role\"; END IF; END $$"));
	REQUIRE(pg_exec(url, for_this_server(file_text(STRUCTURE_DIR "/rich.sql"))));
	made = true;
	return url;
}

static void
print_object(struct text *out, const struct schema_model *m, const struct schema_object *o)
{
	const struct schema_kind_info *info = schema_kind_info(o->kind);

	text_printf(out, "%s %s\n", info->name, o->address);
	for (size_t i = 0; i < info->count; i++) {
		if (o->values[i] == NULL || info->attributes[i].use == SCHEMA_TOLD)
			continue;
		text_printf(out, "\t%s: ", info->attributes[i].name);
		for (const char *s = o->values[i]; *s != '\0'; s++)
			text_printf(out, *s == '\n' ? "\n\t\t" : "%c", *s);
		text_put_char(out, '\n');
	}
	for (uint32_t i = 0; i < o->needs_count; i++) {
		const struct schema_object *other = &m->objects[o->needs[i]];
		text_printf(out, "\t-> %s %s\n", schema_kind_info(other->kind)->name,
			    other->address);
	}
}

/* CONFITURE_RENEW=1 writes the file anew; read what changed. */
static void
one_of_every_kind_comes_out_as_it_is(void)
{
	const struct catalog_options options = {(const char *const[]){"public.tb_confiture"}, 1};
	struct schema_model *m = read_model(rich_database(), &options);
	bool seen[SCHEMA_KIND_COUNT] = {false};
	struct text out;

	text_init(&out, 0);
	for (size_t i = 0; i < m->count; i++) {
		seen[m->objects[i].kind] = true;
		print_object(&out, m, &m->objects[i]);
	}
	if (cluster_major() == USUAL_MAJOR)
		compare_with_file(STRUCTURE_DIR "/rich.expected", out.ptr);
	text_fini(&out);
	for (int kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
		if (!seen[kind])
			fprintf(stderr, "  no %s\n",
				schema_kind_info((enum schema_kind)kind)->name);
		CHECK(seen[kind]);
	}
	CHECK_STR(m->server_version,
		  arena_str(&test_arena,
			    pg_query_text(cluster_url("structure_rich"), "SHOW server_version")));
}

static void
a_structure_is_the_same_in_a_file(void)
{
	const char *url = rich_database();
	struct schema_model *m = read_model(url, NULL), *back = NULL;
	struct structure *s = snapshot_of(&test_arena, m, "here"), *again = NULL;
	struct schema_diff diff;
	struct error err = {0};
	struct text json;

	text_init(&json, 0);
	record_json(&json, &record_structure, s, 2);
	MUST(record_parse(&test_arena, &record_structure, text_span(&json), (void **)&again, &err),
	     &err);
	text_fini(&json);
	MUST(snapshot_model(pool, again, &back, &err), &err);
	schema_diff(&test_arena, m, back, &diff);
	for (size_t i = 0; i < diff.count; i++)
		fprintf(stderr, "  differs: %s\n",
			diff.changes[i].before ? diff.changes[i].before->address : "only there");
	CHECK_INT(diff.count, 0);
	CHECK_STR(fingerprint(back), fingerprint(m));
	CHECK_STR(again->fingerprint, fingerprint(m));
	for (size_t i = 0; i < m->count; i++) {
		CHECK_INT(back->objects[i].needs_count, m->objects[i].needs_count);
		for (uint32_t k = 0; k < m->objects[i].needs_count; k++)
			CHECK_INT(back->objects[i].needs[k], m->objects[i].needs[k]);
	}
}

static void
secrets_are_not_read(void)
{
	struct schema_model *m = read_model(rich_database(), NULL);
	struct text json;

	text_init(&json, 0);
	record_json(&json, &record_structure, snapshot_of(&test_arena, m, "here"), 0);
	CHECK_HAS(json.ptr, "FOR structure_reader SERVER srv");
	CHECK(strstr(json.ptr, "sekret") == NULL);
	text_fini(&json);
}

/* ---- the same and not the same ---- */
static const char *
fingerprint_of(const char *sql)
{
	const char *url = cluster_url("structure_other");

	REQUIRE(cluster_create_database("structure_other") && pg_exec(url, sql));
	return fingerprint(read_model(url, NULL));
}

static void
the_order_of_making_does_not_count(void)
{
	(void)test_database("structure");
	const char *one =
		fingerprint_of("CREATE TABLE a (x int, y text); CREATE TABLE b (z int);"
			       "CREATE INDEX i ON a (x); CREATE INDEX k ON a (y);"
			       "GRANT SELECT ON a TO PUBLIC; GRANT INSERT ON a TO pg_monitor");
	const char *two =
		fingerprint_of("CREATE TABLE nothing (); DROP TABLE nothing;"
			       "CREATE TABLE b (z int); CREATE TABLE a (y text, gone int);"
			       "CREATE INDEX k ON a (y); ALTER TABLE a DROP gone, ADD x int;"
			       "GRANT INSERT ON a TO pg_monitor; GRANT SELECT ON a TO PUBLIC;"
			       "CREATE INDEX i ON a (x)");
	CHECK_STR(two, one);
}

static void
each_difference_counts(void)
{
	static const char base[] =
		"CREATE TABLE t (a int, b text DEFAULT 'x'); CREATE INDEX i ON t (a);"
		"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1';"
		"CREATE VIEW v AS SELECT a FROM t;";
	static const char *const changes[] = {
		"ALTER TABLE t ALTER a SET NOT NULL",
		"ALTER TABLE t ALTER b SET DEFAULT 'y'",
		"ALTER TABLE t ALTER b SET STORAGE EXTERNAL",
		"ALTER TABLE t ALTER b SET STATISTICS 7",
		"ALTER TABLE t SET (fillfactor = 50)",
		"ALTER TABLE t SET UNLOGGED",
		"ALTER TABLE t ENABLE ROW LEVEL SECURITY",
		"ALTER TABLE t REPLICA IDENTITY FULL",
		"ALTER TABLE t CLUSTER ON i",
		"ALTER TABLE t OWNER TO pg_monitor",
		"GRANT SELECT (a) ON t TO PUBLIC",
		"GRANT SELECT ON t TO PUBLIC",
		"REVOKE ALL ON t FROM postgres",
		"REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC",
		"COMMENT ON COLUMN t.a IS 'a'",
		"ALTER TABLE t ADD CHECK (a > 0) NOT VALID",
		"ALTER VIEW v SET (security_barrier)",
		"ALTER FUNCTION f() STABLE",
		"ALTER FUNCTION f() SET work_mem = '1MB'",
		"DROP INDEX i; CREATE INDEX i ON t (a DESC)",
		"ALTER INDEX i RENAME TO j",
		"CREATE SCHEMA s",
		"UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass",
	};
	const char *last = NULL;

	(void)test_database("structure");
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const char *whole = arena_printf(&test_arena, "%s%s", base, changes[i]);
		const char *before = fingerprint_of(base), *after = fingerprint_of(whole);
		if (strcmp(before, after) == 0)
			fprintf(stderr, "  not seen: %s\n", changes[i]);
		CHECK(strcmp(before, after) != 0);
		CHECK(last == NULL || strcmp(last, before) == 0);
		last = before;
	}
}

static void
odd_names_do_not_disturb(void)
{
	const char *url = test_database("structure");

	REQUIRE(pg_exec(
		url,
		"CREATE SCHEMA \"a\nb\"; CREATE TABLE \"a\nb\".\"t\\\t\"\"x\" (\"c\\N\" int, "
		"\"\\.\" text);"
		"COMMENT ON TABLE \"a\nb\".\"t\\\t\"\"x\" IS E'line\\none\\r\\x0b\\f\\b\\\\';"));
	struct schema_model *m = read_model(url, NULL);
	const struct schema_object *t =
		schema_model_find(m, SCHEMA_KIND_table, "\"a\nb\".\"t\\\t\"\"x\"");
	REQUIRE(t != NULL);
	CHECK_STR(t->name, "t\\\t\"x");
	CHECK_STR(t->values[SCHEMA_comment], "line\none\r\v\f\b\\");
	CHECK(schema_model_find(m, SCHEMA_KIND_column, "\"a\nb\".\"t\\\t\"\"x\".\"c\\N\"") != NULL);
	CHECK(schema_model_find(m, SCHEMA_KIND_column, "\"a\nb\".\"t\\\t\"\"x\".\"\\.\"") != NULL);
}

/* ---- what is left out ---- */
static void
tables_that_are_not_wanted_go_with_all_that_is_theirs(void)
{
	const struct catalog_options options = {(const char *const[]){"public.ours"}, 1};
	const char *url = test_database("structure");

	const char *empty = fingerprint(read_model(url, NULL));
	REQUIRE(pg_exec(url,
			"CREATE TABLE ours (id serial PRIMARY KEY, n text UNIQUE, CHECK (id > 0));"
			"CREATE INDEX ON ours (n); COMMENT ON COLUMN ours.n IS 'n';"
			"CREATE POLICY p ON ours; CREATE STATISTICS st ON id, n FROM ours;"));
	CHECK(strcmp(fingerprint(read_model(url, NULL)), empty) != 0);
	CHECK_STR(fingerprint(read_model(url, &options)), empty);
}

static void
what_no_kind_holds_is_told(void)
{
	const char *url = test_database("structure");

	CHECK_INT(read_model(url, NULL)->unmodelled_count, 0);
	REQUIRE(pg_exec(url, "CREATE EXTENSION pg_trgm; REVOKE EXECUTE ON FUNCTION "
			     "similarity(text, text) FROM PUBLIC;"
			     "ALTER DATABASE structure SET work_mem = '5MB'"));
	struct schema_model *m = read_model(url, NULL);
	REQUIRE(m->unmodelled_count == 2);
	CHECK_STR(m->unmodelled[0], "privileges of function public.similarity(text,text), which "
				    "belongs to an extension");
	CHECK_STR(m->unmodelled[1], "setting work_mem of this database");
}

/* Whose rights are only to connect: what is there for everybody to see is everything but secrets.
 */
static void
an_ordinary_role_reads_the_same(void)
{
	const char *url = rich_database(), *poor;

	REQUIRE(pg_exec(url, "CREATE ROLE poor_reader LOGIN"));
	poor = arena_printf(&test_arena, "host=%s user=poor_reader dbname=structure_rich",
			    cluster_socket_dir());
	struct schema_model *all = read_model(url, NULL), *seen = read_model(poor, NULL);
	struct schema_diff d;

	schema_diff(&test_arena, all, seen, &d);
	CHECK_INT(d.count, 1);
	CHECK_INT(d.changes[0].kind, SCHEMA_KIND_user_mapping);
	REQUIRE(pg_exec(url, "DROP ROLE poor_reader"));
}

static void
a_reader_that_may_not_connect_says_so(void)
{
	struct pg_open_options open = {.application_name = "confiture test"};
	const char *url = test_database("structure");
	struct schema_model *m = NULL;
	struct pg_conn *c = NULL;
	struct error err = {0};

	MUST(pg_open(secret_of(url), &open, &c, &err), &err);
	(void)pg_query_text(cluster_url("postgres"),
			    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
			    " WHERE datname = 'structure' AND application_name = 'confiture test'");
	CHECK(!catalog_read(c, NULL, pool, &m, &err));
	CHECK_ERROR(&err, E_TARGET_005, "reading the structure of");
	pg_close(c);
}

static struct pg_conn *
named(const char *database, const char *name)
{
	struct pg_open_options open = {.application_name = name};
	struct pg_conn *c = NULL;
	struct error err = {0};

	MUST(pg_open(secret_of(cluster_url(database)), &open, &c, &err), &err);
	return c;
}

/* Many rows on one side and few on the other, in both places. */
static void
two_are_read_at_the_same_time(void)
{
	struct error err = {0};

	REQUIRE(pg_exec(test_database("structure"),
			"DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE format('CREATE TABLE t%s (a int, "
			"b text, c text, d text)', i); END LOOP; END $$"));
	REQUIRE(pg_exec(test_database("structure_2"), "CREATE TABLE t (a int)"));
	struct pg_conn *a = named("structure", "big"), *b = named("structure_2", "small");
	struct catalog_reading both[2][2] = {{{.conn = a}, {.conn = b}},
					     {{.conn = b}, {.conn = a}}};
	MUST(catalog_read_all(both[0], 2, pool, &err), &err);
	MUST(catalog_read_all(both[1], 2, pool, &err), &err);
	for (int i = 0; i < 2; i++) {
		CHECK_STR(fingerprint(both[i][i].model),
			  fingerprint(read_model(cluster_url("structure"), NULL)));
		CHECK_STR(fingerprint(both[i][1 - i].model),
			  fingerprint(read_model(cluster_url("structure_2"), NULL)));
	}
	(void)pg_query_text(cluster_url("postgres"),
			    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
			    " WHERE application_name = 'small'");
	CHECK(!catalog_read_all(both[0], 2, pool, &err));
	CHECK_ERROR(&err, E_TARGET_005, "reading the structure of");
	CHECK_HAS(err.message, "structure_2");
	CHECK_INT(pg_transaction(a), PG_IDLE);
	pg_close(a);
	pg_close(b);
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(every_query_is_understood_and_gives_the_attributes_of_its_kind),
		CASE(one_of_every_kind_comes_out_as_it_is),
		CASE(a_structure_is_the_same_in_a_file),
		CASE(secrets_are_not_read),
		CASE(the_order_of_making_does_not_count),
		CASE(each_difference_counts),
		CASE(odd_names_do_not_disturb),
		CASE(tables_that_are_not_wanted_go_with_all_that_is_theirs),
		CASE(what_no_kind_holds_is_told),
		CASE(an_ordinary_role_reads_the_same),
		CASE(a_reader_that_may_not_connect_says_so),
		CASE(two_are_read_at_the_same_time),
	};
	int status;

	if (!cluster_start())
		return 2;
	arena_init(&test_arena);
	pool = schema_pool_new();
	status = unit_main("db_structure", cases, ARRAY_LEN(cases), argc, argv);
	schema_pool_free(pool);
	arena_fini(&test_arena);
	return status;
}
