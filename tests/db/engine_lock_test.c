/* The runner's lock, cancel, lost connections and predecessors, on a real server. */
#include <stdio.h>
#include <string.h>

#include "tests/db/engine_rig.h"
#include "tests/support/unit.h"
#include "worker/target_postgres.h"

#include "shared/base/banned.h"

#define OUR_BACKEND "application_name ~ '^confiture' AND datname = current_database()"

static void
with_file(struct rig *g, const char *database, const char *text)
{
	rig_start(g, database);
	rig_file(g, "1_a.up.sql", text);
}

/* A former run's session, as this worker's make opens it. */
static struct target *
predecessor(struct rig *g, bool fence)
{
	struct target_spec spec = {.name = "local",
				   .url = secret_of(g->url),
				   .ledger = "tb_confiture",
				   .application_name = "confiture old-job"};
	struct fence_claim claim = {.journal = "rig", .job = "old-job", .attempt = 1};
	struct target *t;
	struct error err = {0};
	bool held = false;

	REQUIRE(target_postgres()->open(target_postgres(), &spec, &t, &err));
	REQUIRE(t->ops->lock_try(t, &held, &err) && held);
	if (fence)
		REQUIRE(t->ops->ledger_ensure(t, &err) && t->ops->fence_take(t, &claim, &err) &&
			t->ops->lock_announce(t, "confiture migrate up (old)", &err));
	return t;
}

/* ---- another coordinator's database ---- */
static void
another_coordinators_database_is_changed_only_with_a_reason(void)
{
	struct job_options override = {.foreign_journal = "their machine burnt down"};
	struct rig g;

	with_file(&g, "engine_foreign", "CREATE TABLE t (i int);");
	struct target *t = predecessor(&g, false);
	struct fence_claim claim = {
		.journal = "theirs", .job = "their-job", .attempt = 1, .coordinator = "theirs"};
	struct error err = {0};
	REQUIRE(t->ops->ledger_ensure(t, &err) && t->ops->fence_take(t, &claim, &err));
	t->ops->close(t);
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "LOCK_1304");
	CHECK_INT(o->exit_code, 6);
	CHECK_HAS(o->error->message, "(theirs)");
	CHECK_STR(rig_text(&g, "SELECT to_regclass('t') IS NULL"), "t");
	CHECK_STR(rig_text(&g, "SELECT job FROM confiture_fence"), "their-job");
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM tb_confiture"), "0");
	/* Who only looks is not refused, nor is who finds nothing to do. */
	CHECK_STR(rig_code(rig_run(&g, "status", NULL)), "ok");
	CHECK_STR(rig_code(rig_run(&g, "settle", NULL)), "ok");
	CHECK_STR(rig_code(rig_run(&g, "apply", &override)), "ok");
	REQUIRE(rig_event(&g, "warning") != NULL);
	CHECK_HAS(rig_event(&g, "warning")->message, "their machine burnt down");
	CHECK_STR(rig_text(&g, "SELECT coordinator FROM confiture_fence"), "theirs");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	rig_file(&g, "2_b.up.sql", "CREATE TABLE u (i int);");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "LOCK_1304");
	rig_stop(&g);
}

static void
a_held_lock_is_waited_for_then_its_holder_is_named(void)
{
	struct job_options patience = {.lock_timeout_ms = 700};
	struct rig g;

	with_file(&g, "engine_lock", "CREATE TABLE t (i int);");
	struct target *t = predecessor(&g, true);
	uint64_t start = runtime_boot_ms(g.net.rt);
	const struct job_outcome *o = rig_run(&g, "apply", &patience);
	CHECK(runtime_boot_ms(g.net.rt) - start >= 690);
	CHECK_STR(rig_code(o), "LOCK_1300");
	CHECK_INT(o->exit_code, 6);
	REQUIRE(o->error != NULL && o->error->details->holder != NULL);
	CHECK_STR(o->error->details->holder->command, "confiture migrate up (old)");
	CHECK_INT(o->error->details->holder->backend_pid, t->ops->info(t)->backend_pid);
	CHECK(o->error->details->retryable);
	REQUIRE(rig_event(&g, "lock_waiting") != NULL);
	CHECK_HAS(rig_event(&g, "lock_waiting")->message, "(old)");

	rig_offer(&g, "apply", NULL);
	REQUIRE(rig_wait_event(&g, "lock_waiting"));
	t->ops->close(t);
	CHECK_STR(rig_code(rig_wait(&g)), "ok");
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM confiture_lock_holder"), "0");
	rig_stop(&g);
}

