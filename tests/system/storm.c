/*
 * A storm over a real coordinator: 8 processes of 4 threads connect, ask and leave without a pause;
 * 2 more break off, talk nonsense and escape paths; one thread asks and never reads an answer. One
 * process of them is killed each 150 ms. All the while a fresh client must be answered within 5 s;
 * afterwards descriptors and memory are what they were. A long target:
 *
 *   storm [RUNS [SECONDS]]
 *
 * Not a test of ctest, since one run takes a minute of both cores.
 */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/base/parse.h"
#include "tests/support/fleet.h"
#include "tests/unit/net/nng_attack.h"
#include "tests/unit/net/nng_house.h"

#include "shared/base/banned.h"

enum {
	CHURNERS = 8,
	ATTACKERS = 2,
	PROCESSES = CHURNERS + ATTACKERS,
	THREADS = 4,
	KILL_MS = 150,
	FRESH_MS = 5000,
	MEMORY_KB = 32 * 1024,
	REST_MS = 100 * 1000 /* silent connections are closed after 90 s */
};

extern char **environ;

static bool
greet(struct net_client *c, uint64_t ms, struct error *err)
{
	struct hello hello = {
		.protocol_min = 1, .protocol_max = 1, .program = "storm", .version = "1"};
	struct arena arena;
	void *reply;

	arena_init(&arena);
	bool ok = net_call(c, MESSAGE_hello, &hello, runtime_deadline(runtime_system(), ms), &arena,
			   &reply, err);
	arena_fini(&arena);
	return ok;
}

/* ---- one of the storm's processes ---- */
struct aim {
	int port;
	const char *token;
};

static void
churn(void *arg)
{
	const struct aim *aim = arg;

	for (;;) {
		struct net_client *c = house_client(aim->port, aim->token);
		struct error err = {0};
		(void)!greet(c, 10000, &err);
		net_nng_client_free(c);
	}
}

static void
attack(void *arg)
{
	const struct aim *aim = arg;

	for (unsigned i = 0;; i++) {
		int fd = raw_connect(aim->port);
		if (fd < 0)
			continue;
		raw_attack(fd, i, aim->token);
		if (i % 3 == 0)
			close(fd);
		else
			raw_reset(fd);
	}
}

/* Asks until it is thrown out, and reads nothing. */
static void
never_read(void *arg)
{
	const struct aim *aim = arg;
	struct audit_show_request request = {.limit = 100};

	for (;;) {
		int fd = raw_connect(aim->port), few = 4096;
		if (fd < 0)
			continue;
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &few, sizeof(few));
		uint32_t id = 0;
		if (raw_upgrade(fd, aim->token))
			while (raw_request(fd, id++, MESSAGE_audit_show_request, &request))
				;
		close(fd);
	}
}

static int
rage(const struct aim *aim, bool attacks)
{
	struct runtime *rt = runtime_system();
	struct aim own = *aim;

	for (int i = 1; i < THREADS; i++)
		(void)rt->ops->thread_start(rt, "storm", attacks ? attack : churn, &own);
	if (attacks)
		never_read(&own);
	churn(&own);
	return 0;
}

static pid_t
spawn_one(const struct aim *aim, int which)
{
	char number[16], token[128], churner[] = "churn", attacker[] = "attack", name[] = "storm";
	char *argv[] = {name, which < CHURNERS ? churner : attacker, number, token, NULL};
	pid_t pid = -1;

	snprintf(number, sizeof(number), "%d", aim->port);
	snprintf(token, sizeof(token), "%s", aim->token);
	return posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ) == 0 ? pid : -1;
}

/* ---- the fresh client ---- */
struct figures {
	int kills, answered, silent;
	uint64_t worst_ms;
};

