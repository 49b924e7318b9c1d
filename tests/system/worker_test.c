/*
 * confiture-worker as people run it: beside a real server, dialling a real coordinator, through
 * restarts of both, and through every way of being told to stop.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/cluster.h"
#include "tests/support/fleet.h"
#include "tests/support/project.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* A project whose environment "production" is a worker's. */
struct site {
	struct project p;
	struct fleet f;
	struct fleet_worker *w;
	const char *env[3];
};

static const char *
target_line(const char *name, const char *url)
{
	static char line[512];

	snprintf(line, sizeof(line), "  %s: {database_url: \"%s\"}\n", name, url);
	return line;
}

/* `targets` NULL: the project's database is "production". The worker does not run yet. */
static void
open_site_with(struct site *s, const char *targets, const char *coordinator_settings)
{
	project_open(&s->p);
	fleet_open(&s->f, coordinator_settings);
	s->w = fleet_worker(&s->f, "eu1", "production",
			    targets ? targets : target_line("production", project_url(&s->p)));
	s->env[0] = s->f.coordinator;
	s->env[1] = s->f.token_file;
	s->env[2] = NULL;
	project_migration(&s->p, "001_first", "CREATE TABLE first (id int);", "DROP TABLE first;");
	project_migration(&s->p, "002_second", "CREATE TABLE second (id int);",
			  "DROP TABLE second;");
}

static void
open_site(struct site *s, const char *targets)
{
	open_site_with(s, targets, NULL);
}

static void
close_site(struct site *s)
{
	fleet_close(&s->f);
	project_close(&s->p);
}

static int
run(struct site *s, const char *words)
{
	return project_run_env(&s->p, words, s->env);
}

static bool
wait_value(struct site *s, const char *sql, const char *wanted)
{
	for (int i = 0; i < 1500; i++) {
		const char *value = project_sql(&s->p, sql);
		if (value != NULL && strcmp(value, wanted) == 0)
			return true;
		usleep(20 * 1000);
	}
	return false;
}