static void
a_waiting_run_can_be_cancelled(void)
{
	struct rig g;

	with_file(&g, "engine_lock_cancel", "CREATE TABLE t (i int);");
	struct target *t = predecessor(&g, false);
	rig_offer(&g, "apply", NULL);
	REQUIRE(rig_wait_event(&g, "lock_waiting"));
	rig_cancel(&g);
	const struct job_outcome *o = rig_wait(&g);
	CHECK_STR(rig_code(o), "JOB_004");
	CHECK_INT(o->exit_code, 10);
	t->ops->close(t);
	rig_stop(&g);
}

static void
an_idle_predecessor_is_ended_after_a_lease_and_settled(void)
{
	struct rig g;

	with_file(&g, "engine_takeover", "CREATE TABLE t (i int);");
	g.lease_ms = 1500;
	g.unsettled = (struct unsettled){"old-job", 1};
	struct target *t = predecessor(&g, true);
	const struct job_outcome *o = rig_run(&g, "apply", NULL);
	CHECK_STR(rig_code(o), "ok");
	REQUIRE(g.settled != NULL);
	CHECK_STR(g.settled->job, "old-job");
	CHECK_INT(g.settled->steps, 0);
	REQUIRE(rig_event(&g, "settled") != NULL);
	/* The old session can do nothing any more. */
	struct error err = {0};
	CHECK(!t->ops->begin(t, &err));
	CHECK(error_is(&err, E_TARGET_005));
	t->ops->close(t);
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM tb_confiture"), "1");
	rig_stop(&g);
}

static void
an_idle_session_that_is_not_the_fences_is_never_ended(void)
{
	struct job_options patience = {.lock_timeout_ms = 2500};
	struct rig g;

	with_file(&g, "engine_stranger", "CREATE TABLE t (i int);");
	g.lease_ms = 500;
	struct target *t = predecessor(&g, false);
	CHECK_STR(rig_code(rig_run(&g, "apply", &patience)), "LOCK_1300");
	struct error err = {0};
	CHECK(t->ops->begin(t, &err));
	t->ops->close(t);
	rig_stop(&g);
}

/* A run whose machine froze just after it had the lock: no row names its session, so nobody may end
 * it, and it would hold the lock until somebody looks. */
static void
p02_a_session_that_died_before_its_fence_lets_go_of_the_lock(void)
{
	struct rig g;
	struct error err = {0};
	bool held = false;
	struct target *t;

	with_file(&g, "engine_nameless", "CREATE TABLE t (i int);");
	const struct target_spec spec = {.name = "local",
					 .url = secret_of(g.url),
					 .ledger = "tb_confiture",
					 .application_name = "confiture old-job",
					 .nameless_idle_ms = 1000};
	REQUIRE(target_postgres()->open(target_postgres(), &spec, &t, &err));
	REQUIRE(t->ops->lock_try(t, &held, &err) && held);
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	CHECK(!t->ops->begin(t, &err));
	CHECK(error_is(&err, E_TARGET_005));
	t->ops->close(t);
	rig_stop(&g);
}

/* The PostgreSQL make, whose run freezes between the lock and the fence. */
struct freezing {
	struct target_factory base;
	struct target_ops ops;
	bool (*fence_take)(struct target *t, const struct fence_claim *claim, struct error *err);
	struct rig *rig;
	bool let_go; /* the server ended the session meanwhile */
};
static struct freezing freezing;

static bool
freezing_fence_take(struct target *t, const struct fence_claim *claim, struct error *err)
{
	char sql[100];

	snprintf(sql, sizeof(sql),
		 "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %d)",
		 t->ops->info(t)->backend_pid);
	freezing.let_go = rig_wait_true(freezing.rig, sql);
	return freezing.fence_take(t, claim, err);
}

