/* migrate up as a job, on a real server: what runs, in which order, and what stays when it fails.
 */
#include <string.h>

#include "tests/db/engine_rig.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static const struct up_result *
up(const struct job_outcome *o)
{
	REQUIRE(o->result.of == &record_up_result);
	return o->result.ptr;
}

static const char *
joined(struct rig *g, const char **items, size_t count)
{
	const char *out = "";

	for (size_t i = 0; i < count; i++)
		out = arena_printf(&g->arena, "%s%s%s", out, i > 0 ? " " : "", items[i]);
	return out;
}

static const char *
applied(struct rig *g, const struct up_result *u)
{
	const char *out = "";

	for (size_t i = 0; i < u->applied.count; i++)
		out = arena_printf(&g->arena, "%s%s%s:%lld", out, i > 0 ? " " : "",
				   u->applied.items[i].version,
				   (long long)u->applied.items[i].rows_affected);
	return out;
}

static const char *
ledger(struct rig *g)
{
	return rig_text(g, "SELECT string_agg(version || '_' || name, ' ' ORDER BY pk_confiture) "
			   "FROM tb_confiture");
}

static void
three_files(struct rig *g)
{
	rig_file(g, "10_b.up.sql", "INSERT INTO t VALUES (10), (11);");
	rig_file(g, "10_b.down.sql", "DELETE FROM t WHERE i IN (10, 11);");
	rig_file(g, "1_a.up.sql", "CREATE TABLE t (i int PRIMARY KEY); INSERT INTO t VALUES (1);");
	rig_file(g, "1_a.down.sql", "DROP TABLE t;");
	rig_file(g, "9_c.up.sql", "UPDATE t SET i = i + 100;");
}

static void
pending_files_run_in_byte_order_once(void)
{
	struct rig g;

	rig_start(&g, "engine_order");
	three_files(&g);
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "ok");
	CHECK_INT(o->exit_code, 0);
	CHECK_STR(applied(&g, up(o)), "1:1 10:2 9:3");
	CHECK(up(o)->success);
	CHECK(up(o)->checksums_verified);
	CHECK_STR(ledger(&g), "1_a 10_b 9_c");
	CHECK_STR(rig_text(&g, "SELECT string_agg(i::text, ' ' ORDER BY i) FROM t"), "101 110 111");
	CHECK_STR(rig_text(&g, "SELECT applied_by FROM tb_confiture WHERE version = '9'"),
		  "postgres");
	CHECK_INT(rig_event(&g, "plan")->total, 3);
	CHECK_INT(rig_event(&g, "migration_done")->done, 1);

	o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "ok");
	CHECK_STR(applied(&g, up(o)), "");
	CHECK_STR(joined(&g, up(o)->skipped.items, up(o)->skipped.count), "1 10 9");
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM t"), "3");
	rig_stop(&g);
}

/* What a pipeline does all day. */
static void
with_nothing_pending_it_writes_nothing_and_waits_for_no_lock(void)
{
	static const char token[] = "SELECT token FROM confiture_fence";
	struct rig g;

	rig_start(&g, "engine_idle");
	three_files(&g);
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	const char *before = rig_text(&g, token);
	struct pg_session *other = pg_session_open(g.url);
	REQUIRE(other != NULL);
	CHECK_STR(pg_session_text(other, "SELECT pg_advisory_lock(1751936052, ('x' || "
					 "substr(encode(sha256(current_database()::bytea), 'hex'), "
					 "1, 8))::bit(32)::int & 2147483647) IS NOT NULL"),
		  "t");
	struct job_options hasty = {.lock_timeout_ms = 1};
	const struct job_outcome *o = rig_run(&g, "apply", &hasty);
	CHECK_STR(rig_code(o), "ok");
	CHECK_STR(joined(&g, up(o)->skipped.items, up(o)->skipped.count), "1 10 9");
	CHECK(up(o)->checksums_verified);
	CHECK(rig_event(&g, "lock_acquired") == NULL && rig_event(&g, "plan") == NULL);
	CHECK_STR(rig_text(&g, token), before);
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM confiture_lock_holder"), "0");

	rig_file(&g, "2_d.up.sql", "SELECT 1;");
	CHECK_STR(rig_code(rig_run(&g, "apply", &hasty)), "LOCK_1300");
	pg_session_close(other);
	rig_stop(&g);
}

