/*
 * A storm: 8 processes of 4 threads connect, ask and leave without a pause, and one of them is
 * killed each 150 ms. All the while a fresh client must be answered within 5 s; afterwards the
 * server's descriptors and memory are what they were. A long target:
 *
 *   storm [seconds]
 *
 * Not a test of ctest, since one run takes a minute of both cores.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/base/parse.h"
#include "tests/unit/net/nng_house.h"

#include "shared/base/banned.h"

enum { PROCESSES = 8, THREADS = 4, KILL_MS = 150, FRESH_MS = 5000, MEMORY_KB = 32 * 1024 };

extern char **environ;

/* ---- one of the storm's processes ---- */
static void
churn(void *arg)
{
	const int *port = arg;

	for (;;) {
		struct net_client *c = house_client(*port, "good");
		struct error err = {0};
		(void)!house_echo(c, "storm", 10000, &err);
		net_nng_client_free(c);
	}
}

static int
churn_all(int port)
{
	struct runtime *rt = runtime_system();
	struct thread *threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		threads[i] = rt->ops->thread_start(rt, "churn", churn, &port);
	rt->ops->thread_join(rt, threads[0]);
	return 0;
}

static pid_t
spawn_one(char *self, int port)
{
	char number[16], word[] = "churn";
	char *argv[] = {self, word, number, NULL};
	pid_t pid = -1;

	snprintf(number, sizeof(number), "%d", port);
	return posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ) == 0 ? pid : -1;
}

/* ---- the fresh client ---- */
struct figures {
	int kills, answered, silent;
	uint64_t worst_ms;
};

static void
ask_fresh(int port, struct figures *f)
{
	struct net_client *c = house_client(port, "good");
	struct error err = {0};
	uint64_t began = runtime_boot_ms(runtime_system());
	bool ok = house_echo(c, "fresh", FRESH_MS, &err);
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
storm(char *self, int port, int64_t seconds, struct figures *f)
{
	struct runtime *rt = runtime_system();
	pid_t pids[PROCESSES];
	uint64_t until = runtime_boot_ms(rt) + (uint64_t)seconds * 1000;

	for (int i = 0; i < PROCESSES; i++)
		pids[i] = spawn_one(self, port);
	while (runtime_boot_ms(rt) < until) {
		uint64_t next = runtime_boot_ms(rt) + KILL_MS;
		int i = f->kills++ % PROCESSES;
		house_kill(pids[i], SIGKILL);
		pids[i] = spawn_one(self, port);
		if (f->kills % 4 == 0)
			ask_fresh(port, f);
		uint64_t now = runtime_boot_ms(rt);
		if (now < next)
			rt->ops->sleep_ns(rt, (next - now) * NS_PER_MS);
	}
	for (int i = 0; i < PROCESSES; i++)
		house_kill(pids[i], SIGKILL);
}

static int
run(char *self, int64_t seconds)
{
	struct figures f = {0};
	int port = house_port();
	pid_t server = house_spawn(port);

	ask_fresh(port, &f);
	sleep(1);
	int fds = house_descriptors(server);
	long kb = house_memory_kb(server);
	storm(self, port, seconds, &f);
	for (int i = 0; i < 100 && house_descriptors(server) > fds; i++)
		usleep(100 * 1000);
	bool alive = house_alive(server);
	int fds_after = house_descriptors(server);
	long kb_after = house_memory_kb(server);
	printf("%d kills; fresh clients: %d answered, %d not, worst %llu ms; descriptors %d -> %d; "
	       "memory %ld -> %ld KB; server %s\n",
	       f.kills, f.answered, f.silent, (unsigned long long)f.worst_ms, fds, fds_after, kb,
	       kb_after, alive ? "alive" : "DEAD");
	house_kill(server, SIGTERM);
	fflush(stdout);
	/* Clients that were just connecting must not be waited for. */
	_exit(alive && f.silent == 0 && fds_after <= fds + 1 && kb_after <= kb + MEMORY_KB ? 0 : 1);
}

int
main(int argc, char **argv)
{
	int64_t number = 60;

	if (argc == 3 && strcmp(argv[1], "churn") == 0 && parse_int(argv[2], &number))
		return churn_all((int)number);
	if (argc > 2 || (argc == 2 && !parse_int(argv[1], &number)))
		return 2;
	return run(argv[0], number);
}