static bool
freezing_open(struct target_factory *f, const struct target_spec *spec, struct target **out,
	      struct error *err)
{
	(void)f;
	if (!target_postgres()->open(target_postgres(), spec, out, err))
		return false;
	freezing.ops = *(*out)->ops;
	freezing.fence_take = freezing.ops.fence_take;
	freezing.ops.fence_take = freezing_fence_take;
	(*out)->ops = &freezing.ops;
	return true;
}

static void
p02_a_run_that_freezes_before_its_fence_lets_go_of_the_lock(void)
{
	struct rig g;

	freezing = (struct freezing){.base = {.open = freezing_open}, .rig = &g};
	rig_start_with(&g, "engine_freezes", &freezing.base);
	g.lease_ms = 1000;
	rig_file(&g, "1_a.up.sql", "CREATE TABLE t (i int);");
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "TARGET_005");
	CHECK(freezing.let_go);
	CHECK_STR(rig_text(&g, "SELECT to_regclass('t')"), NULL);
	rig_stop(&g);
}

static void
a_session_with_a_fence_may_be_idle_for_long(void)
{
	const struct fence_claim claim = {.journal = "rig", .job = "old-job", .attempt = 1};
	struct rig g;
	struct error err = {0};
	bool held = false;
	struct target *t;

	rig_start(&g, "engine_named");
	const struct target_spec spec = {.name = "local",
					 .url = secret_of(g.url),
					 .ledger = "tb_confiture",
					 .application_name = "confiture old-job",
					 .nameless_idle_ms = 300};
	REQUIRE(target_postgres()->open(target_postgres(), &spec, &t, &err));
	REQUIRE(t->ops->lock_try(t, &held, &err) && held && t->ops->ledger_ensure(t, &err) &&
		t->ops->fence_take(t, &claim, &err));
	CHECK_STR(rig_text(&g, "SELECT pg_sleep(1)"), "");
	CHECK(t->ops->begin(t, &err) && t->ops->rollback(t, &err));
	t->ops->close(t);
	rig_stop(&g);
}

static void
a_former_run_that_was_fenced_off_cannot_commit(void)
{
	struct job_options bare = {.no_lock = true};
	struct rig g;
	struct error err = {0};

	with_file(&g, "engine_fenced", "CREATE TABLE t (i int);");
	struct target *t = predecessor(&g, true);
	CHECK_STR(rig_code(rig_run(&g, "apply", &bare)), "ok");
	CHECK(!t->ops->begin(t, &err));
	CHECK(error_is(&err, E_LOCK_1302));
	t->ops->close(t);
	rig_stop(&g);
}

static void
a_cancel_ends_the_statement_and_leaves_nothing(void)
{
	struct rig g;

	with_file(&g, "engine_cancel", "CREATE TABLE t (i int); SELECT pg_sleep(60);");
	rig_offer(&g, "apply", NULL);
	REQUIRE(rig_wait_true(&g, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE " OUR_BACKEND
				  " AND query LIKE '%pg_sleep%')"));
	uint64_t start = runtime_boot_ms(g.net.rt);
	rig_cancel(&g);
	const struct job_outcome *o = rig_wait(&g);
	CHECK(runtime_boot_ms(g.net.rt) - start < 5000);
	CHECK_STR(rig_code(o), "JOB_004");
	CHECK_INT(o->exit_code, 10);
	CHECK_STR(rig_text(&g, "SELECT to_regclass('t')"), NULL);
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM pg_stat_activity WHERE " OUR_BACKEND), "0");
	rig_stop(&g);
}

