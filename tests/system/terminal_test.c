/*
 * Ctrl-C at a terminal while a coordinator elsewhere has the job: it is asked what is meant, and
 * each answer does what it says. Where nobody can be asked, Ctrl-C means cancel.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/document.h"
#include "tests/support/fleet.h"
#include "tests/support/project.h"
#include "tests/support/terminal.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static const char question[] = "c = cancel it, d = detach and leave it to itself, Enter = go on";
static const char working[] = "SELECT count(*) FROM pg_stat_activity WHERE datname = "
			      "current_database() AND state = 'active' AND query LIKE '%pg_sleep%' "
			      "AND pid <> pg_backend_pid()";

struct scene {
	struct fleet fleet;
	struct project project;
	struct terminal terminal;
	const char *env[6];
};

static bool
statement_runs(struct scene *s)
{
	for (int i = 0; i < 30 * 50; i++) {
		if (strcmp(project_sql(&s->project, working), "1") == 0)
			return true;
		if (terminal_wait(&s->terminal, 0))
			break;
		usleep(20 * 1000);
	}
	fprintf(stderr, "%s\n", s->terminal.shown);
	return false;
}

/* `confiture migrate up OPTIONS` at a terminal, caught in a statement of `seconds`. */
static void
open_scene(struct scene *s, const char *options, int seconds)
{
	char targets[400], line[400], up[100];

	project_open(&s->project);
	fleet_open(&s->fleet, NULL);
	snprintf(targets, sizeof(targets), "  local:\n    database_url: \"%s\"\n",
		 project_url(&s->project));
	fleet_worker_start(&s->fleet, fleet_worker(&s->fleet, "near", "local", targets), NULL);
	s->env[0] = s->fleet.coordinator;
	s->env[1] = s->fleet.token_file;
	s->env[2] = "ASAN_OPTIONS=detect_leaks=0";
	s->env[3] = "TERM=xterm";
	s->env[4] = "NO_COLOR=1";
	s->env[5] = NULL;
	snprintf(up, sizeof(up), "CREATE TABLE slow (id int);\nSELECT pg_sleep(%d);", seconds);
	project_migration(&s->project, "001_slow", up, "DROP TABLE slow;");
	snprintf(line, sizeof(line), "exec '%s' migrate up %s", s->project.program, options);
	terminal_open(&s->terminal, line, s->project.dir, s->env);
	REQUIRE(statement_runs(s));
}

static void
close_scene(struct scene *s)
{
	terminal_close(&s->terminal);
	fleet_close(&s->fleet);
	project_close(&s->project);
}

static void
ask(struct scene *s)
{
	terminal_type(&s->terminal, TERMINAL_CTRL_C);
	REQUIRE(terminal_await(&s->terminal, question, 20));
}

static void
ends(struct scene *s, int exit_code, const char *shows)
{
	CHECK(terminal_wait(&s->terminal, 60));
	CHECK_INT(s->terminal.exit_code, exit_code);
	CHECK_HAS(s->terminal.shown, shows);
}

static void
is_left(struct scene *s, const char *state, const char *table_is_there)
{
	CHECK_INT(project_run_env(&s->project, "job list --limit 1 --format json", s->env), 0);
	struct document *d = document_parse(s->project.last.out);
	CHECK_STR(document_text(d, "jobs.0.state"), state);
	document_free(d);
	CHECK_STR(project_sql(&s->project, "SELECT to_regclass('slow') IS NOT NULL"),
		  table_is_there);
}

static void
p11_c_cancels(void)
{
	struct scene s;

	open_scene(&s, "", 120);
	ask(&s);
	CHECK_STR(project_sql(&s.project, working), "1"); /* nothing is done before the answer */
	terminal_type(&s.terminal, "c\n");
	ends(&s, 10, "cancelling");
	is_left(&s, "cancelled", "f");
	CHECK_STR(project_sql(&s.project, working), "0");
	close_scene(&s);
}

static void
d_leaves_the_job_to_itself(void)
{
	struct scene s;
	char id[64], words[128];

	open_scene(&s, "", 3);
	ask(&s);
	terminal_type(&s.terminal, "d\n");
	ends(&s, 0, "confiture job attach ");
	CHECK(strstr(s.terminal.shown, "cancelling") == NULL);
	snprintf(id, sizeof(id), "%.36s", strstr(s.terminal.shown, "job attach ") + 11);
	snprintf(words, sizeof(words), "job attach %s", id);
	CHECK_INT(project_run_env(&s.project, words, s.env), 0);
	is_left(&s, "succeeded", "t");
	close_scene(&s);
}

static void
enter_goes_on_and_the_next_ctrl_c_asks_again(void)
{
	struct scene s;

	open_scene(&s, "", 4);
	ask(&s);
	terminal_forget(&s.terminal);
	terminal_type(&s.terminal, "\n");
	CHECK(terminal_await(&s.terminal, "0/1", 20)); /* it watches again */
	ask(&s);
	terminal_type(&s.terminal, "\n");
	ends(&s, 0, "001 slow (applied");
	is_left(&s, "succeeded", "t");
	close_scene(&s);
}

/* An answer that comes when the job is over is no cancel of anything. */
static void
nothing_is_drawn_over_the_question_and_a_late_answer_hears_the_end(void)
{
	struct scene s;

	open_scene(&s, "", 1);
	ask(&s);
	CHECK(project_run_env(&s.project, "job list --format json --limit 1", s.env) == 0);
	for (int i = 0; i < 500 && strstr(s.project.last.out, "\"succeeded\"") == NULL; i++)
		CHECK(project_run_env(&s.project, "job list --format json --limit 1", s.env) == 0);
	CHECK(strstr(s.terminal.shown, "applied") == NULL);
	terminal_type(&s.terminal, "c\n");
	ends(&s, 0, "001 slow (applied");
	is_left(&s, "succeeded", "t");
	close_scene(&s);
}

static void
p11_a_second_ctrl_c_at_the_question_cancels(void)
{
	struct scene s;

	open_scene(&s, "", 120);
	ask(&s);
	terminal_type(&s.terminal, TERMINAL_CTRL_C);
	ends(&s, 10, "cancelling");
	is_left(&s, "cancelled", "f");
	close_scene(&s);
}

static void
cancels_unasked(const char *options)
{
	struct scene s;

	open_scene(&s, options, 120);
	terminal_type(&s.terminal, TERMINAL_CTRL_C);
	ends(&s, 10, "cancelling");
	CHECK(strstr(s.terminal.shown, question) == NULL);
	is_left(&s, "cancelled", "f");
	close_scene(&s);
}

static void
p11_with_no_input_nobody_is_asked(void)
{
	cancels_unasked("--no-input");
}

static void
p11_who_reads_json_is_not_asked(void)
{
	cancels_unasked("--format json");
}

static const struct unit_case cases[] = {
	CASE(p11_c_cancels),
	CASE(d_leaves_the_job_to_itself),
	CASE(enter_goes_on_and_the_next_ctrl_c_asks_again),
	CASE(nothing_is_drawn_over_the_question_and_a_late_answer_hears_the_end),
	CASE(p11_a_second_ctrl_c_at_the_question_cancels),
	CASE(p11_with_no_input_nobody_is_asked),
	CASE(p11_who_reads_json_is_not_asked),
};

int
main(int argc, char **argv)
{
	return unit_main("terminal", cases, ARRAY_LEN(cases), argc, argv);
}
