/*
 * The in-process make with real threads: a server thread whose behaviour each case chooses, callers
 * in threads of their own. Sanitizers see what is freed too early or never.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/net/net.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { CALLERS = 16, CALLS = 100 };

static struct runtime *rt;
static struct net_inproc *net;
static struct net_server *server;
static struct net_client *client;

static void
begin(void)
{
	rt = runtime_system();
	net = net_inproc_new(rt);
	server = net_inproc_server(net);
	client = net_inproc_client(net, NET_CLIENT, "tester");
}

static struct net_request *
next(uint64_t ms)
{
	return server->ops->next(server, ms == 0 ? 0 : runtime_deadline(rt, ms));
}

/* ---- callers ---- */
struct caller {
	struct thread *thread;
	struct net_client *client;
	const char *job;
	uint64_t wait_ms;
	int calls;
	bool ok;
	char note[64];
	struct error err;
};

/* Asks for a job; the note of the reply is kept. */
static void
caller_run(void *arg)
{
	struct caller *c = arg;

	for (int i = 0; i < c->calls; i++) {
		struct arena a;
		void *reply = NULL;
		arena_init(&a);
		struct job_cancel request = {.job = c->job};
		c->ok = net_call(c->client, MESSAGE_job_cancel, &request,
				 runtime_deadline(rt, c->wait_ms), &a, &reply, &c->err);
		if (c->ok) {
			const struct job_changed *changed = reply;
			snprintf(c->note, sizeof(c->note), "%s", changed->info->id);
			c->ok = strcmp(changed->info->id, c->job) == 0;
		}
		arena_fini(&a);
		if (!c->ok)
			return;
	}
}

static void
caller_start(struct caller *c, const char *job, uint64_t wait_ms, int calls)
{
	*c = (struct caller){.client = client, .job = job, .wait_ms = wait_ms, .calls = calls};
	c->thread = rt->ops->thread_start(rt, "caller", caller_run, c);
}

static void
caller_join(struct caller *c)
{
	rt->ops->thread_join(rt, c->thread);
}

/* ---- answers ---- */
static void
echo(struct net_request *r)
{
	const struct job_cancel *body = r->body;
	struct job_info *info = RECORD_NEW(&r->arena, job_info);

	info->id = arena_str(&r->arena, body->job);
	info->kind = "apply";
	info->state = "cancelling";
	info->target = "local";
	info->submitted_at = "now";
	struct job_changed reply = {.info = info};
	server->ops->reply(server, r, &reply);
}

static atomic_bool serving;

static void
echo_server(void *arg)
{
	(void)arg;
	while (atomic_load(&serving)) {
		for (struct net_request *r = next(60000); r != NULL; r = next(0))
			echo(r);
	}
}

static struct thread *
echo_start(void)
{
	atomic_store(&serving, true);
	return rt->ops->thread_start(rt, "server", echo_server, NULL);
}

static void
echo_stop(struct thread *t)
{
	atomic_store(&serving, false);
	server->ops->wake(server);
	rt->ops->thread_join(rt, t);
}

/* ---- cases ---- */
static void
many_threads_call_at_once_and_each_gets_its_own_reply(void)
{
	struct caller callers[CALLERS];
	char jobs[CALLERS][16];

	begin();
	struct thread *t = echo_start();
	for (int i = 0; i < CALLERS; i++) {
		snprintf(jobs[i], sizeof(jobs[i]), "job-%d", i);
		caller_start(&callers[i], jobs[i], 60000, CALLS);
	}
	for (int i = 0; i < CALLERS; i++) {
		caller_join(&callers[i]);
		CHECK(callers[i].ok);
		CHECK_STR(callers[i].err.message, "");
		CHECK_STR(callers[i].note, jobs[i]);
	}
	echo_stop(t);
	net_inproc_free(net);
}

