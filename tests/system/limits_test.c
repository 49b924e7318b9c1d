/*
 * Large and strange files: each works or is refused in words, in bounded memory. Files are made in
 * the project's temporary folder. CONFITURE_RELEASE names a Release build of the program: then the
 * large file has 500 MB and memory is held to what users were promised.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "tests/support/cluster.h"
#include "tests/support/fleet.h"
#include "tests/support/refusal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum {
	MEGABYTE = 1024 * 1024,
	RELEASE_FILE_MB = 500,
	TEST_FILE_MB = 24,
	/* Whatever the size of the file; the test program's own pages count until exec. */
	RELEASE_MB = 40,
	/* Through a fleet: more than fits any buffer or message, and what the daemons were allowed.
	 */
	FLEET_FILE_MB = 72,
	WORKER_MB = 64,
	COORDINATOR_MB = 96,
	DAEMON_SANITIZER_MB = 200,
	SANITIZER_MB = 120, /* it keeps a shadow of the memory and what was freed */
	/* Buffers of ours and of libpq that one statement goes through. */
	STATEMENT_COPIES = 5,
};

/* What the sanitizer holds back of freed memory would hide what the program holds. */
#define LEAN "quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
static const char *const lean[] = {"ASAN_OPTIONS=" LEAN, NULL};

static bool
is_release(void)
{
	return getenv("CONFITURE_RELEASE") != NULL;
}

static void
open_here(struct project *p)
{
	project_open(p);
	if (is_release())
		p->program = getenv("CONFITURE_RELEASE");
}

static FILE *
open_file(struct project *p, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "db/migrations/%s", name);
	project_file(p, path, "%s", "");
	FILE *file = fopen(project_path(p, path), "we");
	REQUIRE(file != NULL);
	return file;
}

/* Bytes as they are, NULs too. */
static void
write_bytes(struct project *p, const char *name, const void *bytes, size_t size)
{
	FILE *file = open_file(p, name);

	CHECK_INT(fwrite(bytes, 1, size, file), size);
	CHECK_INT(fclose(file), 0);
}

static void
check_daemon(const char *who, const struct process *daemon, int release_mb, int statement_mb)
{
	long most =
		(is_release() ? release_mb : DAEMON_SANITIZER_MB) + STATEMENT_COPIES * statement_mb;
	long kb = fleet_peak_kb(daemon);

	printf("%s %.1f MB ", who, (double)kb / 1024);
	CHECK(kb > 0 && kb < most * 1024);
}

static void
check_memory(struct project *p, const char *what, int statement_mb)
{
	long most = (is_release() ? RELEASE_MB : SANITIZER_MB) + STATEMENT_COPIES * statement_mb;

	printf("\n    %s: %.1f MB ", what, (double)p->last.max_rss_kb / 1024);
	CHECK(p->last.max_rss_kb > 0 && p->last.max_rss_kb < most * 1024);
	if (p->fleet == NULL)
		return;
	check_daemon("coordinator", &p->fleet->daemon, COORDINATOR_MB, 0);
	check_daemon("worker", &p->fleet->workers[0].process, WORKER_MB, statement_mb);
}

static bool
apply(struct project *p, const char *what, int statement_mb)
{
	int code = project_run_env(p, "migrate up", lean);

	if (!CHECK_INT(code, 0))
		fprintf(stderr, "-- %s\n%s%s\n", what, p->last.out, p->last.err);
	check_memory(p, what, statement_mb);
	return code == 0;
}

static bool
room_for(size_t megabytes)
{
	struct statvfs disk;

	if (statvfs("/tmp", &disk) == 0 &&
	    (unsigned long long)disk.f_bavail * disk.f_frsize / MEGABYTE > megabytes)
		return true;
	printf("(skipped: less than %zu MB free in /tmp) ", megabytes);
	return false;
}

/* ---- large ---- */