/* How often `what` stands in `in`. */
static int
times(const char *in, const char *what)
{
	int n = 0;

	for (const char *at = in; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

static int
log_times(struct site *s, const char *who, const char *what)
{
	char *log = fleet_log(&s->f, who);
	int n = times(log, what);

	free(log);
	return n;
}

/* Waits until the coordinator was greeted with so many targets. */
static bool
wait_greeting(struct site *s, int targets)
{
	char end[32];

	snprintf(end, sizeof(end), " targets=%d\n", targets);
	for (int i = 0; i < 1500; i++) {
		char *log = fleet_log(&s->f, "eu1");
		bool found = false;
		for (char *at = log; !found && (at = strstr(at, "journal=")) != NULL; at++) {
			size_t line = strcspn(at, "\n") + 1, len = strlen(end);
			found = line > len && strncmp(at + line - len, end, len) == 0;
		}
		free(log);
		if (found)
			return true;
		usleep(20 * 1000);
	}
	return false;
}

static const char ledger[] = "SELECT count(*) FROM tb_confiture";
static const char asleep[] =
	"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND application_name LIKE "
	"'confiture %' AND query LIKE '%pg_sleep%' AND datname LIKE current_database() || '%'";

static void
migrations_are_fetched_and_applied_beside_the_database(void)
{
	struct site s;

	open_site(&s, NULL);
	fleet_worker_start(&s.f, s.w, NULL);
	CHECK_INT(run(&s, "migrate up --env production"), 0);
	CHECK_HAS(s.p.last.out, "Applied 2 migration(s)");
	CHECK_STR(project_sql(&s.p, ledger), "2");
	CHECK_INT(run(&s, "migrate up --env production"), 0);
	CHECK_INT(run(&s, "migrate down --env production"), 0);
	CHECK_STR(project_sql(&s.p, ledger), "1");
	CHECK(fleet_said(&s.f, "eu1", "job ended", 5));
	CHECK_INT(log_times(&s, "eu1", "job begun"), 3);
	/* Its own URL is nobody else's to see. */
	CHECK_INT(log_times(&s, "eu1", "postgresql://"), 0);
	close_site(&s);
}

static void
a_worker_that_starts_first_waits_for_its_coordinator(void)
{
	struct site s;

	open_site(&s, NULL);
	fleet_kill(&s.f, SIGKILL);
	s.w->program = NULL;
	/* It never says that the link is up: started by hand. */
	const char *argv[] = {"/bin/sh",
			      "-c",
			      "exec \"$0\" --config \"$1\" 2> \"$2\"",
			      CONFITURE_WORKER_PROGRAM,
			      NULL,
			      NULL,
			      NULL};
	char settings[256], log[256];
	snprintf(settings, sizeof(settings), "%s/eu1.yaml", s.f.dir);
	snprintf(log, sizeof(log), "%s/eu1.log", s.f.dir);
	argv[4] = settings;
	argv[5] = log;
	process_free(&s.w->process);
	REQUIRE(process_start(&s.w->process, &(struct process_spec){.argv = argv}));
	CHECK(fleet_said(&s.f, "eu1", "COORD_001", 60));
	fleet_start(&s.f);
	CHECK(fleet_said(&s.f, "eu1", "link is up", 30));
	CHECK_INT(log_times(&s, "eu1", "COORD_001"), 1);
	CHECK_INT(run(&s, "migrate up --env production"), 0);
	close_site(&s);
}

/* 003 holds the run until the test has done something to the coordinator. */
static void
start_slow(struct site *s, struct process *up, const char *seconds)
{
	char sql[160];

	snprintf(sql, sizeof(sql), "SELECT pg_sleep(%s); CREATE TABLE third (id int);", seconds);
	project_migration(&s->p, "003_slow", sql, "DROP TABLE third;");
	fleet_worker_start(&s->f, s->w, NULL);
	REQUIRE(project_start(&s->p, up, "migrate up --env production", s->env));
	REQUIRE(wait_value(s, asleep, "1"));
}

static void
a_coordinator_that_is_killed_and_comes_back_loses_no_event(void)
{
	struct process up;
	struct site s;

	open_site(&s, NULL);
	start_slow(&s, &up, "3");
	fleet_kill(&s.f, SIGKILL);
	fleet_start(&s.f);
	REQUIRE(process_wait(&up, 60));
	CHECK_INT(up.exit_code, 0);
	CHECK_INT(times(up.out, "001 first (applied"), 1);
	CHECK_INT(times(up.out, "002 second (applied"), 1);
	CHECK_INT(times(up.out, "003 slow (applied"), 1);
	CHECK_STR(project_sql(&s.p, ledger), "3");
	process_free(&up);
	close_site(&s);
}

/* Its own clock tells it so: what it had begun is not gone on with. */
static void
a_worker_that_slept_beyond_its_lease_changes_nothing_more(void)
{
	struct process up;
	struct site s;

	open_site_with(&s, NULL, "lease: 1s\n");
	start_slow(&s, &up, "2");
	process_signal(&s.w->process, SIGSTOP);
	sleep(4);
	CHECK_STR(project_sql(&s.p, "SELECT to_regclass('third')"), NULL);
	process_signal(&s.w->process, SIGCONT);
	REQUIRE(process_wait(&up, 60));
	/* The attempt that was away ends without an effect; the next one settles it and goes on. */
	CHECK_INT(up.exit_code, 0);
	CHECK(fleet_said(&s.f, "eu1", "error=LOCK_1302", 5));
	CHECK_INT(log_times(&s, "eu1", "exit_code=0"), 1);
	process_free(&up);
	CHECK_STR(project_sql(&s.p, ledger), "3");
	CHECK_STR(project_sql(&s.p, "SELECT to_regclass('third')"), "third");
	close_site(&s);
}

static void
a_stop_waits_for_what_runs(void)
{
	struct process up;
	struct site s;

	open_site(&s, NULL);
	start_slow(&s, &up, "0.8");
	fleet_worker_kill(s.w, SIGTERM);
	CHECK_INT(s.w->process.exit_code, 0);
	REQUIRE(process_wait(&up, 60));
	CHECK_INT(up.exit_code, 0);
	CHECK_STR(project_sql(&s.p, ledger), "3");
	CHECK(fleet_said(&s.f, "eu1", "stopping: no new jobs", 1));
	CHECK_INT(log_times(&s, "eu1", "cancelling"), 0);
	process_free(&up);
	close_site(&s);
}

static void
a_stop_that_has_waited_long_enough_cancels_and_says_so(void)
{
	struct process up;
	struct site s;

	open_site(&s, NULL);
	start_slow(&s, &up, "60");
	fleet_worker_kill(s.w, SIGTERM);
	CHECK_INT(s.w->process.exit_code, 0);
	REQUIRE(process_wait(&up, 60));
	CHECK_INT(up.exit_code, 10);
	CHECK_STR(project_sql(&s.p, ledger), "2");
	CHECK_STR(project_sql(&s.p, asleep), "0");
	CHECK(fleet_said(&s.f, "eu1", "stop_timeout has passed", 1));
	process_free(&up);
	close_site(&s);
}

static void
a_token_that_is_not_accepted_is_said_once_and_tried_again(void)
{
	struct site s;

	open_site(&s, NULL);
	fleet_worker_start(&s.f, s.w, NULL);
	fleet_worker_kill(s.w, SIGTERM);
	char *good = strdup(fleet_token(&s.f, "worker:eu1@production", NULL));
	(void)fleet_token_file(&s.f, "eu1", "confiture_0000");
	char settings[256];
	snprintf(settings, sizeof(settings), "%s/eu1.yaml", s.f.dir);
	const char *argv[] = {CONFITURE_WORKER_PROGRAM, "--config", settings, NULL};
	process_free(&s.w->process);
	REQUIRE(process_start(&s.w->process, &(struct process_spec){.argv = argv}));
	CHECK(process_wait_text(&s.w->process, "AUTH_001", 30));
	CHECK(!process_wait(&s.w->process, 3));
	CHECK_INT(times(s.w->process.err, "AUTH_001"), 1);
	CHECK(strstr(s.w->process.err, "confiture_0000") == NULL);
	(void)fleet_token_file(&s.f, "eu1", good);
	free(good);
	close_site(&s);
}

static void
sighup_serves_other_targets_at_once(void)
{
	char targets[1024];
	struct site s;

	open_site(&s, NULL);
	fleet_worker_start(&s.f, s.w, NULL);
	CHECK_INT(run(&s, "migrate status --env production/second"), 5);
	snprintf(targets, sizeof(targets), "%s",
		 target_line("production/second", project_url(&s.p)));
	fleet_worker_targets(&s.f, s.w, targets);
	process_signal(&s.w->process, SIGHUP);
	CHECK(fleet_said(&s.f, "eu1", "greeted the coordinator again", 10));
	CHECK_INT(run(&s, "migrate up --env production/second"), 0);
	/* A file that is wrong changes nothing. */
	fleet_worker_targets(&s.f, s.w, "  production/second: {databse_url: x}\n");
	process_signal(&s.w->process, SIGHUP);
	CHECK(fleet_said(&s.f, "eu1", "the former targets hold", 10));
	CHECK(fleet_said(&s.f, "eu1", "CONFIG_008", 1));
	CHECK_INT(run(&s, "migrate up --env production/second"), 0);
	close_site(&s);
}

static void
two_tenants_are_migrated_side_by_side(void)
{
	char a[96], b[96], targets[1024], words[160];
	struct process runs[2];
	struct site s;

	open_site(&s, "  placeholder: {database_url: \"postgresql://h/d\"}\n");
	snprintf(a, sizeof(a), "%s_a", s.p.database);
	snprintf(b, sizeof(b), "%s_b", s.p.database);
	REQUIRE(cluster_create_database(a) && cluster_create_database(b));
	snprintf(targets, sizeof(targets),
		 "  tenants: {environment: production, database_url: \"%s\", database_pattern: "
		 "\"~^%s_[ab]$\"}\n",
		 cluster_url("postgres"), s.p.database);
	fleet_worker_targets(&s.f, s.w, targets);
	project_migration(&s.p, "003_slow", "SELECT pg_sleep(4);", NULL);
	fleet_worker_start(&s.f, s.w, NULL);
	CHECK(wait_greeting(&s, 2));
	for (int i = 0; i < 2; i++) {
		snprintf(words, sizeof(words), "migrate up --env production/%s", i == 0 ? a : b);
		REQUIRE(project_start(&s.p, &runs[i], words, s.env));
	}
	CHECK(wait_value(&s, asleep, "2"));
	for (int i = 0; i < 2; i++) {
		REQUIRE(process_wait(&runs[i], 60));
		if (!CHECK_INT(runs[i].exit_code, 0))
			fprintf(stderr, "%s%s", runs[i].out, runs[i].err);
		process_free(&runs[i]);
	}
	CHECK_STR(pg_query_text(cluster_url(a), ledger), "3");
	CHECK_STR(pg_query_text(cluster_url(b), ledger), "3");
	close_site(&s);
	CHECK(cluster_drop_database(a) && cluster_drop_database(b));
}

/* What came on the socket until `word`, as one text. */
static bool
heard(int fd, const char *word)
{
	char got[256];

	for (int i = 0; i < 1500; i++) {
		ssize_t n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);
		got[n > 0 ? n : 0] = '\0';
		if (strstr(got, word) != NULL)
			return true;
		if (n < 0)
			usleep(20 * 1000);
	}
	return false;
}

static void
the_service_manager_is_told_of_start_life_and_end(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char variable[128];
	struct site s;

	open_site(&s, NULL);
	snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/notify", s.f.dir);
	snprintf(variable, sizeof(variable), "NOTIFY_SOCKET=%s", address.sun_path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	REQUIRE(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	const char *env[] = {variable, "WATCHDOG_USEC=2000000", NULL};
	fleet_worker_start(&s.f, s.w, env);
	CHECK(heard(fd, "READY=1"));
	CHECK(heard(fd, "WATCHDOG=1"));
	CHECK(heard(fd, "WATCHDOG=1"));
	fleet_worker_kill(s.w, SIGTERM);
	CHECK(heard(fd, "STOPPING=1"));
	close(fd);
	close_site(&s);
}

static int
worker_run(struct process *p, const char *option, const char *file)
{
	const char *argv[] = {CONFITURE_WORKER_PROGRAM, option, "--config", file, NULL};

	return process_run(p, &(struct process_spec){.argv = argv});
}

static void
settings_can_be_checked_and_shown_without_running(void)
{
	char settings[256], spool[256];
	struct process p;
	struct site s;

	open_site(&s, "  production: {database_url: \"postgresql://u:hunter2@h/d\"}\n");
	snprintf(settings, sizeof(settings), "%s/eu1.yaml", s.f.dir);
	CHECK_INT(worker_run(&p, "--check-config", settings), 0);
	CHECK_HAS(p.out, "no fault found");
	process_free(&p);
	snprintf(spool, sizeof(spool), "%s/eu1.spool", s.f.dir);
	REQUIRE((mkdir(spool, 0755) == 0 || errno == EEXIST) && chmod(spool, 0755) == 0);
	CHECK_INT(worker_run(&p, "--check-config", settings), 5);
	CHECK_HAS(p.err, "chmod 700");
	process_free(&p);
	REQUIRE(chmod(spool, 0700) == 0);
	CHECK_INT(worker_run(&p, "--print-config", settings), 0);
	CHECK_HAS(p.out, "database_url: ***");
	CHECK(strstr(p.out, "hunter2") == NULL);
	process_free(&p);
	fleet_worker_targets(&s.f, s.w, "  production: {databse_url: x}\n");
	CHECK_INT(worker_run(&p, "--check-config", settings), 5);
	CHECK_HAS(p.err, "CONFIG_008");
	CHECK_HAS(p.err, "eu1.yaml:");
	process_free(&p);
	fleet_worker_targets(&s.f, s.w, "  production: {database_url: \"postgresql://h:x/d\"}\n");
	CHECK_INT(worker_run(&p, "--check-config", settings), 5);
	CHECK_HAS(p.err, "target production");
	process_free(&p);
	CHECK_INT(worker_run(&p, "--check-config", "/nonexistent.yaml"), 5);
	CHECK_HAS(p.err, "confiture-worker --sample-config");
	process_free(&p);
	CHECK_INT(worker_run(&p, "--cheque-config", settings), 2);
	CHECK_HAS(p.err, "did you mean --check-config?");
	process_free(&p);
	close_site(&s);
}

static const struct unit_case cases[] = {
	CASE(migrations_are_fetched_and_applied_beside_the_database),
	CASE(a_worker_that_starts_first_waits_for_its_coordinator),
	CASE(a_coordinator_that_is_killed_and_comes_back_loses_no_event),
	CASE(a_worker_that_slept_beyond_its_lease_changes_nothing_more),
	CASE(a_stop_waits_for_what_runs),
	CASE(a_stop_that_has_waited_long_enough_cancels_and_says_so),
	CASE(a_token_that_is_not_accepted_is_said_once_and_tried_again),
	CASE(sighup_serves_other_targets_at_once),
	CASE(two_tenants_are_migrated_side_by_side),
	CASE(the_service_manager_is_told_of_start_life_and_end),
	CASE(settings_can_be_checked_and_shown_without_running),
};

int
main(int argc, char **argv)
{
	unsetenv("CONFITURE_TEST_MODE"); /* the fleet is the case's own */
	if (!cluster_start())
		return 1;
	return unit_main("worker", cases, ARRAY_LEN(cases), argc, argv);
}