static void
a_request_says_who_asks_and_what(void)
{
	struct caller c;

	begin();
	char name[] = "worker-1";
	client = net_inproc_client(net, NET_WORKER, name);
	memset(name, 'x', sizeof(name) - 1);
	caller_start(&c, "job-1", 60000, 1);
	struct net_request *r = next(60000);
	REQUIRE(r != NULL);
	CHECK_INT(r->kind, MESSAGE_job_cancel);
	CHECK_INT(r->peer.role, NET_WORKER);
	CHECK_STR(r->peer.name, "worker-1");
	CHECK(r->deadline_ns > runtime_boot_ns(rt));
	const struct job_cancel *body = r->body;
	CHECK_STR(body->job, "job-1");
	CHECK(body->job != c.job);
	echo(r);
	caller_join(&c);
	CHECK(c.ok);
	net_inproc_free(net);
}

static void
parked_requests_are_answered_later_in_any_order(void)
{
	static const char *const jobs[] = {"a", "b", "c"};
	struct caller callers[3];
	struct net_request *parked = NULL;

	begin();
	for (size_t i = 0; i < 3; i++)
		caller_start(&callers[i], jobs[i], 60000, 1);
	for (size_t i = 0; i < 3; i++) {
		struct net_request *r = next(60000);
		REQUIRE(r != NULL);
		r->next = parked;
		parked = r;
	}
	CHECK(next(0) == NULL);
	while (parked != NULL) {
		struct net_request *r = parked;
		parked = r->next;
		echo(r);
	}
	for (size_t i = 0; i < 3; i++) {
		caller_join(&callers[i]);
		CHECK(callers[i].ok);
	}
	net_inproc_free(net);
}

static void
check_gone(const struct caller *c, const char *words)
{
	CHECK(!c->ok);
	CHECK(error_is(&c->err, E_CONFIG_006));
	CHECK(c->err.retryable);
	CHECK_STR(c->err.message, words);
}

static void
a_caller_gives_up_at_its_deadline_and_a_late_answer_harms_nobody(void)
{
	struct caller late, refused;

	begin();
	uint64_t start = runtime_boot_ms(rt);
	caller_start(&late, "late", 50, 1);
	struct net_request *first = next(60000);
	caller_start(&refused, "refused", 50, 1);
	struct net_request *second = next(60000);
	REQUIRE(first != NULL && second != NULL);
	caller_join(&late);
	caller_join(&refused);
	CHECK(runtime_boot_ms(rt) - start >= 50);
	check_gone(&late, "the coordinator did not answer in time");
	check_gone(&refused, "the coordinator did not answer in time");
	struct error err;
	error_set(&err, E_JOB_001, "too late");
	echo(first);
	server->ops->refuse(server, second, &err);
	net_inproc_free(net);
}

static void
a_request_that_nobody_took_goes_with_its_caller(void)
{
	struct caller gone, stays;

	begin();
	caller_start(&gone, "gone", 20, 1);
	caller_join(&gone);
	check_gone(&gone, "the coordinator did not answer in time");
	CHECK(next(0) == NULL);
	/* The queue is whole after its only, last request was taken out. */
	caller_start(&stays, "stays", 60000, 1);
	struct net_request *r = next(60000);
	REQUIRE(r != NULL);
	echo(r);
	caller_join(&stays);
	CHECK(stays.ok);
	net_inproc_free(net);
}

static void
a_deadline_that_has_passed_is_not_waited_for(void)
{
	struct caller c;

	begin();
	caller_start(&c, "job", 0, 1);
	caller_join(&c);
	check_gone(&c, "the coordinator did not answer in time");
	net_inproc_free(net);
}

static void
stopping_ends_calls_that_wait_and_calls_to_come(void)
{
	struct caller taken, queued, after;

	begin();
	caller_start(&taken, "taken", 600000, 1);
	struct net_request *r = next(60000);
	REQUIRE(r != NULL);
	caller_start(&queued, "queued", 600000, 1);
	net_inproc_stop(net);
	caller_join(&taken);
	caller_join(&queued);
	check_gone(&taken, "the coordinator has stopped");
	check_gone(&queued, "the coordinator has stopped");
	caller_start(&after, "after", 600000, 1);
	caller_join(&after);
	check_gone(&after, "the coordinator has stopped");
	CHECK(next(60000) == NULL); /* woken, so that its loop can end */
	echo(r);
	net_inproc_free(net);
}

