/* The parser in a child: this test program plays the child itself, as the daemon does. */
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "shared/sql/marshal.h"
#include "shared/sql/sandbox.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* By our own name where a memory checker runs us: /proc/self/exe would start the checker, which
 * tells the program, when it reads that link, another story. */
static const char *
own_program(void)
{
	static char own[PATH_MAX];
	struct stat told, there;
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	REQUIRE(n > 0);
	own[n] = '\0';
	REQUIRE(stat(own, &told) == 0 && stat("/proc/self/exe", &there) == 0);
	return told.st_ino == there.st_ino && told.st_dev == there.st_dev ? NULL : own;
}

static struct sql_sandbox *
open_sandbox(const char *program, uint64_t deadline_ms)
{
	struct sql_sandbox_options options = {program ? program : own_program(), deadline_ms};

	return sql_sandbox_new(runtime_system(), &options);
}

static bool
ask(struct sql_sandbox *s, struct arena *arena, const char *sql, struct sql_footprint *out)
{
	struct sql_parser parser = sql_sandbox_parser(s);
	static const char *const schemas[] = {"app", "public"};
	struct sql_search_path path = {schemas, 2, "me"};
	struct error err = {0};

	return parser.footprint(parser.self, arena, span_str(sql), &path, out, &err);
}

static void
check_equal(const struct sql_footprint *a, const struct sql_footprint *b)
{
	struct text x, y;

	text_init(&x, 0);
	text_init(&y, 0);
	marshal_footprint(&x, a);
	marshal_footprint(&y, b);
	CHECK(span_equal(text_span(&x), text_span(&y)));
	text_fini(&x);
	text_fini(&y);
}

static const char many[] = "create table t (id serial primary key, m mood references other (x));\n"
			   "do $$begin null; end$$; create or replace view v as select * from t;\n"
			   "alter table if exists s.u drop column a cascade, rename to w; nonsense";

static void
a_child_answers_as_the_parser_itself(void)
{
	struct sql_sandbox *s = open_sandbox(NULL, 0);
	struct sql_footprint there = {0}, here = {0};
	struct sql_parser parser = sql_parser_here();
	static const char *const schemas[] = {"app", "public"};
	struct sql_search_path path = {schemas, 2, "me"};
	struct error err = {0};
	struct arena arena;

	arena_init(&arena);
	REQUIRE(ask(s, &arena, many, &there));
	REQUIRE(parser.footprint(parser.self, &arena, span_str(many), &path, &here, &err));
	CHECK(here.count > 10);
	CHECK(here.opaque && there.opaque);
	check_equal(&there, &here);
	for (int i = 0; i < 20; i++)
		CHECK(ask(s, &arena, "select 1", &there));
	CHECK_INT(sql_sandbox_starts(s), 1);
	arena_fini(&arena);
	sql_sandbox_free(s);
}

static void
a_child_that_died_between_questions_is_replaced(void)
{
	struct sql_sandbox *s = open_sandbox(NULL, 0);
	struct sql_footprint f = {0};
	struct arena arena;

	arena_init(&arena);
	REQUIRE(ask(s, &arena, "drop table t", &f));
	pid_t first = sql_sandbox_pid(s);
	REQUIRE(first > 0);
	REQUIRE(kill(first, SIGSEGV) == 0);
	siginfo_t info;
	REQUIRE(waitid(P_PID, (id_t)first, &info, WEXITED | WNOWAIT) == 0);
	REQUIRE(ask(s, &arena, "drop table t", &f));
	CHECK(!f.opaque);
	CHECK_INT(f.statements, 1);
	CHECK_INT(sql_sandbox_starts(s), 2);
	arena_fini(&arena);
	sql_sandbox_free(s);
}

static void
a_text_that_the_parser_does_not_survive_is_opaque(void)
{
	struct sql_sandbox *s = open_sandbox("/bin/true", 0);
	struct sql_footprint f = {0};
	struct arena arena;

	arena_init(&arena);
	REQUIRE(ask(s, &arena, "drop table t", &f));
	CHECK(f.opaque);
	CHECK_INT(f.count, 0);
	CHECK_STR(f.opaques[0].reason, "the parser did not survive it");
	CHECK_INT(sql_sandbox_pid(s), 0);
	arena_fini(&arena);
	sql_sandbox_free(s);
}

