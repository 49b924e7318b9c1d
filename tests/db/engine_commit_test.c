/* The connection is lost while COMMIT is on its way (p12): the target is asked, and the truth is
 * told. And the lease that ends in the middle of the work. */
#include <stdio.h>
#include <string.h>

#include "tests/db/engine_rig.h"
#include "tests/support/unit.h"
#include "worker/target_postgres.h"

#include "shared/base/banned.h"

#define OUR_BACKEND "application_name ~ '^confiture' AND datname = current_database()"

/* The PostgreSQL make whose n-th COMMIT loses its connection, before or after it took effect. */
struct cutting {
	struct target_factory base;
	struct target_ops ops;
	enum commit_result (*commit)(struct target *t, struct error *err);
	struct rig *rig;
	int countdown;
	bool takes_effect;
	bool answered;	  /* it is lost right after the answer */
	bool unreachable; /* from then on nobody can connect */
	bool cut;
	bool cancel_first; /* the job is cancelled while its COMMIT is on its way */
	_Atomic bool cancel_came;
};
static struct cutting cutting;

static bool
cutting_cancel(struct target *t, struct error *err)
{
	(void)t;
	(void)err;
	cutting.cancel_came = true;
	return true;
}

static void
cancel_and_wait(void)
{
	struct runtime *rt = cutting.rig->net.rt;

	rig_cancel(cutting.rig);
	for (int i = 0; i < 1000 && !cutting.cancel_came; i++)
		rt->ops->sleep_ns(rt, 10 * NS_PER_MS);
}

static enum commit_result
cutting_commit(struct target *t, struct error *err)
{
	char sql[100];

	if (--cutting.countdown != 0)
		return cutting.commit(t, err);
	if (cutting.cancel_first)
		cancel_and_wait();
	if (cutting.takes_effect)
		REQUIRE(cutting.commit(t, err) == COMMIT_DONE);
	int pid = t->ops->info(t)->backend_pid;
	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)", pid);
	rig_text(cutting.rig, sql);
	cutting.cut = true;
	snprintf(sql, sizeof(sql),
		 "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %d)", pid);
	if (cutting.answered)
		return rig_wait_true(cutting.rig, sql) ? COMMIT_DONE : COMMIT_ROLLED_BACK;
	error_set(err, E_TARGET_005, "the connection was lost");
	return COMMIT_UNKNOWN;
}

static bool
cutting_open(struct target_factory *f, const struct target_spec *spec, struct target **out,
	     struct error *err)
{
	(void)f;
	if (cutting.cut && cutting.unreachable) {
		error_set(err, E_CONFIG_006, "nobody answers");
		err->retryable = true;
		return false;
	}
	if (!target_postgres()->open(target_postgres(), spec, out, err))
		return false;
	cutting.ops = *(*out)->ops;
	cutting.commit = cutting.ops.commit;
	cutting.ops.commit = cutting_commit;
	if (cutting.cancel_first)
		cutting.ops.cancel = cutting_cancel;
	(*out)->ops = &cutting.ops;
	return true;
}

static void
start(struct rig *g, const char *database, int countdown, bool takes_effect, bool unreachable)
{
	cutting = (struct cutting){.base = {.open = cutting_open},
				   .rig = g,
				   .countdown = countdown,
				   .takes_effect = takes_effect,
				   .unreachable = unreachable};
	rig_start_with(g, database, &cutting.base);
	REQUIRE(pg_exec(g->url, "CREATE TABLE t (i int)"));
	rig_file(g, "1_a.up.sql", "INSERT INTO t VALUES (1);");
	rig_file(g, "2_b.up.sql", "INSERT INTO t VALUES (2);");
}

/* Of versions of one digit. */
static const char *
applied_by(struct rig *g, const struct job_outcome *o)
{
	const struct up_result *u = o->result.ptr;
	struct text list;

	text_init(&list, 0);
	for (size_t i = 0; i < u->applied.count; i++)
		text_put(&list, u->applied.items[i].version);
	const char *versions = arena_span(&g->arena, text_span(&list));
	text_fini(&list);
	return versions;
}

/* countdown: which migration's COMMIT is cut. */
static void
the_truth_about_a_lost_commit_is_asked_and_told(void)
{
	static const struct {
		int countdown;
		bool takes_effect;
		const char *code;
		int exit_code;
		const char *applied, *rows;
	} table[] = {
		{1, true, "TARGET_005", 3, "1", "1"},
		{1, false, "TARGET_005", 3, "", NULL},
		{2, true, "ok", 0, "12", "1 2"},
		{2, false, "TARGET_005", 3, "1", "1"},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct rig g;
		start(&g, "engine_commit", table[i].countdown, table[i].takes_effect, false);
		const struct job_outcome *o = rig_run(&g, "apply", NULL);
		CHECK(cutting.cut);
		CHECK_STR(rig_code(o), table[i].code);
		CHECK_INT(o->exit_code, table[i].exit_code);
		CHECK(!o->unknown);
		CHECK_STR(applied_by(&g, o), table[i].applied);
		CHECK_STR(rig_text(&g, "SELECT string_agg(i::text, ' ' ORDER BY i) FROM t"),
			  table[i].rows);
		/* Another run does what is left, once. */
		CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
		CHECK_STR(rig_text(&g, "SELECT string_agg(i::text, ' ' ORDER BY i) FROM t"), "1 2");
		CHECK_STR(rig_text(&g, "SELECT count(*) FROM tb_confiture"), "2");
		rig_stop(&g);
	}
}