static void
an_error_has_its_place_and_leaves_what_was_applied_before(void)
{
	struct rig g;

	rig_start(&g, "engine_error");
	three_files(&g);
	rig_file(&g, "10_b.up.sql",
		 "INSERT INTO t VALUES (10);\n\n  INSERT INTO nowhere\nVALUES (1);");
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "MIGR_001");
	CHECK_INT(o->exit_code, 3);
	CHECK_STR(applied(&g, up(o)), "1:1");
	CHECK_STR(joined(&g, up(o)->pending.items, up(o)->pending.count), "10 9");
	CHECK(!up(o)->success);
	REQUIRE(up(o)->errors.count == 1);
	const struct issue *e = &up(o)->errors.items[0];
	CHECK_STR(e->migration, "10");
	CHECK_STR(e->file, "10_b.up.sql");
	CHECK_INT(e->line, 3);
	REQUIRE(e->details->position != NULL);
	CHECK_INT(e->details->position->column, 15);
	CHECK_INT(e->details->position->statement, 2);
	CHECK_STR(e->details->sqlstate, "42P01");
	CHECK_HAS(e->details->cause, "nowhere");
	CHECK_STR(ledger(&g), "1_a");
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM t"), "1");
	CHECK_STR(rig_event(&g, "migration_failed")->code, "MIGR_001");

	rig_file(&g, "10_b.up.sql", "INSERT INTO t VALUES (10);");
	o = rig_run(&g, "apply", NULL);
	CHECK_STR(applied(&g, up(o)), "10:1 9:2");
	rig_stop(&g);
}

/* Every way to be refused before the first statement, with a good file in front. */
static const struct refused_file {
	const char *file, *text;
	struct job_options options;
	const char *code;
	int exit_code;
} refusals[] = {
	{"2_x.up.sql", "CREATE TABLE x (i int); COMMIT;", {0}, "MIGR_107", 3},
	{"2_x.up.sql", "SELECT pg_advisory_unlock_all();", {0}, "MIGR_112", 3},
	{"2_x.up.sql", "SELECT 'open", {0}, "MIGR_109", 3},
	{"2_x.up.sql", "\\d t", {0}, "MIGR_111", 3},
	{"2_x.up.sql", "SELECT '\xff';", {0}, "MIGR_108", 3},
	{"2_x.py", "class X: pass", {0}, "MIGR_113", 3},
	{"1_twin.up.sql", "SELECT 1;", {0}, "MIGR_106", 3},
	{"2_x.up.sql", "VACUUM;", {.no_lock = true}, "MIGR_115", 3},
	{"2_x.up.sql", "SELECT 1;", {.require_reversible = true}, "MIGR_121", 1},
	{"2_x.up.sql", "SELECT 1;", {.target_version = "7"}, "MIGR_100", 3},
	{"stray.sql", "SELECT 1;", {.strict = true}, "MIGR_120", 1},
};

static void
what_must_be_refused_is_refused_with_nothing_changed(void)
{
	struct rig g;

	rig_start(&g, "engine_refuse");
	rig_file(&g, "1_a.up.sql", "CREATE TABLE t (i int);");
	rig_file(&g, "1_a.down.sql", "DROP TABLE t;");
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct refused_file *x = &refusals[i];
		rig_file(&g, x->file, x->text);
		const struct job_outcome *o = rig_run(&g, "apply", &x->options);
		CHECK_STR(rig_code(o), x->code);
		CHECK_INT(o->exit_code, x->exit_code);
		CHECK_INT(up(o)->applied.count, 0);
		CHECK_STR(rig_text(&g, "SELECT to_regclass('t')"), NULL);
		rig_file(&g, x->file, NULL);
	}
	rig_stop(&g);
}

