/* What a user meets first: connections that fail, each with its code, cause and next step. */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shared/pg/internal.h"
#include "tests/db/open.h"

#include "shared/base/banned.h"

static const char secret[] = "hunter2-very-secret";

static bool
try_open(const char *url, struct error *err)
{
	const struct pg_open_options options = {.application_name = "confiture test"};
	struct pg_conn *c = NULL;

	if (!pg_open(secret_of(url), &options, &c, err)) {
		CHECK(strstr(err->message, secret) == NULL);
		CHECK(strstr(err->cause, secret) == NULL);
		CHECK(strstr(err->hint, secret) == NULL);
		return false;
	}
	pg_close(c);
	return true;
}

static const char *
with(const char *user, const char *database)
{
	static char url[512];

	snprintf(url, sizeof(url), "host=%s user=%s dbname=%s password=%s", cluster_socket_dir(),
		 user, database, secret);
	return url;
}

static void
each_failure_has_its_code_cause_and_hint(void)
{
	static const struct {
		const char *url;
		enum error_id id;
		const char *cause, *hint;
		bool retryable;
	} table[] = {
		{"postgresql://me:hunter2-very-secret@127.0.0.1:1/db", E_CONFIG_006,
		 "Connection refused", "is the server running", true},
		{"postgresql://me:hunter2-very-secret@no-such-host.invalid/db", E_CONFIG_006,
		 "could not translate host name", "check the host name", false},
		{"host=/nowhere/at/all dbname=x", E_CONFIG_006, "No such file or directory",
		 "socket", true},
		{"postgresql://me:hunter2-very-secret@x@127.0.0.1/db", E_CONFIG_003, "host",
		 "percent-encoded", false},
		{"postgresql://me:hunter2-very-secret/x@127.0.0.1/db", E_CONFIG_003, "port",
		 "percent-encoded", false},
		{"me:hunter2-very-secret@127.0.0.1/db", E_CONFIG_003, "missing", "postgresql://",
		 false},
		{"", E_CONFIG_010, "", "", false},
		{"service=nowhere", E_CONFIG_006, "definition of service", "PGSERVICEFILE", false},
	};
	struct error err;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		CHECK(!try_open(table[i].url, &err));
		CHECK_STR(err.code->name, error_code(table[i].id)->name);
		CHECK_HAS(err.cause, table[i].cause);
		CHECK_HAS(err.hint, table[i].hint);
		CHECK_INT(err.retryable, table[i].retryable);
	}
}

static void
the_servers_refusals_are_told_apart(void)
{
	const char *admin = cluster_url("postgres");
	struct error err;

	REQUIRE(pg_exec(admin,
			"CREATE ROLE full LOGIN CONNECTION LIMIT 0; CREATE ROLE locked NOLOGIN"));
	CHECK(try_open(with("postgres", "postgres"), &err));
	CHECK(!try_open(with("postgres", "no_such_database"), &err));
	CHECK_ERROR(&err, E_CONFIG_006, "database \"no_such_database\" does not exist");
	CHECK_STR(err.sqlstate, "3D000");
	CHECK_HAS(err.hint, "createdb");
	CHECK(strstr(err.cause, "3D000") == NULL && strstr(err.cause, "LOCATION") == NULL);
	CHECK_HAS(err.message, "no_such_database");
	CHECK(!try_open(with("no_such_role", "postgres"), &err));
	CHECK_ERROR(&err, E_CONFIG_006, "role \"no_such_role\" does not exist");
	CHECK_STR(err.sqlstate, "28000");
	CHECK(!try_open(with("locked", "postgres"), &err));
	CHECK_ERROR(&err, E_CONFIG_006, "not permitted to log in");
	CHECK(!try_open(with("full", "postgres"), &err));
	CHECK_ERROR(&err, E_POOL_1200, "too many connections");
	CHECK_STR(err.sqlstate, "53300");
	CHECK(err.retryable);
	REQUIRE(pg_exec(admin, "DROP ROLE full; DROP ROLE locked"));
}

static void
a_wrong_password_is_named_and_not_shown(void)
{
	const char *admin = cluster_url("postgres");
	struct error err;

	REQUIRE(pg_exec(admin, "CREATE ROLE keeper LOGIN PASSWORD 'the right one'"));
	FILE *f = fopen(pg_query_text(admin, "SHOW hba_file"), "w");
	REQUIRE(f != NULL);
	fprintf(f, "local all keeper scram-sha-256\nlocal all all trust\n");
	fclose(f);
	CHECK_STR(pg_query_text(admin, "SELECT pg_reload_conf()"), "t");
	for (int i = 0; i < 200 && try_open(with("keeper", "postgres"), &err); i++)
		usleep(10 * 1000); /* until the file was read */
	CHECK(!try_open(with("keeper", "postgres"), &err));
	CHECK_ERROR(&err, E_CONFIG_006, "password authentication failed for user \"keeper\"");
	CHECK_STR(err.sqlstate, "28P01");
	CHECK_HAS(err.hint, "PGPASSFILE");
	CHECK(!err.retryable);
	char url[256];
	snprintf(url, sizeof(url), "host=%s user=keeper dbname=postgres", cluster_socket_dir());
	CHECK(!try_open(url, &err));
	CHECK_ERROR(&err, E_CONFIG_006, "no password supplied");
	CHECK_HAS(err.hint, "PGPASSWORD");
}