static void
freeing_ends_what_the_server_left_unanswered(void)
{
	struct caller c;

	begin();
	caller_start(&c, "job", 600000, 1);
	REQUIRE(next(60000) != NULL);
	net_inproc_free(net);
	caller_join(&c);
	check_gone(&c, "the coordinator has stopped");
}

static void
a_refusal_carries_all_that_the_error_holds(void)
{
	struct caller c;
	struct error err;

	begin();
	caller_start(&c, "job", 60000, 1);
	struct net_request *r = next(60000);
	REQUIRE(r != NULL);
	error_set(&err, E_LOCK_1300, "the lock is held");
	error_cause(&err, "by another run");
	error_detail_int(&err, "holder.pid", 4711);
	err.retry_after_ms = 250;
	server->ops->refuse(server, r, &err);
	caller_join(&c);
	CHECK(!c.ok);
	CHECK(error_is(&c.err, E_LOCK_1300));
	CHECK_STR(c.err.message, "the lock is held");
	CHECK_STR(c.err.cause, "by another run");
	CHECK_STR(c.err.details[0].key, "holder.pid");
	CHECK_STR(c.err.details[0].value, "4711");
	CHECK_INT(c.err.retry_after_ms, 250);
	net_inproc_free(net);
}

static void
a_caller_may_not_care_for_the_error(void)
{
	struct arena a;
	struct job_show request = {.job = "j"};
	void *reply;

	begin();
	arena_init(&a);
	net_inproc_stop(net);
	CHECK(!net_call(client, MESSAGE_job_show, &request, RUNTIME_FOREVER, &a, &reply, NULL));
	arena_fini(&a);
	net_inproc_free(net);
}

static void
a_wake_ends_one_wait_and_is_not_lost_to_a_drain(void)
{
	begin();
	server->ops->wake(server);
	CHECK(next(0) == NULL);
	uint64_t start = runtime_boot_ms(rt);
	CHECK(next(60000) == NULL);
	CHECK(runtime_boot_ms(rt) - start < 30000);
	start = runtime_boot_ms(rt);
	CHECK(next(30) == NULL); /* used up: this one waits */
	CHECK(runtime_boot_ms(rt) - start >= 29);
	net_inproc_free(net);
}

static void
wake_soon(void *arg)
{
	(void)arg;
	rt->ops->sleep_ns(rt, 20 * NS_PER_MS);
	server->ops->wake(server);
}

static void
a_wake_reaches_a_server_that_waits(void)
{
	begin();
	uint64_t start = runtime_boot_ms(rt);
	struct thread *t = rt->ops->thread_start(rt, "waker", wake_soon, NULL);
	CHECK(next(60000) == NULL);
	CHECK(runtime_boot_ms(rt) - start < 30000);
	rt->ops->thread_join(rt, t);
	net_inproc_free(net);
}

static const struct unit_case cases[] = {
	CASE(many_threads_call_at_once_and_each_gets_its_own_reply),
	CASE(a_request_says_who_asks_and_what),
	CASE(parked_requests_are_answered_later_in_any_order),
	CASE(a_caller_gives_up_at_its_deadline_and_a_late_answer_harms_nobody),
	CASE(a_request_that_nobody_took_goes_with_its_caller),
	CASE(a_deadline_that_has_passed_is_not_waited_for),
	CASE(stopping_ends_calls_that_wait_and_calls_to_come),
	CASE(freeing_ends_what_the_server_left_unanswered),
	CASE(a_refusal_carries_all_that_the_error_holds),
	CASE(a_caller_may_not_care_for_the_error),
	CASE(a_wake_ends_one_wait_and_is_not_lost_to_a_drain),
	CASE(a_wake_reaches_a_server_that_waits),
};

int
main(int argc, char **argv)
{
	return unit_main("net_inproc", cases, ARRAY_LEN(cases), argc, argv);
}