static void
an_edited_file_is_seen_and_the_policy_decides(void)
{
	static const struct {
		const char *policy, *code;
		bool verified;
		size_t warnings;
	} table[] = {
		{NULL, "CHECKSUM_MISMATCH", false, 0},
		{"fail", "CHECKSUM_MISMATCH", false, 0},
		{"warn", "ok", false, 1},
		{"ignore", "ok", false, 0},
	};
	struct rig g;

	rig_start(&g, "engine_edited");
	rig_file(&g, "1_a.up.sql", "CREATE TABLE t (i int);");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	rig_file(&g, "1_a.up.sql", "CREATE TABLE t (i bigint);");
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct job_options options = {.on_checksum_mismatch = table[i].policy};
		const struct job_outcome *o = rig_run(&g, "apply", &options);
		CHECK_STR(rig_code(o), table[i].code);
		CHECK_INT(o->exit_code, strcmp(table[i].code, "ok") == 0 ? 0 : 1);
		CHECK(up(o)->checksums_verified == table[i].verified);
		CHECK_INT(up(o)->warnings.count, table[i].warnings);
	}
	rig_stop(&g);
}

static void
a_row_without_checksum_is_a_warning_and_not_verified(void)
{
	struct rig g;

	rig_start(&g, "engine_nullsum");
	rig_file(&g, "1_a.up.sql", "CREATE TABLE t (i int);");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	REQUIRE(pg_exec(g.url, "UPDATE tb_confiture SET checksum = NULL"));
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "ok");
	CHECK(!up(o)->checksums_verified);
	REQUIRE(up(o)->warnings.count == 1);
	CHECK_HAS(up(o)->warnings.items[0], "no recorded checksum");
	rig_stop(&g);
}

static void
target_stops_after_it_and_force_runs_again_with_one_row_each(void)
{
	struct rig g;
	struct job_options target = {.target_version = "10"}, force = {.force = true};

	rig_start(&g, "engine_target");
	rig_file(&g, "1_a.up.sql",
		 "CREATE TABLE IF NOT EXISTS t (i int); INSERT INTO t VALUES (1);");
	rig_file(&g, "10_b.up.sql", "INSERT INTO t VALUES (10);");
	rig_file(&g, "9_c.up.sql", "INSERT INTO t VALUES (9);");
	const struct job_outcome *o = rig_run(&g, "apply", &target);
	CHECK_STR(applied(&g, up(o)), "1:1 10:1");
	CHECK_STR(joined(&g, up(o)->pending.items, up(o)->pending.count), "9");
	o = rig_run(&g, "apply", &force);
	CHECK_STR(rig_code(o), "ok");
	CHECK_STR(applied(&g, up(o)), "1:1 10:1 9:1");
	CHECK_STR(up(o)->warnings.items[0], "Force mode enabled");
	CHECK_STR(ledger(&g), "1_a 10_b 9_c");
	CHECK_STR(rig_text(&g, "SELECT string_agg(i::text, ' ' ORDER BY i) FROM t"), "1 1 9 10 10");
	rig_stop(&g);
}

static void
a_dry_run_touches_nothing_and_shows_the_statements(void)
{
	struct rig g;
	struct job_options dry = {.dry_run = true};

	rig_start(&g, "engine_dry");
	three_files(&g);
	const struct job_outcome *o = rig_run(&g, "apply", &dry);
	CHECK_STR(rig_code(o), "ok");
	REQUIRE(up(o)->migrations.count == 3);
	const struct planned_migration *m = &up(o)->migrations.items[0];
	CHECK_STR(m->file, "1_a.up.sql");
	CHECK_INT(m->duration_ms, INT_NULL);
	REQUIRE(m->statements.count == 2);
	CHECK_STR(m->statements.items[0].kind, "CREATE TABLE");
	CHECK_STR(m->statements.items[1].kind, "INSERT");
	CHECK_STR(joined(&g, up(o)->pending.items, up(o)->pending.count), "1 10 9");
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM pg_class WHERE relnamespace = "
			       "'public'::regnamespace"),
		  "0");
	rig_stop(&g);
}