static void
libpqs_own_variables_count(void)
{
	struct error err;

	setenv("PGHOST", cluster_socket_dir(), 1);
	setenv("PGUSER", "postgres", 1);
	CHECK(try_open("postgresql:///postgres", &err));
	setenv("PGDATABASE", "no_such_database", 1);
	CHECK(!try_open("postgresql://", &err));
	CHECK_ERROR(&err, E_CONFIG_006, "no_such_database");
	unsetenv("PGHOST");
	unsetenv("PGUSER");
	unsetenv("PGDATABASE");
}

/* Accepts at the level of TCP and never says a word. */
static int
silent_server(int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	REQUIRE(bind(fd, (struct sockaddr *)&a, len) == 0 && listen(fd, 4) == 0);
	REQUIRE(getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void
a_silent_server_is_given_up_after_connect_timeout(void)
{
	struct timespec start, end;
	char url[128];
	struct error err;
	int port, fd = silent_server(&port);

	snprintf(url, sizeof(url), "postgresql://me@127.0.0.1:%d/db?connect_timeout=2", port);
	clock_gettime(CLOCK_MONOTONIC, &start);
	CHECK(!try_open(url, &err));
	clock_gettime(CLOCK_MONOTONIC, &end);
	CHECK_ERROR(&err, E_CONFIG_006, "no answer within connect_timeout");
	CHECK(err.retryable);
	CHECK(end.tv_sec - start.tv_sec >= 1 && end.tv_sec - start.tv_sec <= 5);
	close(fd);
}

/* Nobody behind the port that a proxy keeps open, say. */
static void
a_connection_that_is_cut_at_its_beginning_is_worth_another_try(void)
{
	char url[128];
	struct error err;
	int port, fd = silent_server(&port);
	pid_t child = fork();

	REQUIRE(child >= 0);
	if (child == 0) {
		for (;;)
			close(accept(fd, NULL, NULL));
	}
	snprintf(url, sizeof(url), "postgresql://me@127.0.0.1:%d/db?connect_timeout=5", port);
	CHECK(!try_open(url, &err));
	CHECK_ERROR(&err, E_CONFIG_006, NULL);
	CHECK_HAS(err.hint, "server's log");
	CHECK(err.retryable);
	CHECK_INT(kill(child, SIGKILL), 0);
	REQUIRE(waitpid(child, NULL, 0) == child);
	close(fd);
}

static void
check_setting(const char *url, const char *keyword, const char *expected)
{
	const struct pg_open_options options = {.application_name = "confiture test"};
	struct pg_conn *c = NULL;
	struct error err;

	REQUIRE(pg_open(secret_of(url), &options, &c, &err));
	PQconninfoOption *all = PQconninfo(c->conn);
	REQUIRE(all != NULL);
	for (PQconninfoOption *o = all; o->keyword != NULL; o++) {
		if (strcmp(o->keyword, keyword) == 0)
			CHECK_STR(o->val, expected);
	}
	PQconninfoFree(all);
	pg_close(c);
}

/* What was sent into a dead network is waited for no longer than silence is. */
static void
a_line_that_acknowledges_nothing_is_given_up_unless_the_url_says_otherwise(void)
{
	char url[512];

	snprintf(url, sizeof(url), "%s", with("postgres", "postgres"));
	check_setting(url, "tcp_user_timeout", "60000");
	check_setting(url, "keepalives_idle", "30");
	snprintf(url, sizeof(url), "%s tcp_user_timeout=4000", with("postgres", "postgres"));
	check_setting(url, "tcp_user_timeout", "4000");
}

static void
the_first_of_several_hosts_that_answers_is_taken(void)
{
	char url[512];
	struct error err;

	snprintf(url, sizeof(url), "host=/nowhere,%s user=postgres dbname=postgres",
		 cluster_socket_dir());
	CHECK(try_open(url, &err));
	CHECK(!try_open("host=/nowhere,/neither user=postgres dbname=postgres", &err));
	CHECK_ERROR(&err, E_CONFIG_006, "/neither");
}

static void
a_stopped_server_is_worth_another_try(void)
{
	struct error err;

	REQUIRE(cluster_down(true));
	CHECK(!try_open(with("postgres", "postgres"), &err));
	CHECK_ERROR(&err, E_CONFIG_006, NULL);
	CHECK(err.retryable);
	REQUIRE(cluster_up());
	CHECK(try_open(with("postgres", "postgres"), &err));
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(each_failure_has_its_code_cause_and_hint),
		CASE(the_servers_refusals_are_told_apart),
		CASE(a_wrong_password_is_named_and_not_shown),
		CASE(libpqs_own_variables_count),
		CASE(a_silent_server_is_given_up_after_connect_timeout),
		CASE(a_connection_that_is_cut_at_its_beginning_is_worth_another_try),
		CASE(a_line_that_acknowledges_nothing_is_given_up_unless_the_url_says_otherwise),
		CASE(the_first_of_several_hosts_that_answers_is_taken),
		CASE(a_stopped_server_is_worth_another_try),
	};

	if (!cluster_start_private(NULL))
		return 2;
	int code = unit_main("db/connect", cases, ARRAY_LEN(cases), argc, argv);
	arena_fini(&test_arena);
	return code;
}