static void
large_file(const char *what, void (*write)(FILE *file, int megabytes), int test_mb,
	   const char *rows)
{
	int megabytes = is_release() ? RELEASE_FILE_MB : test_mb;
	struct project p;
	char sql[300];

	if (!room_for((size_t)megabytes * 6))
		return;
	open_here(&p);
	project_migration(&p, "001_big", "", "DROP TABLE big;");
	FILE *file = open_file(&p, "001_big.up.sql");
	write(file, megabytes);
	CHECK_INT(fclose(file), 0);
	apply(&p, what, 1);
	snprintf(sql, sizeof(sql), "SELECT sum(length(t)) >= %lld FROM big",
		 (long long)megabytes * MEGABYTE);
	CHECK_STR(project_sql(&p, sql), "t");
	CHECK_STR(project_sql(&p, rows), "t");
	project_close(&p);
}

/* Statements of 1 MB, one row of 1 KB after the other. */
static void
write_inserts(FILE *file, int megabytes)
{
	char row[1025];

	memset(row, 'x', sizeof(row) - 1);
	row[sizeof(row) - 1] = '\0';
	fputs("CREATE TABLE big (t text);\n", file);
	for (int i = 0; i < megabytes; i++) {
		fputs("INSERT INTO big VALUES\n", file);
		for (int k = 0; k < 1024; k++)
			fprintf(file, "('%s')%s\n", row, k == 1023 ? ";" : ",");
	}
}

static void
a_large_file_of_large_statements_runs_in_bounded_memory(void)
{
	large_file("INSERTs", write_inserts, TEST_FILE_MB, "SELECT count(*) % 1024 = 0 FROM big");
}

static void
write_copy(FILE *file, int megabytes)
{
	char row[1025];

	memset(row, 'x', sizeof(row) - 1);
	row[sizeof(row) - 1] = '\0';
	fputs("CREATE TABLE big (id int, t text);\nCOPY big FROM stdin;\n", file);
	for (int i = 0; i < megabytes * 1024; i++)
		fprintf(file, "%d\t%s\n", i, row);
	fputs("\\.\nCREATE INDEX ON big (id);\n", file);
}

static void
a_large_file_of_copy_data_runs_in_bounded_memory(void)
{
	large_file("COPY data", write_copy, unit_through_fleet() ? FLEET_FILE_MB : TEST_FILE_MB,
		   "SELECT count(*) = max(id) + 1 AND count(DISTINCT id) = count(*) FROM big");
}

static void
one_statement_of_ten_megabytes_works(void)
{
	struct project p;
	char *value = malloc(10 * MEGABYTE + 1);

	REQUIRE(value != NULL);
	memset(value, 'y', 10 * MEGABYTE);
	value[10 * MEGABYTE] = '\0';
	open_here(&p);
	project_migration(&p, "001_value", "", "DROP TABLE one;");
	FILE *file = open_file(&p, "001_value.up.sql");
	fprintf(file, "CREATE TABLE one AS SELECT '%s'::text AS t;\n", value);
	CHECK_INT(fclose(file), 0);
	free(value);
	apply(&p, "10 MB literal", 10);
	CHECK_STR(project_sql(&p, "SELECT length(t) FROM one"), "10485760");
	/* Many small rows: what a parser would make a tree of many times the size. */
	project_migration(&p, "002_rows", "", "DROP TABLE two;");
	file = open_file(&p, "002_rows.up.sql");
	fputs("CREATE TABLE two (a int, b text);\nINSERT INTO two VALUES (0, 'x')", file);
	for (int i = 1; i < 700000; i++)
		fprintf(file, ",\n(%d, 'x')", i);
	fputs(";\n", file);
	CHECK(ftell(file) > 10 * MEGABYTE - 100000);
	CHECK_INT(fclose(file), 0);
	apply(&p, "10 MB of rows", 10);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM two"), "700000");
	project_close(&p);
}

static void
a_statement_beyond_the_limit_is_refused_before_anything_runs(void)
{
	struct project p;

	open_here(&p);
	project_migration(&p, "001_first", "CREATE TABLE first ();", "DROP TABLE first;");
	project_migration(&p, "002_huge", "", "SELECT 1;");
	FILE *file = open_file(&p, "002_huge.up.sql");
	fputs("SELECT 1;\nSELECT '", file);
	char chunk[4096];
	memset(chunk, 'z', sizeof(chunk));
	for (int i = 0; i < 65 * 256; i++)
		fwrite(chunk, 1, sizeof(chunk), file);
	fputs("';\n", file);
	CHECK_INT(fclose(file), 0);
	refusal_check(&p, &(struct refusal){.words = "migrate up",
					    .env = lean,
					    .exit_code = 3,
					    .code = "MIGR_110",
					    .says = "more than 64 MiB",
					    .next = "COPY"});
	check_memory(&p, "65 MB statement", 65);
	project_close(&p);
}

