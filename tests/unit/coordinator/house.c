/* A whole coordinator for tests, and the requests they make most. */
#include "tests/unit/coordinator/house.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/base/banned.h"

enum { ANSWER_S = 30 };

void
scratch_open(struct scratch *s)
{
	snprintf(s->folder, sizeof(s->folder), "/tmp/confiture-unit-XXXXXX");
	REQUIRE(mkdtemp(s->folder) != NULL);
	snprintf(s->journal, sizeof(s->journal), "%s/state/journal.db", s->folder);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void
scratch_close(struct scratch *s)
{
	CHECK_INT(nftw(s->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

bool
file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void
loop(void *arg)
{
	coordinator_run(arg);
}

void
house_open(struct house *h, const struct house_plan *plan)
{
	struct coordinator_config config = {.journal = plan->journal,
					    .embedded = !plan->distributed,
					    .lease_ms = plan->lease_ms,
					    .open_jobs_max = plan->open_jobs,
					    .open_jobs_per_agent_max = plan->open_jobs_per_agent,
					    .parser = plan->parser,
					    .intents_per_agent = plan->intents_per_agent};

	*h = (struct house){.rt = plan->rt != NULL ? plan->rt : runtime_system()};
	arena_init(&h->arena);
	h->net = net_inproc_new(h->rt);
	h->client = net_inproc_client(h->net, NET_CLIENT, "tester");
	h->operator_ = net_inproc_client(h->net, NET_OPERATOR, "chief");
	h->worker = net_inproc_client(h->net, NET_WORKER, "w1");
	h->other_worker = net_inproc_client(h->net, NET_WORKER, "w2");
	h->coordinator = coordinator_new(h->rt, net_inproc_server(h->net), &config);
	h->loop = h->rt->ops->thread_start(h->rt, "coordinator", loop, h->coordinator);
	const char *db = "db";
	if (plan->distributed)
		REQUIRE(house_hello(h, h->worker, &db, 1, false));
}

bool
house_hello(struct house *h, struct net_client *from, const char *const *targets, size_t count,
	    bool protected_)
{
	struct worker_target *rows = arena_array(&h->arena, count, sizeof(*rows));
	struct worker_hello m = {.version = "1.0.0", .targets = {rows, count}};

	for (size_t i = 0; i < count; i++) {
		struct span environment = span_of(targets[i], strcspn(targets[i], "/"));
		rows[i] = (struct worker_target){
			.name = targets[i],
			.environment = arena_span(&h->arena, environment),
			.target_key = arena_printf(&h->arena, "localhost:5432/%s", targets[i]),
			.protected_ = protected_};
	}
	return house_ask(h, from, MESSAGE_worker_hello, &m) != NULL;
}

void
house_close(struct house *h)
{
	coordinator_stop(h->coordinator);
	h->rt->ops->thread_join(h->rt, h->loop);
	coordinator_free(h->coordinator);
	net_inproc_stop(h->net);
	net_inproc_free(h->net);
	arena_fini(&h->arena);
}

void *
house_ask(struct house *h, struct net_client *from, enum message_kind kind, const void *request)
{
	void *reply = NULL;

	memset(&h->err, 0, sizeof(h->err));
	if (!net_call(from, kind, request, runtime_deadline(h->rt, ANSWER_S * 1000), &h->arena,
		      &reply, &h->err))
		return NULL;
	return reply;
}

struct job_spec
spec_of(const char *kind, const char *target, const char *target_key)
{
	static struct job_options options;

	return (struct job_spec){.kind = kind,
				 .target = target,
				 .environment = "production",
				 .options = &options,
				 .agent = "alice",
				 .target_key = target_key};
}

const char *
house_submit(struct house *h, const struct job_spec *spec, const char *key)
{
	struct job_spec copy = *spec;
	struct job_submit m = {.spec = &copy, .idempotency_key = key};
	struct job_submitted *reply = house_ask(h, h->client, MESSAGE_job_submit, &m);

	REQUIRE(reply != NULL);
	return reply->job;
}

struct worker_offer *
house_next(struct house *h, const char *target)
{
	struct worker_next m = {.worker = "anything", .targets = {&target, 1}, .wait_ms = 0};
	struct worker_offer *offer = house_ask(h, h->worker, MESSAGE_worker_next, &m);

	REQUIRE(offer != NULL);
	return offer;
}

bool
house_begin(struct house *h, const struct worker_offer *offer)
{
	struct job_begin m = {.worker = "w1", .job = offer->job, .attempt = offer->attempt};

	return house_ask(h, h->worker, MESSAGE_job_begin, &m) != NULL;
}

struct worker_offer *
house_run(struct house *h, const char *key)
{
	struct job_spec spec = spec_of("apply", "db", key);
	const char *job = house_submit(h, &spec, NULL);
	struct worker_offer *offer = house_next(h, "db");

	CHECK_STR(offer->job, job);
	REQUIRE(house_begin(h, offer));
	return offer;
}

bool
house_emit(struct house *h, const struct worker_offer *offer, int64_t from, int64_t to)
{
	size_t count = (size_t)(to - from + 1);
	struct job_event *events = arena_array(&h->arena, count, sizeof(*events));

	for (size_t i = 0; i < count; i++)
		events[i] = (struct job_event){.seq = from + (int64_t)i,
					       .time = "2026-01-01T00:00:00.000000Z",
					       .job = offer->job,
					       .attempt = offer->attempt,
					       .target = "db",
					       .kind = "statement",
					       .file = "001_a.up.sql",
					       .line = from + (int64_t)i,
					       .statement = INT_NULL,
					       .done = INT_NULL,
					       .total = INT_NULL,
					       .duration_ms = 3,
					       .rows = INT_NULL};
	struct job_events m = {
		.job = offer->job, .attempt = offer->attempt, .events = {events, count}};
	return house_ask(h, h->worker, MESSAGE_job_events, &m) != NULL;
}

bool
house_finish(struct house *h, const struct worker_offer *offer, const char *code, bool unknown)
{
	struct error err = {0};
	struct issue issue;
	struct job_outcome outcome = {.unknown = unknown};

	if (code != NULL) {
		error_set(&err, error_code_named(code)->id, "it went wrong");
		error_to_issue(&h->arena, &err, &issue);
		outcome.error = &issue;
		outcome.exit_code = err.code->exit_code;
	}
	struct job_finish m = {
		.worker = "w1", .job = offer->job, .attempt = offer->attempt, .outcome = &outcome};
	return house_ask(h, h->worker, MESSAGE_job_finish, &m) != NULL;
}

struct job_watched *
house_watch(struct house *h, const char *job, int64_t attempt, int64_t since, int64_t wait_ms)
{
	struct job_watch m = {.job = job, .attempt = attempt, .since = since, .wait_ms = wait_ms};

	return house_ask(h, h->client, MESSAGE_job_watch, &m);
}

struct job_shown *
house_show(struct house *h, const char *job)
{
	struct job_show m = {.job = job};

	return house_ask(h, h->client, MESSAGE_job_show, &m);
}

struct job_info *
house_cancel(struct house *h, const char *job)
{
	struct job_cancel m = {.job = job};
	struct job_changed *reply = house_ask(h, h->client, MESSAGE_job_cancel, &m);

	return reply == NULL ? NULL : reply->info;
}

const char *
house_state(struct house *h, const char *job)
{
	struct job_shown *shown = house_show(h, job);

	if (shown == NULL)
		return "(none)";
	int64_t code = shown->info->exit_code;
	return arena_printf(&h->arena, "%s/%lld/%s", shown->info->state,
			    code == INT_NULL ? -1LL : (long long)code,
			    shown->info->note ? shown->info->note : "");
}