static void
a_rehearsal_executes_measures_and_is_always_rolled_back(void)
{
	struct rig g;
	struct job_options rehearse = {.dry_run_execute = true};

	rig_start(&g, "engine_rehearse");
	three_files(&g);
	rig_file(&g, "95_d.up.sql", "CREATE INDEX CONCURRENTLY ti ON t (i);");
	const struct job_outcome *o = rig_run(&g, "apply", &rehearse);
	CHECK_STR(rig_code(o), "ok");
	REQUIRE(up(o)->migrations.count == 4);
	CHECK_INT(up(o)->migrations.items[1].rows_affected, 2);
	CHECK(up(o)->migrations.items[1].duration_ms >= 0);
	CHECK(!up(o)->migrations.items[3].transactional ||
	      !up(o)->migrations.items[2].transactional);
	CHECK_INT(up(o)->warnings.count, 1);
	CHECK_INT(up(o)->applied.count, 0);
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM pg_class WHERE relnamespace = "
			       "'public'::regnamespace"),
		  "0");
	rig_file(&g, "9_c.up.sql", "SELECT 1/0;");
	CHECK_STR(rig_code(rig_run(&g, "apply", &rehearse)), "MIGR_001");
	CHECK_STR(rig_text(&g, "SELECT to_regclass('t')"), NULL);
	rig_stop(&g);
}

static void
inline_copy_data_is_loaded_and_counted(void)
{
	struct rig g;

	rig_start(&g, "engine_copy");
	rig_file(&g, "1_a.up.sql",
		 "CREATE TABLE t (i int, s text);\nCOPY t FROM stdin;\n1\tone\n2\t;\n\\.\n"
		 "INSERT INTO t VALUES (3, 'three');\n");
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "ok");
	CHECK_STR(applied(&g, up(o)), "1:3");
	CHECK_STR(rig_text(&g, "SELECT string_agg(s, '|' ORDER BY i) FROM t"), "one|;|three");
	rig_stop(&g);
}

static void
settings_of_one_migration_do_not_reach_the_next(void)
{
	struct rig g;

	rig_start(&g, "engine_settings");
	REQUIRE(pg_exec(cluster_url("postgres"),
			"DO $$ BEGIN CREATE ROLE engine_other; EXCEPTION WHEN duplicate_object "
			"THEN NULL; END $$"));
	rig_file(&g, "1_a.up.sql",
		 "CREATE SCHEMA other AUTHORIZATION engine_other; SET search_path = other;\n"
		 "SET statement_timeout = '77s'; SET ROLE engine_other; CREATE TABLE one (i int);");
	rig_file(&g, "2_b.up.sql",
		 "CREATE TABLE two AS SELECT current_setting('statement_timeout') AS s, "
		 "current_user::text AS u;");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	CHECK_STR(rig_text(&g, "SELECT to_regclass('other.one')::text"), "other.one");
	CHECK_STR(rig_text(&g, "SELECT s || ' ' || u FROM public.two"), "0 postgres");
	CHECK_STR(ledger(&g), "1_a 2_b");
	rig_stop(&g);
}

static void
an_older_pending_version_runs_and_is_said(void)
{
	struct rig g;

	rig_start(&g, "engine_late");
	rig_file(&g, "2_b.up.sql", "SELECT 1;");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	rig_file(&g, "1_a.up.sql", "SELECT 1;");
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(applied(&g, up(o)), "1:0");
	REQUIRE(up(o)->warnings.count == 1);
	CHECK_HAS(up(o)->warnings.items[0], "out of order");
	rig_stop(&g);
}

static void
a_wrapped_body_runs_in_our_transaction_with_a_warning(void)
{
	struct rig g;

	rig_start(&g, "engine_wrapped");
	rig_file(&g, "1_a.up.sql", "BEGIN;\nCREATE TABLE t (i int);\nCOMMIT;\n");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	REQUIRE(rig_event(&g, "warning") != NULL);
	CHECK_HAS(rig_event(&g, "warning")->message, "BEGIN");
	CHECK_STR(ledger(&g), "1_a");
	rig_stop(&g);
}