static void
a_hundred_thousand_statements_in_one_file_work(void)
{
	int count = is_release() ? 100000 : 20000;
	struct project p;
	char expected[32];

	open_here(&p);
	project_migration(&p, "001_many", "", "DROP TABLE many;");
	FILE *file = open_file(&p, "001_many.up.sql");
	fputs("CREATE TABLE many (i int);\n", file);
	for (int i = 1; i <= count; i++)
		fprintf(file, "INSERT INTO many VALUES (%d);\n", i);
	CHECK_INT(fclose(file), 0);
	apply(&p, "many statements", 0);
	snprintf(expected, sizeof(expected), "%d/%d", count, count);
	CHECK_STR(project_sql(&p, "SELECT count(*) || '/' || max(i) FROM many"), expected);
	project_close(&p);
}

static void
a_function_of_a_thousand_lines_is_one_statement(void)
{
	struct project p;

	open_here(&p);
	project_migration(&p, "001_function", "", "DROP FUNCTION f;");
	FILE *file = open_file(&p, "001_function.up.sql");
	fputs("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$\nDECLARE n int := 0;\n"
	      "BEGIN\n",
	      file);
	for (int i = 0; i < 1000; i++)
		fprintf(file, "  n := n + 1; -- ; ' \" $$ %d\n", i);
	fputs("  RETURN n;\nEND $body$;\nSELECT 1/0;\n", file);
	CHECK_INT(fclose(file), 0);
	CHECK_INT(project_run(&p, "migrate up"), 3);
	CHECK_HAS(p.last.err, "001_function.up.sql:1006");
	file = fopen(project_path(&p, "db/migrations/001_function.up.sql"), "r+e");
	REQUIRE(file != NULL && fseek(file, -(long)strlen("SELECT 1/0;\n"), SEEK_END) == 0);
	fputs("SELECT 1/1;\n", file);
	CHECK_INT(fclose(file), 0);
	apply(&p, "1000 lines", 0);
	CHECK_STR(project_sql(&p, "SELECT f()"), "1000");
	project_close(&p);
}

/* ---- strange bytes ---- */

static void
bytes_that_are_no_text_are_refused_with_their_place(void)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *says;
		int line;
	} rows[] = {
		{"SELECT 1;\nSELECT '\xe9t\xe9';\n", 22, "byte 0xe9 is not UTF-8", 2},
		{"SELECT 1;\nSELECT 1;\nSEL\0ECT 1;\n", 31, "a NUL byte is no text", 3},
		{"\xff\xfeS\0E\0L\0", 8, "is not UTF-8", 1}, /* UTF-16 */
		{"-- \xc0\xaf overlong\nSELECT 1;\n", 24, "is not UTF-8", 1},
		{"SELECT '\xed\xa0\x80';\n", 13, "is not UTF-8", 1}, /* a surrogate */
		{"SELECT 'cut \xe2\x82", 14, "is not UTF-8", 1},
	};
	struct project p;

	open_here(&p);
	project_migration(&p, "001_first", "CREATE TABLE first ();", "DROP TABLE first;");
	project_migration(&p, "002_bytes", "", "SELECT 1;");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		write_bytes(&p, "002_bytes.up.sql", rows[i].bytes, rows[i].size);
		refusal_check(&p, &(struct refusal){.words = "migrate up",
						    .exit_code = 3,
						    .code = "MIGR_108",
						    .says = rows[i].says,
						    .next = "iconv"});
		struct document *d = document_parse(p.last.out);
		CHECK_INT(document_int(d, "error.line"), rows[i].line);
		document_free(d);
	}
	project_close(&p);
}