static void
a_text_that_takes_too_long_is_opaque_and_the_next_is_not(void)
{
	struct sql_sandbox *s = open_sandbox(NULL, 300);
	struct sql_footprint f = {0};
	struct arena arena;

	arena_init(&arena);
	/* the first question may take long for a child that has just been started */
	while (!ask(s, &arena, "drop table t", &f) || sql_sandbox_pid(s) == 0)
		;
	REQUIRE(kill(sql_sandbox_pid(s), SIGSTOP) == 0);
	siginfo_t info;
	REQUIRE(waitid(P_PID, (id_t)sql_sandbox_pid(s), &info, WSTOPPED | WNOWAIT) == 0);
	REQUIRE(ask(s, &arena, "drop table t", &f));
	CHECK(f.opaque);
	CHECK_STR(f.opaques[0].reason, "the parser was not done with it in time");
	CHECK_INT(sql_sandbox_pid(s), 0);
	arena_fini(&arena);
	sql_sandbox_free(s);
}

static void
a_program_that_is_not_there_is_an_error(void)
{
	struct sql_sandbox *s = open_sandbox("/nowhere/at/all", 0);
	struct sql_footprint f = {0};
	struct arena arena;

	arena_init(&arena);
	bool refused = !ask(s, &arena, "drop table t", &f);
	/* A memory checker's vfork is a fork, by which posix_spawn's failure is not told. */
	CHECK(refused || (own_program() != NULL && f.opaque));
	arena_fini(&arena);
	sql_sandbox_free(s);
}

static size_t
count_in(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	size_t n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	if (d != NULL)
		closedir(d);
	return n;
}

static void
a_child_has_no_descriptor_but_its_socket_and_no_environment(void)
{
	struct sql_sandbox *s = open_sandbox(NULL, 0);
	struct sql_footprint f = {0};
	struct arena arena;
	char path[64], byte;

	arena_init(&arena);
	FILE *secret = fopen("/dev/zero", "r"); /* without close-on-exec */
	REQUIRE(secret != NULL);
	REQUIRE(setenv("CONFITURE_SECRET_OF_TEST", "hidden", 1) == 0);
	REQUIRE(ask(s, &arena, "select 1", &f));
	snprintf(path, sizeof(path), "/proc/%d/fd", sql_sandbox_pid(s));
	CHECK_INT(count_in(path), 3);
	snprintf(path, sizeof(path), "/proc/%d/environ", sql_sandbox_pid(s));
	FILE *environment = fopen(path, "r");
	REQUIRE(environment != NULL);
	CHECK_INT(fread(&byte, 1, 1, environment), 0);
	fclose(environment);
	fclose(secret);
	arena_fini(&arena);
	sql_sandbox_free(s);
}

/* Whatever is cut off or changed is refused or harmless, never read beyond its end. */
static void
an_answer_that_was_tampered_with_is_refused_or_harmless(void)
{
	struct sql_footprint f = {0}, got;
	struct arena arena;
	struct text t;

	arena_init(&arena);
	text_init(&t, 0);
	sql_footprint_of(&arena, span_str(many), NULL, &f);
	marshal_footprint(&t, &f);
	CHECK(unmarshal_footprint(&arena, text_span(&t), &got));
	for (size_t len = 0; len < t.len; len++)
		CHECK(!unmarshal_footprint(&arena, span_of(t.ptr, len), &got));
	for (size_t i = 0; i < t.len; i++) {
		struct arena own;
		arena_init(&own);
		char *copy = arena_bytes(&own, t.ptr, t.len);
		copy[i] = (char)(copy[i] ^ 0x55);
		if (unmarshal_footprint(&own, span_of(copy, t.len), &got)) {
			for (size_t k = 0; k < got.count; k++)
				CHECK(got.items[k].kind < SQL_KIND_COUNT && got.items[k].name);
		}
		arena_fini(&own);
	}
	text_fini(&t);
	arena_fini(&arena);
}

static const struct unit_case cases[] = {
	CASE(a_child_answers_as_the_parser_itself),
	CASE(a_child_that_died_between_questions_is_replaced),
	CASE(a_text_that_the_parser_does_not_survive_is_opaque),
	CASE(a_text_that_takes_too_long_is_opaque_and_the_next_is_not),
	CASE(a_program_that_is_not_there_is_an_error),
	CASE(a_child_has_no_descriptor_but_its_socket_and_no_environment),
	CASE(an_answer_that_was_tampered_with_is_refused_or_harmless),
};

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], SQL_SANDBOX_WORD) == 0)
		return sql_sandbox_child(runtime_system());
	return unit_main("sql sandbox", cases, ARRAY_LEN(cases), argc, argv);
}