static void
a_read_only_server_is_refused(void)
{
	struct rig g;

	rig_start(&g, "engine_readonly");
	rig_file(&g, "1_a.up.sql", "CREATE TABLE t (i int);");
	REQUIRE(pg_exec(cluster_url("postgres"),
			"ALTER DATABASE engine_readonly SET default_transaction_read_only = on"));
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "TARGET_001");
	CHECK_INT(o->exit_code, 3);
	rig_stop(&g);
}

static void
a_deferred_constraint_that_fails_at_commit_leaves_nothing(void)
{
	struct rig g;

	rig_start(&g, "engine_deferred");
	rig_file(
		&g, "1_a.up.sql",
		"CREATE TABLE p (i int PRIMARY KEY); CREATE TABLE c (i int REFERENCES p DEFERRABLE "
		"INITIALLY DEFERRED); INSERT INTO c VALUES (1);");
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "MIGR_001");
	CHECK_STR(up(o)->errors.items[0].details->sqlstate, "23503");
	CHECK_HAS(up(o)->errors.items[0].message, "COMMIT");
	CHECK_STR(rig_text(&g, "SELECT to_regclass('p')"), NULL);
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM tb_confiture"), "0");
	rig_stop(&g);
}

/* The worker has half a second to end its job too early. */
static void
p13_the_outcome_comes_after_the_last_event(void)
{
	struct rig g;

	rig_start(&g, "engine_last_event");
	g.hold_events = true;
	rig_file(&g, "1_a.up.sql", "CREATE TABLE a (i int);");
	rig_offer(&g, "apply", NULL);
	CHECK(rig_wait_true(&g, "SELECT to_regclass('a') IS NOT NULL"));
	CHECK(!rig_ended(&g, 500));
	rig_take_events(&g);
	CHECK_STR(rig_code(rig_wait(&g)), "ok");
	REQUIRE(g.event_count > 0);
	CHECK_STR(g.events[g.event_count - 1].kind, "migration_done");
	rig_stop(&g);
}

static void
p01_a_migration_whose_row_cannot_be_written_is_undone(void)
{
	struct rig g;

	rig_start(&g, "engine_row");
	rig_file(&g, "1_a.up.sql", "CREATE TABLE a (i int);");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	REQUIRE(pg_exec(g.url, "ALTER TABLE tb_confiture ADD CHECK (version <> '2')"));
	rig_file(&g, "2_b.up.sql", "CREATE TABLE b (i int);");
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "MIGR_001");
	CHECK_STR(rig_text(&g, "SELECT to_regclass('b')"), NULL);
	CHECK_STR(rig_text(&g, "SELECT string_agg(version, ' ') FROM tb_confiture"), "1");
	rig_stop(&g);
}

static const struct unit_case cases[] = {
	CASE(pending_files_run_in_byte_order_once),
	CASE(with_nothing_pending_it_writes_nothing_and_waits_for_no_lock),
	CASE(an_error_has_its_place_and_leaves_what_was_applied_before),
	CASE(what_must_be_refused_is_refused_with_nothing_changed),
	CASE(an_edited_file_is_seen_and_the_policy_decides),
	CASE(a_row_without_checksum_is_a_warning_and_not_verified),
	CASE(target_stops_after_it_and_force_runs_again_with_one_row_each),
	CASE(a_dry_run_touches_nothing_and_shows_the_statements),
	CASE(a_rehearsal_executes_measures_and_is_always_rolled_back),
	CASE(inline_copy_data_is_loaded_and_counted),
	CASE(settings_of_one_migration_do_not_reach_the_next),
	CASE(an_older_pending_version_runs_and_is_said),
	CASE(a_wrapped_body_runs_in_our_transaction_with_a_warning),
	CASE(a_read_only_server_is_refused),
	CASE(a_deferred_constraint_that_fails_at_commit_leaves_nothing),
	CASE(p13_the_outcome_comes_after_the_last_event),
	CASE(p01_a_migration_whose_row_cannot_be_written_is_undone),
};

int
main(int argc, char **argv)
{
	return unit_main("engine_apply", cases, ARRAY_LEN(cases), argc, argv);
}
