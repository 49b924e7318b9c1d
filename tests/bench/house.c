#include "tests/bench/house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

enum { CALL_MS = 60000, WATCH_MS = 20000 };

void *
bench_call(struct net_client *c, enum message_kind kind, const void *request, struct arena *arena)
{
	struct error err = {0};
	void *reply;

	if (net_call(c, kind, request, runtime_deadline(runtime_system(), CALL_MS), arena, &reply,
		     &err))
		return reply;
	fprintf(stderr, "%s: %s (%s)\n", message_type(kind)->request->name, err.message, err.cause);
	exit(2);
}

struct net_client *
bench_dial(const char *url, const char *token)
{
	struct net_nng_dial config = {.urls = &url, .url_count = 1, .token = secret_of(token)};
	struct hello hello = {
		.protocol_min = 1, .protocol_max = 1, .program = "bench", .version = "1"};
	struct error err = {0};
	struct arena arena;
	struct net_client *c = net_nng_dial(runtime_system(), &config, &err);

	if (c == NULL) {
		fprintf(stderr, "%s\n", err.message);
		exit(2);
	}
	arena_init(&arena);
	(void)bench_call(c, MESSAGE_hello, &hello, &arena);
	arena_fini(&arena);
	return c;
}

void
bench_submit(struct net_client *c, const struct job_spec *spec, char job[ID_TEXT])
{
	struct job_spec own = *spec;
	char key[ID_TEXT];
	struct arena arena;

	arena_init(&arena);
	runtime_id(runtime_system(), key);
	struct job_submit request = {.spec = &own, .idempotency_key = key};
	struct job_submitted *reply = bench_call(c, MESSAGE_job_submit, &request, &arena);
	snprintf(job, ID_TEXT, "%s", reply->job);
	arena_fini(&arena);
}

int64_t
bench_follow(struct net_client *c, const char *job)
{
	struct job_watch ask = {.job = job, .wait_ms = WATCH_MS};
	struct arena arena;
	int64_t seen = 0;

	arena_init(&arena);
	for (bool done = false; !done;) {
		arena_reset(&arena);
		struct job_watched *reply = bench_call(c, MESSAGE_job_watch, &ask, &arena);
		for (size_t i = 0; i < reply->events.count; i++) {
			ask.attempt = reply->events.items[i].attempt;
			ask.since = reply->events.items[i].seq;
		}
		seen += (int64_t)reply->events.count;
		done = reply->outcome != NULL;
		if (done && reply->outcome->exit_code != 0) {
			fprintf(stderr, "job %s exits %lld\n", job,
				(long long)reply->outcome->exit_code);
			exit(2);
		}
	}
	arena_fini(&arena);
	return seen;
}