static void
a_terminated_backend_is_a_lost_connection_and_the_next_run_converges(void)
{
	struct rig g;

	with_file(&g, "engine_lost",
		  "CREATE TABLE t (i int); INSERT INTO t VALUES (1); SELECT pg_sleep(2);");
	rig_offer(&g, "apply", NULL);
	REQUIRE(rig_wait_true(&g, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE " OUR_BACKEND
				  " AND query LIKE '%pg_sleep%')"));
	rig_text(&g, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " OUR_BACKEND);
	const struct job_outcome *o = rig_wait(&g);
	CHECK_STR(rig_code(o), "TARGET_005");
	CHECK_INT(o->exit_code, 3);
	CHECK(!o->unknown);
	CHECK_STR(rig_text(&g, "SELECT to_regclass('t')"), NULL);
	CHECK_STR(rig_code(rig_run(&g, "apply", NULL)), "ok");
	CHECK_STR(rig_text(&g, "SELECT count(*) FROM t"), "1");
	rig_stop(&g);
}

/* A run that reads a large file under the lock is alive, though it has nothing to ask the server.
 */
static void
a_live_run_that_is_slow_to_read_is_not_ended_by_the_next(void)
{
	struct rig slow, other;
	struct job_options patience = {.lock_timeout_ms = 3500};
	char text[64 * 24 + 1];

	for (size_t i = 0; i < 24; i++)
		snprintf(text + 64 * i, 65, "%-63s\n", "SELECT 1;");
	with_file(&slow, "engine_slow", text);
	slow.slow_ms = 250;
	rig_offer(&slow, "apply", NULL);
	REQUIRE(rig_wait_event(&slow, "lock_acquired"));
	rig_start_beside(&other, &slow);
	other.lease_ms = 1800;
	CHECK_STR(rig_code(rig_run(&other, "apply", &patience)), "LOCK_1300");
	slow.slow_ms = 0;
	CHECK_STR(rig_code(rig_wait(&slow)), "ok");
	rig_stop(&other);
	rig_stop(&slow);
}

/* The second waits by polling: its wait holds no snapshot that the index build would wait for. */
static void
two_runs_that_start_together_apply_everything_once(void)
{
	struct rig a, b;

	rig_start(&a, "engine_two");
	REQUIRE(pg_exec(a.url, "CREATE TABLE t (i int)"));
	rig_start_beside(&b, &a);
	for (int round = 0; round < 3; round++) {
		char name[32], text[200];
		for (int i = 0; i < 4; i++) {
			snprintf(name, sizeof(name), "%d%d_x.up.sql", round, i);
			snprintf(text, sizeof(text),
				 "INSERT INTO t VALUES (%d); %s INDEX %s i%d%d ON t (i);",
				 round * 4 + i, "CREATE", i % 2 ? "CONCURRENTLY" : "", round, i);
			rig_file(&a, name, text);
		}
		rig_offer(&a, "apply", NULL);
		rig_offer(&b, "apply", NULL);
		const struct job_outcome *first = rig_wait(&a), *second = rig_wait(&b);
		const struct up_result *one = first->result.ptr, *two = second->result.ptr;
		CHECK_STR(rig_code(first), "ok");
		CHECK_STR(rig_code(second), "ok");
		CHECK_INT(one->applied.count + two->applied.count, 4);
		snprintf(text, sizeof(text), "SELECT count(*) = %d FROM tb_confiture",
			 round * 4 + 4);
		CHECK_STR(rig_text(&a, text), "t");
		CHECK_STR(rig_text(&a, "SELECT count(*) - count(DISTINCT i) FROM t"), "0");
		CHECK_STR(rig_text(&a, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
	}
	rig_stop(&b);
	rig_stop(&a);
}

static const struct unit_case cases[] = {
	CASE(another_coordinators_database_is_changed_only_with_a_reason),
	CASE(a_held_lock_is_waited_for_then_its_holder_is_named),
	CASE(a_waiting_run_can_be_cancelled),
	CASE(an_idle_predecessor_is_ended_after_a_lease_and_settled),
	CASE(an_idle_session_that_is_not_the_fences_is_never_ended),
	CASE(p02_a_session_that_died_before_its_fence_lets_go_of_the_lock),
	CASE(p02_a_run_that_freezes_before_its_fence_lets_go_of_the_lock),
	CASE(a_session_with_a_fence_may_be_idle_for_long),
	CASE(a_former_run_that_was_fenced_off_cannot_commit),
	CASE(a_cancel_ends_the_statement_and_leaves_nothing),
	CASE(a_live_run_that_is_slow_to_read_is_not_ended_by_the_next),
	CASE(two_runs_that_start_together_apply_everything_once),
	CASE(a_terminated_backend_is_a_lost_connection_and_the_next_run_converges),
};

int
main(int argc, char **argv)
{
	return unit_main("engine_lock", cases, ARRAY_LEN(cases), argc, argv);
}
