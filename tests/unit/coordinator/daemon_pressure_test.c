/*
 * Many times the work that fits, over ws, at once: what is acknowledged is there after a kill -9,
 * what is not is refused with its code, a stranger to the crowd is answered all the while, and the
 * program's memory stays what its limits say.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/coordinator/daemon_house.h"

#include "shared/base/banned.h"

enum { AGENTS = 6, THREADS = 16, TRIES = 40, OPEN = 300, OWN = 80, MEMORY_KB = 64 * 1024 };

static struct daemon_house h;

/* One of those that submit without a pause; all of an agent share its connection. */
struct pusher {
	struct net_client *client;
	struct thread *thread;
	struct arena arena;
	const char *jobs[TRIES]; /* acknowledged */
	size_t accepted, refused;
	struct error other; /* anything but a refusal for want of room */
};

static void
push(void *arg)
{
	struct pusher *p = arg;
	struct job_options options = {.command = "migrate up"};
	struct job_spec spec = {
		.kind = "apply", .target = "db", .environment = "db", .options = &options};

	for (int i = 0; i < TRIES; i++) {
		char key[ID_TEXT];
		struct job_submit m = {.spec = &spec, .idempotency_key = key};
		struct error err = {0};
		void *reply = NULL;

		runtime_id(h.rt, key);
		if (net_call(p->client, MESSAGE_job_submit, &m, runtime_deadline(h.rt, 60000),
			     &p->arena, &reply, &err))
			p->jobs[p->accepted++] = ((struct job_submitted *)reply)->job;
		else if (error_is(&err, E_JOB_006) && err.retryable)
			p->refused++;
		else
			p->other = err;
	}
}

static void
open_target(struct net_client *worker)
{
	struct worker_target target = {.name = "db", .environment = "db", .target_key = "here/db"};
	struct worker_hello m = {.version = "1.0.0", .targets = {&target, 1}};

	REQUIRE(daemon_ask(&h, worker, MESSAGE_worker_hello, &m) != NULL);
}

static long
memory_kb(pid_t pid)
{
	char path[64], line[128];
	long kb = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	REQUIRE(f != NULL);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "VmRSS:", 6) == 0)
			kb = strtol(line + 6, NULL, 10);
	}
	fclose(f);
	return kb;
}

static struct job_list *
open_jobs(struct net_client *from)
{
	struct job_list_request m = {.limit = 1000, .open_only = true};
	struct job_list *list = daemon_ask(&h, from, MESSAGE_job_list_request, &m);

	REQUIRE(list != NULL);
	return list;
}

static bool
listed(const struct job_list *list, const char *job)
{
	for (size_t i = 0; i < list->jobs.count; i++) {
		if (strcmp(list->jobs.items[i].id, job) == 0)
			return true;
	}
	return false;
}

static void
start_crowd(struct pusher *crowd, struct net_client **agents)
{
	for (size_t a = 0; a < AGENTS; a++) {
		char identity[32];
		snprintf(identity, sizeof(identity), "agent:a%zu", a);
		agents[a] = daemon_dial(&h, daemon_token(&h, identity));
	}
	for (size_t i = 0; i < (size_t)AGENTS * THREADS; i++) {
		crowd[i].client = agents[i / THREADS];
		arena_init(&crowd[i].arena);
		crowd[i].thread = h.rt->ops->thread_start(h.rt, "push", push, &crowd[i]);
	}
}

/* How many are acknowledged; each is open, and nobody was told anything else than "no room". */
static size_t
check_crowd(const struct pusher *crowd, const struct job_list *list)
{
	size_t accepted = 0, refused = 0, missing = 0;

	for (size_t i = 0; i < (size_t)AGENTS * THREADS; i++) {
		const struct pusher *p = &crowd[i];
		accepted += p->accepted;
		refused += p->refused;
		for (size_t k = 0; k < p->accepted; k++)
			missing += !listed(list, p->jobs[k]);
		if (p->other.code != NULL)
			CHECK_STR(p->other.message, "");
	}
	CHECK_INT(accepted + refused, AGENTS * THREADS * TRIES);
	CHECK_INT(missing, 0);
	return accepted;
}

static void
p16_a_crowd_gets_what_fits_and_the_rest_is_refused_and_nothing_is_lost(void)
{
	static struct pusher crowd[AGENTS * THREADS];
	struct net_client *agents[AGENTS];

	setenv("ASAN_OPTIONS", "quarantine_size_mb=8", 0);
	daemon_open(&h, "limits:\n  open_jobs: 300\n  open_jobs_per_agent: 80\n");
	struct net_client *chief = daemon_dial(&h, daemon_operator(&h));
	struct net_client *worker = daemon_dial(&h, daemon_token(&h, "worker:w1@db"));
	open_target(worker);
	long before = memory_kb(h.pid);
	start_crowd(crowd, agents);
	for (size_t i = 0; i < (size_t)AGENTS * THREADS; i++) {
		(void)open_jobs(chief);
		h.rt->ops->thread_join(h.rt, crowd[i].thread);
	}
	CHECK(memory_kb(h.pid) < before + MEMORY_KB);
	struct job_list *list = open_jobs(chief);
	CHECK_INT(check_crowd(crowd, list), OPEN);
	CHECK_INT(list->total, OPEN);
	CHECK_INT(daemon_end(&h, SIGKILL), 128 + SIGKILL);
	daemon_start(&h);
	list = open_jobs(chief);
	CHECK_INT(check_crowd(crowd, list), OPEN);
	for (size_t i = 0; i < (size_t)AGENTS * THREADS; i++) {
		CHECK(crowd[i].accepted <= OWN);
		arena_fini(&crowd[i].arena);
	}
	for (size_t a = 0; a < AGENTS; a++)
		net_nng_client_free(agents[a]);
	net_nng_client_free(worker);
	net_nng_client_free(chief);
	daemon_close(&h);
}

static const struct unit_case cases[] = {
	CASE(p16_a_crowd_gets_what_fits_and_the_rest_is_refused_and_nothing_is_lost),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/daemon_pressure", cases, ARRAY_LEN(cases), argc, argv);
}