static void
ask_fresh(const struct aim *aim, struct figures *f)
{
	struct net_client *c = house_client(aim->port, aim->token);
	struct error err = {0};
	uint64_t began = runtime_boot_ms(runtime_system());
	bool ok = greet(c, FRESH_MS, &err);
	uint64_t took = runtime_boot_ms(runtime_system()) - began;

	net_nng_client_free(c);
	f->answered += ok;
	f->silent += !ok;
	f->worst_ms = took > f->worst_ms ? took : f->worst_ms;
	if (!ok)
		fprintf(stderr, "no answer after %llu ms: %s (%s)\n", (unsigned long long)took,
			err.message, err.cause);
}

static void
storm(const struct aim *aim, int64_t seconds, struct figures *f)
{
	struct runtime *rt = runtime_system();
	pid_t pids[PROCESSES];
	uint64_t until = runtime_boot_ms(rt) + (uint64_t)seconds * 1000;

	for (int i = 0; i < PROCESSES; i++)
		pids[i] = spawn_one(aim, i);
	while (runtime_boot_ms(rt) < until) {
		uint64_t next = runtime_boot_ms(rt) + KILL_MS;
		int i = f->kills++ % PROCESSES;
		house_kill(pids[i], SIGKILL);
		pids[i] = spawn_one(aim, i);
		if (f->kills % 4 == 0)
			ask_fresh(aim, f);
		uint64_t now = runtime_boot_ms(rt);
		if (now < next)
			rt->ops->sleep_ns(rt, (next - now) * NS_PER_MS);
	}
	for (int i = 0; i < PROCESSES; i++)
		house_kill(pids[i], SIGKILL);
}

/* One coordinator for all runs: what is left behind adds up and is seen. */
static bool
run(const struct aim *aim, pid_t server, int64_t seconds, int fds, long kb)
{
	struct figures f = {0};

	storm(aim, seconds, &f);
	uint64_t until = runtime_boot_ms(runtime_system()) + REST_MS;
	while ((house_descriptors(server) > fds || house_memory_kb(server) > kb + MEMORY_KB) &&
	       runtime_boot_ms(runtime_system()) < until)
		usleep(100 * 1000);
	bool alive = house_alive(server);
	int fds_after = house_descriptors(server);
	long kb_after = house_memory_kb(server);
	printf("%d kills; fresh clients: %d answered, %d not, worst %llu ms; descriptors %d -> %d; "
	       "memory %ld -> %ld KB; coordinator %s\n",
	       f.kills, f.answered, f.silent, (unsigned long long)f.worst_ms, fds, fds_after, kb,
	       kb_after, alive ? "alive" : "DEAD");
	fflush(stdout);
	return alive && f.silent == 0 && fds_after <= fds + 1 && kb_after <= kb + MEMORY_KB;
}

static int
run_all(int64_t runs, int64_t seconds)
{
	struct figures first = {0};
	struct fleet f;
	int64_t good = 0;
	char token[128];

	fleet_open(&f, NULL);
	snprintf(token, sizeof(token), "%s", fleet_token(&f, "operator:storm", NULL));
	struct aim aim = {.port = f.port, .token = token};
	ask_fresh(&aim, &first);
	sleep(1);
	int fds = house_descriptors(f.daemon.pid);
	long kb = house_memory_kb(f.daemon.pid);
	for (int64_t i = 0; i < runs; i++)
		good += run(&aim, f.daemon.pid, seconds, fds, kb);
	printf("%lld of %lld runs good\n", (long long)good, (long long)runs);
	fleet_close(&f);
	fflush(stdout);
	/* Clients that were just connecting must not be waited for. */
	_exit(good == runs ? 0 : 1);
}

int
main(int argc, char **argv)
{
	int64_t runs = 10, seconds = 60, port;

	if (argc == 4 && parse_int(argv[2], &port)) {
		struct aim aim = {.port = (int)port, .token = argv[3]};
		return rage(&aim, strcmp(argv[1], "attack") == 0);
	}
	if (argc > 3 || (argc >= 2 && !parse_int(argv[1], &runs)) ||
	    (argc == 3 && !parse_int(argv[2], &seconds)))
		return 2;
	return run_all(runs, seconds);
}