static void
p12_what_was_committed_counts_when_the_connection_is_lost_right_after(void)
{
	static const struct {
		int countdown;
		const char *code, *applied;
	} table[] = {
		{1, "TARGET_005", "1"},
		{2, "ok", "12"},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct rig g;
		start(&g, "engine_answered", table[i].countdown, true, false);
		cutting.answered = true;
		const struct job_outcome *o = rig_run(&g, "apply", NULL);
		CHECK(cutting.cut);
		CHECK_STR(rig_code(o), table[i].code);
		CHECK_STR(applied_by(&g, o), table[i].applied);
		CHECK_STR(rig_text(&g, "SELECT string_agg(version, '' ORDER BY version) FROM "
				       "tb_confiture"),
			  table[i].applied);
		rig_stop(&g);
	}
}

static void
a_target_that_cannot_be_asked_leaves_the_outcome_unknown(void)
{
	struct rig g;

	start(&g, "engine_unknown", 1, true, true);
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "JOB_003");
	CHECK_INT(o->exit_code, 9);
	CHECK(o->unknown);
	CHECK_HAS(o->error->details->cause, "nobody answers");
	/* The next attempt settles it, and tells what both of them applied. */
	cutting.unreachable = false;
	g.unsettled = (struct unsettled){arena_str(&g.arena, g.job), 1};
	g.attempt = 2;
	o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "ok");
	CHECK_STR(applied_by(&g, o), "12");
	CHECK_INT(((const struct up_result *)o->result.ptr)->skipped.count, 0);
	REQUIRE(g.settled != NULL);
	CHECK_INT(g.settled->steps, 1);
	CHECK_INT(g.settled->planned, 2);
	CHECK_STR(rig_text(&g, "SELECT string_agg(i::text, ' ' ORDER BY i) FROM t"), "1 2");
	rig_stop(&g);
}

static void
p11_what_is_not_known_is_not_called_cancelled(void)
{
	struct rig g;

	start(&g, "engine_cancelled", 1, true, true);
	cutting.cancel_first = true;
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK(cutting.cancel_came);
	CHECK_STR(rig_code(o), "JOB_003");
	CHECK_INT(o->exit_code, 9);
	CHECK(o->unknown);
	rig_stop(&g);
}

/* In a file outside transactions every statement has a COMMIT of its own, with its mark. */
static void
a_lost_commit_of_one_statement_is_continued_after_it(void)
{
	for (int takes_effect = 0; takes_effect < 2; takes_effect++) {
		struct rig g;
		start(&g, "engine_commit_mark", 2, takes_effect, false);
		rig_file(&g, "1_a.up.sql",
			 "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (5);\nVACUUM t;");
		const struct job_outcome *o = rig_run(&g, "apply", NULL);
		CHECK(cutting.cut);
		CHECK_STR(rig_code(o), "TARGET_005");
		CHECK_STR(rig_text(&g, "SELECT string_agg(i::text, ' ' ORDER BY i) FROM t"),
			  takes_effect ? "1 5" : "1");
		CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
		CHECK_STR(rig_text(&g, "SELECT string_agg(i::text, ' ' ORDER BY i) FROM t"),
			  "1 2 5");
		rig_stop(&g);
	}
}

static void
answer_late(struct rig *g)
{
	g->net.rt->ops->mutex_lock(g->net.rt, g->net.lock);
	g->mute = false;
	for (size_t i = 0; i < g->unanswered_count; i++)
		scripted_refuse(&g->net, g->unanswered[i], E_JOB_002, false);
	g->unanswered_count = 0;
	g->net.rt->ops->mutex_unlock(g->net.rt, g->net.lock);
}

static void
a_worker_whose_lease_is_over_stops_and_changes_nothing(void)
{
	struct rig g;

	rig_start(&g, "engine_lease");
	g.lease_ms = 1000;
	g.mute = true;
	rig_file(&g, "1_a.up.sql", "CREATE TABLE t (i int); SELECT pg_sleep(30);");
	uint64_t start_ms = runtime_boot_ms(g.net.rt);
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	uint64_t took = runtime_boot_ms(g.net.rt) - start_ms;
	CHECK(took >= 900 && took < 6000);
	CHECK_STR(rig_code(o), "LOCK_1302");
	CHECK_INT(o->exit_code, 6);
	CHECK_STR(rig_text(&g, "SELECT to_regclass('t')"), NULL);
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM pg_stat_activity WHERE " OUR_BACKEND), "0");
	answer_late(&g);
	rig_stop(&g);
}

static const struct unit_case cases[] = {
	CASE(the_truth_about_a_lost_commit_is_asked_and_told),
	CASE(p12_what_was_committed_counts_when_the_connection_is_lost_right_after),
	CASE(a_target_that_cannot_be_asked_leaves_the_outcome_unknown),
	CASE(p11_what_is_not_known_is_not_called_cancelled),
	CASE(a_lost_commit_of_one_statement_is_continued_after_it),
	CASE(a_worker_whose_lease_is_over_stops_and_changes_nothing),
};

int
main(int argc, char **argv)
{
	return unit_main("engine_commit", cases, ARRAY_LEN(cases), argc, argv);
}