static void
line_ends_of_windows_and_a_byte_order_mark_do_no_harm(void)
{
	static const char text[] =
		"\xef\xbb\xbf-- made on Windows\r\nCREATE TABLE win (t text);\r\n"
		"INSERT INTO win VALUES ('a\r\nb');\r\nCOPY win FROM stdin;\r\none\r\ntwo\r\n"
		"\\.\r\nINSERT INTO win VALUES ('last');\r\n";
	struct project p;

	open_here(&p);
	project_migration(&p, "001_win", "", "DROP TABLE win;");
	write_bytes(&p, "001_win.up.sql", text, sizeof(text) - 1);
	apply(&p, "CRLF and BOM", 0);
	CHECK_STR(project_sql(&p, "SELECT string_agg(encode(t::bytea, 'escape'), '|' ORDER BY t) "
				  "FROM win"),
		  "a\r\nb|last|one|two");
	/* The bytes are hashed as they are. */
	CHECK_INT(project_run(&p, "verify-checksums"), 0);
	project_close(&p);
}

static void
files_without_a_statement_are_applied_and_change_nothing(void)
{
	static const char *const bodies[] = {
		"", "\n\n", "-- only a comment", "/* a /* b */ */", ";;\n ; ", "\xef\xbb\xbf"};
	struct project p;
	char name[64];

	open_here(&p);
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		snprintf(name, sizeof(name), "%03zu_empty.up.sql", i);
		write_bytes(&p, name, bodies[i], strlen(bodies[i]));
		snprintf(name, sizeof(name), "%03zu_empty.down.sql", i);
		write_bytes(&p, name, bodies[i], strlen(bodies[i]));
	}
	apply(&p, "empty files", 0);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM tb_confiture"), "6");
	CHECK_INT(project_run(&p, "migrate down --steps 6"), 0);
	CHECK_STR(project_sql(&p, "SELECT count(*) FROM tb_confiture"), "0");
	project_close(&p);
}

/* ---- COPY data ---- */

static void
a_bad_row_of_copy_data_is_told_with_its_line_in_the_file(void)
{
	struct project p;

	open_here(&p);
	project_migration(&p, "001_copy",
			  "CREATE TABLE rows (id int, t text);\nCOPY rows (id, t) FROM stdin;\n"
			  "1\tone\n2\t\\N\nthree\tbad\n\\.\nSELECT 1;",
			  "DROP TABLE rows;");
	CHECK_INT(project_run(&p, "migrate up"), 3);
	CHECK_HAS(p.last.err, "at:   db/migrations/001_copy.up.sql:5");
	CHECK_HAS(p.last.err, "       5 | three    bad\n");
	CHECK_HAS(p.last.err, "invalid input syntax for type integer: \"three\"");
	struct document *d = run_json(&p, "migrate up", 3, "migrate-up");
	CHECK_INT(document_int(d, "errors.0.line"), 5);
	CHECK_STR(document_text(d, "errors.0.details.sqlstate"), "22P02");
	document_free(d);
	CHECK_STR(project_sql(&p, "SELECT to_regclass('rows') IS NULL"), "t");
	project_migration(&p, "001_copy",
			  "CREATE TABLE rows (id int, t text);\nCOPY rows (id, t) FROM stdin;\n"
			  "1\tone\n2\t\\N\n\\.\n"
			  "COPY rows FROM stdin (FORMAT csv, HEADER);\nid,t\n3,\"a;b\n'c\"\n\\.\n"
			  "COPY rows FROM stdin;\n\\.\nINSERT INTO rows VALUES (4, 'after');",
			  "DROP TABLE rows;");
	d = run_json(&p, "migrate up", 0, "migrate-up");
	CHECK_INT(document_int(d, "applied.0.rows_affected"), 4);
	document_free(d);
	CHECK_STR(project_sql(&p, "SELECT string_agg(id || '=' || coalesce(t, 'NULL'), '|' ORDER "
				  "BY id) FROM rows"),
		  "1=one|2=NULL|3=a;b\n'c|4=after");
	/* Data without their end run to the end of the file, as in psql. */
	project_migration(&p, "002_open", "COPY rows FROM stdin;\n5\tfive", "SELECT 1;");
	CHECK_INT(project_run(&p, "migrate up"), 0);
	CHECK_STR(project_sql(&p, "SELECT t FROM rows WHERE id = 5"), "five");
	project_close(&p);
}

/* ---- names ---- */

