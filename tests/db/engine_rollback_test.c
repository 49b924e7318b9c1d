/* migrate down and down-to as jobs, on a real server. */
#include <string.h>

#include "tests/db/engine_rig.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static const char *
undone(struct rig *g, const struct job_outcome *o)
{
	const struct down_result *d = o->result.ptr;
	const char *out = "";

	REQUIRE(o->result.of == &record_down_result);
	for (size_t i = 0; i < d->rolled_back.count; i++)
		out = arena_printf(&g->arena, "%s%s%s", out, i > 0 ? " " : "",
				   d->rolled_back.items[i].version);
	return out;
}

static const char *
undone_to(struct rig *g, const struct job_outcome *o)
{
	const struct down_to_result *d = o->result.ptr;
	const char *out = "";

	REQUIRE(o->result.of == &record_down_to_result);
	for (size_t i = 0; i < d->rolled_back.count; i++)
		out = arena_printf(&g->arena, "%s%s%s", out, i > 0 ? " " : "",
				   d->rolled_back.items[i]);
	return out;
}

static const char *
versions(struct rig *g)
{
	return rig_text(g, "SELECT string_agg(version, ' ' ORDER BY pk_confiture) FROM "
			   "tb_confiture");
}

/* 3 is applied before 2, so that order of versions and order of time differ. */
static void
apply_three(struct rig *g, const char *database)
{
	rig_start(g, database);
	rig_file(g, "1_a.up.sql", "CREATE TABLE log (s text);");
	rig_file(g, "1_a.down.sql", "DROP TABLE log;");
	rig_file(g, "3_c.up.sql", "INSERT INTO log VALUES ('up 3');");
	rig_file(g, "3_c.down.sql", "INSERT INTO log VALUES ('down 3');");
	REQUIRE(strcmp(rig_code(rig_run(g, "apply", NULL)), "ok") == 0);
	rig_file(g, "2_b.up.sql", "INSERT INTO log VALUES ('up 2');");
	rig_file(g, "2_b.down.sql", "INSERT INTO log VALUES ('down 2');");
	REQUIRE(strcmp(rig_code(rig_run(g, "apply", NULL)), "ok") == 0);
}

static void
what_was_applied_last_is_undone_first(void)
{
	struct rig g;
	struct job_options two = {.steps = 2}, many = {.steps = 99};

	apply_three(&g, "engine_down");
	const struct job_outcome *o = rig_run(&g, "rollback", &two);
	CHECK_STR(rig_code(o), "ok");
	CHECK_STR(undone(&g, o), "2 3");
	CHECK_STR(versions(&g), "1");
	CHECK_STR(rig_text(&g, "SELECT string_agg(s, ', ') FROM log"),
		  "up 3, up 2, down 2, down 3");
	o = rig_run(&g, "rollback", &many);
	CHECK_STR(undone(&g, o), "1");
	CHECK_STR(versions(&g), NULL);
	o = rig_run(&g, "rollback", &many);
	CHECK_STR(rig_code(o), "ok");
	CHECK_STR(undone(&g, o), "");
	rig_stop(&g);
}

static void
no_steps_are_refused(void)
{
	static const int64_t steps[] = {0, -1, INT64_MIN + 1};
	struct rig g;

	apply_three(&g, "engine_down_zero");
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct job_options options = {.steps = steps[i]};
		const struct job_outcome *o = rig_run(&g, "rollback", &options);
		CHECK_STR(rig_code(o), "USAGE_001");
		CHECK_INT(o->exit_code, 2);
	}
	CHECK_STR(versions(&g), "1 3 2");
	rig_stop(&g);
}

static void
a_missing_down_file_is_refused_before_anything_runs(void)
{
	struct rig g;
	struct job_options all = {.steps = 3}, back = {.target_version = "1"};

	apply_three(&g, "engine_down_missing");
	rig_file(&g, "3_c.down.sql", NULL);
	const struct job_outcome *o = rig_run(&g, "rollback", &all);
	CHECK_STR(rig_code(o), "ROLLBACK_600");
	CHECK_INT(o->exit_code, 8);
	CHECK_STR(undone(&g, o), "");
	rig_file(&g, "3_c.up.sql", NULL);
	CHECK_STR(rig_code(rig_run(&g, "rollback_to", &back)), "ROLLBACK_600");
	CHECK_STR(versions(&g), "1 3 2");
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM log"), "2");
	rig_stop(&g);
}

static void
a_failing_down_file_leaves_what_was_undone_before(void)
{
	struct rig g;
	struct job_options all = {.steps = 3};

	apply_three(&g, "engine_down_fails");
	rig_file(&g, "3_c.down.sql", "INSERT INTO log VALUES ('x');\nSELECT 1/0;");
	const struct job_outcome *o = rig_run(&g, "rollback", &all);
	CHECK_STR(rig_code(o), "MIGR_001");
	CHECK_INT(o->exit_code, 3);
	CHECK_STR(undone(&g, o), "2");
	CHECK_STR(o->error->file, "3_c.down.sql");
	CHECK_INT(o->error->line, 2);
	CHECK_STR(versions(&g), "1 3");
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM log WHERE s = 'x'"), "0");
	rig_stop(&g);
}

static void
down_to_goes_back_in_time_not_in_version(void)
{
	static const struct {
		const char *to, *code, *undone, *left;
		bool dry_run;
	} table[] = {
		{"4", "MIGR_100", "", "1 3 2", false}, {"3", "ok", "", "1 3 2", true},
		{"2", "ok", "", "1 3 2", false},       {"3", "ok", "2", "1 3", false},
		{"2", "MIGR_100", "", "1 3", false},   {"1", "ok", "3", "1", false},
	};
	struct rig g;

	apply_three(&g, "engine_down_to");
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct job_options options = {.target_version = table[i].to,
					      .dry_run = table[i].dry_run};
		const struct job_outcome *o = rig_run(&g, "rollback_to", &options);
		const struct down_to_result *d = o->result.ptr;
		CHECK_STR(rig_code(o), table[i].code);
		CHECK_STR(undone_to(&g, o), table[i].undone);
		CHECK_STR(versions(&g), table[i].left);
		CHECK_STR(d->to, table[i].to);
		CHECK_INT(d->migrations.count, table[i].dry_run ? 1 : 0);
	}
	rig_stop(&g);
}

static const struct unit_case cases[] = {
	CASE(what_was_applied_last_is_undone_first),
	CASE(no_steps_are_refused),
	CASE(a_missing_down_file_is_refused_before_anything_runs),
	CASE(a_failing_down_file_leaves_what_was_undone_before),
	CASE(down_to_goes_back_in_time_not_in_version),
};

int
main(int argc, char **argv)
{
	return unit_main("engine_rollback", cases, ARRAY_LEN(cases), argc, argv);
}
