/* The real machine behind the seams: POSIX threads, CLOCK_BOOTTIME, getrandom. */
#include "shared/base/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "shared/base/banned.h"

/* Deep parse trees recurse: libpg_query has no depth check of its own. Only touched pages cost
 * memory. */
enum { THREAD_STACK = 64 * 1024 * 1024 };

struct thread {
	pthread_t id;
	thread_fn fn;
	void *arg;
	char name[16];
};

struct mutex {
	pthread_mutex_t m;
};

struct cond {
	pthread_cond_t c;
};

static void
must(int rc, const char *what)
{
	if (rc != 0) {
		fprintf(stderr, "confiture: %s: %s\n", what, strerrorname_np(rc));
		abort();
	}
}

static void *
need(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL)
		must(ENOMEM, "allocation");
	return p;
}

static uint64_t
system_boot_ns(struct runtime *rt)
{
	struct timespec ts;

	(void)rt;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static int64_t
system_wall_us(struct runtime *rt)
{
	struct timespec ts;

	(void)rt;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
system_random(struct runtime *rt, void *buf, size_t len)
{
	(void)rt;
	for (char *p = buf; len > 0;) {
		ssize_t n = getrandom(p, len, 0);
		if (n < 0 && errno != EINTR)
			must(errno, "getrandom");
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
}

static void
system_sleep_ns(struct runtime *rt, uint64_t ns)
{
	struct timespec ts = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};

	(void)rt;
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
		;
}

/* Signals are for the main thread alone, so that Ctrl-C interrupts the program and not a worker's
 * system call. */
static void *
thread_main(void *arg)
{
	struct thread *t = arg;

	pthread_setname_np(pthread_self(), t->name);
	t->fn(t->arg);
	return NULL;
}

static struct thread *
system_thread_start(struct runtime *rt, const char *name, thread_fn fn, void *arg)
{
	struct thread *t = need(sizeof(*t));
	pthread_attr_t attr;
	sigset_t all, before;

	(void)rt;
	t->fn = fn;
	t->arg = arg;
	snprintf(t->name, sizeof(t->name), "%s", name);
	must(pthread_attr_init(&attr), "pthread_attr_init");
	must(pthread_attr_setstacksize(&attr, THREAD_STACK), "pthread_attr_setstacksize");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&t->id, &attr, thread_main, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	must(rc, "pthread_create");
	pthread_attr_destroy(&attr);
	return t;
}

static void
system_thread_join(struct runtime *rt, struct thread *t)
{
	(void)rt;
	must(pthread_join(t->id, NULL), "pthread_join");
	free(t);
}

static struct mutex *
system_mutex_new(struct runtime *rt)
{
	struct mutex *m = need(sizeof(*m));

	(void)rt;
	must(pthread_mutex_init(&m->m, NULL), "pthread_mutex_init");
	return m;
}

static void
system_mutex_free(struct runtime *rt, struct mutex *m)
{
	(void)rt;
	if (m == NULL)
		return;
	pthread_mutex_destroy(&m->m);
	free(m);
}

static void
system_mutex_lock(struct runtime *rt, struct mutex *m)
{
	(void)rt;
	must(pthread_mutex_lock(&m->m), "pthread_mutex_lock");
}

static void
system_mutex_unlock(struct runtime *rt, struct mutex *m)
{
	(void)rt;
	must(pthread_mutex_unlock(&m->m), "pthread_mutex_unlock");
}

static struct cond *
system_cond_new(struct runtime *rt)
{
	struct cond *c = need(sizeof(*c));

	(void)rt;
	must(pthread_cond_init(&c->c, NULL), "pthread_cond_init");
	return c;
}

static void
system_cond_free(struct runtime *rt, struct cond *c)
{
	(void)rt;
	if (c == NULL)
		return;
	pthread_cond_destroy(&c->c);
	free(c);
}

/*
 * Deadlines are in boot time, which pthread cannot wait on: the rest is waited on the monotonic
 * clock, in slices of at most a second so that a suspended machine notices soon after it woke.
 */
static bool
system_cond_wait(struct runtime *rt, struct cond *c, struct mutex *m, uint64_t deadline_ns)
{
	if (deadline_ns == RUNTIME_FOREVER) {
		must(pthread_cond_wait(&c->c, &m->m), "pthread_cond_wait");
		return true;
	}
	uint64_t now = system_boot_ns(rt);
	if (now >= deadline_ns)
		return false;
	uint64_t rest = deadline_ns - now;
	bool whole = rest <= NS_PER_S;
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	uint64_t until =
		(uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec + (whole ? rest : NS_PER_S);
	ts = (struct timespec){(time_t)(until / NS_PER_S), (long)(until % NS_PER_S)};
	int rc = pthread_cond_clockwait(&c->c, &m->m, CLOCK_MONOTONIC, &ts);
	if (rc == ETIMEDOUT)
		return !whole;
	must(rc, "pthread_cond_clockwait");
	return true;
}

static void
system_cond_wake(struct runtime *rt, struct cond *c)
{
	(void)rt;
	must(pthread_cond_broadcast(&c->c), "pthread_cond_broadcast");
}

static const char *
read_boot_id(void)
{
	static char id[ID_TEXT];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, id, sizeof(id) - 1);

	if (fd >= 0)
		close(fd);
	/* Without a boot id every process counts as another boot: leases then start anew, never
	 * shorter. */
	if (n < (ssize_t)sizeof(id) - 1)
		runtime_id(runtime_system(), id);
	return id;
}

static const struct runtime_ops system_ops = {
	.boot_ns = system_boot_ns,
	.wall_us = system_wall_us,
	.random = system_random,
	.sleep_ns = system_sleep_ns,
	.thread_start = system_thread_start,
	.thread_join = system_thread_join,
	.mutex_new = system_mutex_new,
	.mutex_free = system_mutex_free,
	.mutex_lock = system_mutex_lock,
	.mutex_unlock = system_mutex_unlock,
	.cond_new = system_cond_new,
	.cond_free = system_cond_free,
	.cond_wait = system_cond_wait,
	.cond_wake = system_cond_wake,
};

struct runtime *
runtime_system(void)
{
	static struct runtime rt = {.ops = &system_ops, .boot_id = ""};

	if (rt.boot_id[0] == '\0') {
		rt.boot_id = "?";
		rt.boot_id = read_boot_id();
	}
	return &rt;
}

void
runtime_id(struct runtime *rt, char out[ID_TEXT])
{
	unsigned char b[16];
	uint64_t ms = (uint64_t)(rt->ops->wall_us(rt) / 1000);

	rt->ops->random(rt, b, sizeof(b));
	for (int i = 0; i < 6; i++)
		b[i] = (unsigned char)(ms >> (40 - 8 * i));
	b[6] = (unsigned char)(0x70 | (b[6] & 0x0f));
	b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
	snprintf(out, ID_TEXT,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		 b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		 b[15]);
}

void
time_print(int64_t wall_us, char out[TIME_TEXT])
{
	int64_t seconds = wall_us / 1000000, micros = wall_us % 1000000;

	if (micros < 0) {
		micros += 1000000;
		seconds--;
	}
	time_t t = (time_t)seconds;
	struct tm tm;
	gmtime_r(&t, &tm);
	snprintf(out, TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%06lldZ", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (long long)micros);
}