static void
names_of_63_bytes_with_quotes_work(void)
{
	struct project p;
	char table[64], sql[400];

	open_here(&p);
	memset(table, 'n', 63);
	memcpy(table, "It''s;$$ ", 9);
	table[63] = '\0';
	snprintf(sql, sizeof(sql),
		 "CREATE TABLE \"%s\" (\"\"\"q\"\"\" int);\nCREATE INDEX CONCURRENTLY \"i%.62s\" "
		 "ON \"%s\" (\"\"\"q\"\"\");",
		 table, table, table);
	project_migration(&p, "001_names", sql, "SELECT 1;");
	apply(&p, "long names", 0);
	CHECK_STR(project_sql(&p,
			      "SELECT length(relname) || '/' || indisvalid FROM pg_class c "
			      "JOIN pg_index i ON c.oid = indexrelid WHERE relname LIKE 'iIt%'"),
		  "63/true");
	project_close(&p);
}

static void
file_names_with_spaces_work_and_those_with_control_characters_are_shown_safely(void)
{
	struct project p;

	open_here(&p);
	project_migration(&p, "001_with space & 'quote'", "CREATE TABLE a ();", "DROP TABLE a;");
	project_migration(&p, "002_\xc3\xa9t\xc3\xa9", "CREATE TABLE b ();", "DROP TABLE b;");
	apply(&p, "odd file names", 0);
	CHECK_STR(project_sql(&p, "SELECT string_agg(name, '|' ORDER BY version) FROM "
				  "tb_confiture"),
		  "with space & 'quote'|\xc3\xa9t\xc3\xa9");
	CHECK_INT(project_run(&p, "migrate down --steps 2"), 0);
	/* A name that would draw on the terminal, or end a line, is no name of a migration. */
	static const char *const wild[] = {"003_a\nb", "003_a\033[31mred", "003_a\x7f",
					   "003_a\xc2\x9b"
					   "31m",
					   "003_\xff"};
	for (size_t i = 0; i < ARRAY_LEN(wild); i++) {
		project_migration(&p, wild[i], "CREATE TABLE c ();", "DROP TABLE c;");
		static const char *const commands[] = {"migrate up", "migrate status --env local",
						       "migrate validate", "migrate preflight"};
		for (size_t k = 0; k < ARRAY_LEN(commands); k++) {
			project_run(&p, commands[k]);
			CHECK(strpbrk(p.last.out, "\033\x7f\x9b\xff") == NULL);
			CHECK(strpbrk(p.last.err, "\033\x7f\x9b\xff") == NULL);
			CHECK(strstr(p.last.out, "a\nb") == NULL);
		}
		struct document *d = run_json(&p, "migrate validate", 0, "migrate-validate");
		CHECK_INT(document_count(d, "orphaned_files"), 2);
		document_free(d);
		char path[128];
		snprintf(path, sizeof(path), "db/migrations/%s.up.sql", wild[i]);
		project_remove(&p, path);
		snprintf(path, sizeof(path), "db/migrations/%s.down.sql", wild[i]);
		project_remove(&p, path);
	}
	CHECK_STR(project_sql(&p, "SELECT to_regclass('c') IS NULL"), "t");
	project_close(&p);
}

static const struct unit_case cases[] = {
	CASE(a_large_file_of_large_statements_runs_in_bounded_memory),
	CASE(a_large_file_of_copy_data_runs_in_bounded_memory),
	CASE(one_statement_of_ten_megabytes_works),
	CASE(a_statement_beyond_the_limit_is_refused_before_anything_runs),
	CASE(a_hundred_thousand_statements_in_one_file_work),
	CASE(a_function_of_a_thousand_lines_is_one_statement),
	CASE(bytes_that_are_no_text_are_refused_with_their_place),
	CASE(line_ends_of_windows_and_a_byte_order_mark_do_no_harm),
	CASE(files_without_a_statement_are_applied_and_change_nothing),
	CASE(a_bad_row_of_copy_data_is_told_with_its_line_in_the_file),
	CASE(names_of_63_bytes_with_quotes_work),
	CASE(file_names_with_spaces_work_and_those_with_control_characters_are_shown_safely),
};

int
main(int argc, char **argv)
{
	setenv("ASAN_OPTIONS", LEAN, 1); /* for the daemons */
	if (!cluster_start())
		return 2;
	return unit_main("limits", cases, ARRAY_LEN(cases), argc, argv);
}
