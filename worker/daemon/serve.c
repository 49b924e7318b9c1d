/*
 * The life of the daemon. The main thread waits for signals and feeds the watchdog; a second one
 * keeps the list of targets right, since asking a server that is down takes its time. The process
 * leaves without taking NNG down, which can hang while a connection is being made.
 */
#include "worker/daemon/serve.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shared/base/service.h"
#include "shared/net/nng.h"
#include "worker/daemon/directory.h"
#include "worker/daemon/memory.h"
#include "worker/spool.h"

#include "shared/base/banned.h"

enum {
	LOOK_EVERY_MS = 60000,
	TICK_MS = 1000,
	LINK_SILENT_MS = 90000, /* longer than any ask and greeting take */
	CANCEL_PATIENCE_MS = 30000
};

struct daemon {
	struct runtime *rt;
	const struct config_worker *settings;
	struct log *log;
	struct spool *spool;
	struct directory *directory;
	struct worker *worker;
	uint64_t watchdog_ms, fed_ms;

	struct mutex *lock;
	struct cond *changed;
	bool reload; /* under the lock */
};

/* ---- signals ---- */
static sigset_t
held_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	return set;
}

void
worker_hold_signals(void)
{
	sigset_t set = held_signals();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* The next signal, or 0 when `ms` passed first. */
static int
wait_signal(uint64_t ms)
{
	const struct timespec limit = {.tv_sec = (time_t)(ms / 1000),
				       .tv_nsec = (long)(ms % 1000) * 1000000};
	sigset_t set = held_signals();
	int n = sigtimedwait(&set, NULL, &limit);

	return n > 0 ? n : 0;
}

/* ---- targets ---- */
/* A settings file that is wrong now changes nothing: what was read before holds. */
static void
read_again(struct daemon *d)
{
	struct config_worker fresh;
	struct error err = {0};
	struct arena arena;
	char line[24];

	arena_init(&arena);
	if (config_worker_load(&arena, d->settings->file, &fresh, NULL, &err)) {
		directory_load(d->directory, &fresh);
		log_put(d->log, LEVEL_INFO, "settings read again: their targets hold", NULL);
	} else {
		snprintf(line, sizeof(line), "%u", (unsigned)err.at.line);
		log_error(d->log, LEVEL_ERROR, "settings are wrong: the former targets hold", &err,
			  "file", d->settings->file, "line", line, NULL);
	}
	arena_fini(&arena);
}

static bool
same_targets(const struct worker_hello *a, const struct worker_hello *b)
{
	struct text x, y;

	text_init(&x, 0);
	text_init(&y, 0);
	record_json_named(&x, &record_worker_hello, a);
	record_json_named(&y, &record_worker_hello, b);
	bool same = span_equal(text_span(&x), text_span(&y));
	text_fini(&x);
	text_fini(&y);
	return same;
}

/* Tells the coordinator when something changed. */
static void
look(struct daemon *d)
{
	struct worker_hello before, after;
	struct arena arena;
	char count[24];

	arena_init(&arena);
	directory_hello(d->directory, &arena, &before);
	d->rt->ops->mutex_lock(d->rt, d->lock);
	bool reload = d->reload;
	d->reload = false;
	d->rt->ops->mutex_unlock(d->rt, d->lock);
	if (reload)
		read_again(d);
	directory_look(d->directory);
	directory_hello(d->directory, &arena, &after);
	if (!same_targets(&before, &after)) {
		snprintf(count, sizeof(count), "%zu", after.targets.count);
		log_put(d->log, LEVEL_INFO, "targets changed", "targets", count, NULL);
		worker_serve(d->worker, &after);
	}
	arena_fini(&arena);
	spool_clean(d->spool);
}

static void
look_for_ever(void *arg)
{
	struct daemon *d = arg;

	for (;;) {
		uint64_t until;

		look(d);
		until = runtime_deadline(d->rt, LOOK_EVERY_MS);
		d->rt->ops->mutex_lock(d->rt, d->lock);
		while (!d->reload && d->rt->ops->cond_wait(d->rt, d->changed, d->lock, until))
			;
		d->rt->ops->mutex_unlock(d->rt, d->lock);
	}
}

static void
ask_reload(struct daemon *d)
{
	d->rt->ops->mutex_lock(d->rt, d->lock);
	d->reload = true;
	d->rt->ops->cond_wake(d->rt, d->changed);
	d->rt->ops->mutex_unlock(d->rt, d->lock);
}

/* ---- the watchdog ---- */
static void
feed_watchdog(struct daemon *d)
{
	uint64_t now = runtime_boot_ms(d->rt);

	if (d->watchdog_ms == 0 || now < d->fed_ms + d->watchdog_ms / 2)
		return;
	if (now > worker_alive_ns(d->worker) / NS_PER_MS + LINK_SILENT_MS) {
		log_put(d->log, LEVEL_ERROR, "the link does not move: the watchdog is not fed",
			NULL);
		return;
	}
	service_notify("WATCHDOG=1");
	d->fed_ms = now;
}

/* ---- the end ---- */
static void
cancel(struct daemon *d, const char *why)
{
	log_put(d->log, LEVEL_WARNING, "cancelling what still runs", "why", why, NULL);
	worker_cancel(d->worker);
}

static int
stop(struct daemon *d)
{
	uint64_t now = runtime_boot_ms(d->rt);
	uint64_t patience = now + (uint64_t)d->settings->stop_timeout_ms, end = 0;

	log_put(d->log, LEVEL_INFO, "stopping: no new jobs", NULL);
	service_notify("STOPPING=1\nSTATUS=waiting for the jobs that run");
	while (!worker_drain(d->worker, runtime_deadline(d->rt, TICK_MS / 4))) {
		const char *why = NULL;
		now = runtime_boot_ms(d->rt);
		feed_watchdog(d);
		if (end == 0 && now >= patience)
			why = "stop_timeout has passed";
		int n = wait_signal(0);
		if (end == 0 && (n == SIGTERM || n == SIGINT))
			why = "a second signal";
		if (why != NULL) {
			cancel(d, why);
			end = now + CANCEL_PATIENCE_MS;
		}
		if (end != 0 && now >= end) {
			log_put(d->log, LEVEL_ERROR,
				"left with jobs that did not end: the next attempt settles them",
				NULL);
			return 1;
		}
	}
	log_put(d->log, LEVEL_INFO, "stopped", NULL);
	return 0;
}

static int
wait_for_end(struct daemon *d)
{
	for (;;) {
		int n = wait_signal(TICK_MS);
		feed_watchdog(d);
		if (n == SIGHUP)
			ask_reload(d);
		else if (n != 0)
			return stop(d);
	}
}

/* ---- the beginning ---- */
static int
failed(struct daemon *d, const struct error *err)
{
	log_error(d->log, LEVEL_ERROR, "cannot start", err, NULL);
	return err->code->exit_code;
}

static struct net_client *
dial(struct daemon *d, struct error *err)
{
	const struct config_worker *s = d->settings;
	const struct net_nng_dial config = {.urls = s->urls,
					    .url_count = s->url_count,
					    .token = s->token,
					    .ca_file = s->ca_file,
					    .cert_file = s->cert_file,
					    .key_file = s->key_file,
					    .server_name = s->server_name};

	return net_nng_dial(d->rt, &config, err);
}

static void
start_worker(struct daemon *d, struct net_client *client, struct target_factory *factory)
{
	char host[HOST_NAME_MAX + 1] = "worker";
	struct worker_hello hello;
	struct arena arena;

	(void)!gethostname(host, sizeof(host) - 1);
	arena_init(&arena);
	directory_load(d->directory, d->settings);
	directory_hello(d->directory, &arena, &hello);
	const struct worker_config config = {
		.name = strdup(d->settings->name != NULL ? d->settings->name : host),
		.directory = directory_base(d->directory),
		.factory = factory,
		.loader = schema_loader_postgres(),
		.hello = &hello,
		.spool = d->spool,
		.memory = memory_new(d->settings->spool_dir),
		.log = d->log,
		.max_jobs = d->settings->max_jobs};
	d->worker = worker_start(d->rt, client, &config);
	arena_fini(&arena);
}

int
worker_serve_until_signal(struct runtime *rt, const struct config_worker *settings,
			  struct target_factory *factory)
{
	const struct spool_config spool = {.dir = settings->spool_dir,
					   .most_bytes = settings->spool_max_bytes,
					   .keep_ms = settings->spool_keep_ms};
	static struct daemon d; /* threads use it until the process ends */
	enum log_level level = LEVEL_INFO;
	enum log_format format = LOG_TEXT;
	struct error err = {0};

	(void)!log_level_named(settings->log_level, &level);
	(void)!log_format_named(settings->log_format, &format);
	d = (struct daemon){.rt = rt, .settings = settings};
	d.log = log_new(rt, STDERR_FILENO, level, format);
	d.lock = rt->ops->mutex_new(rt);
	d.changed = rt->ops->cond_new(rt);
	d.watchdog_ms = service_watchdog_ms();
	d.directory = directory_new(rt, d.log);
	if (!spool_open(rt, &spool, &d.spool, &err))
		return failed(&d, &err);
	struct net_client *client = dial(&d, &err);
	if (client == NULL)
		return failed(&d, &err);
	log_put(d.log, LEVEL_INFO, "started", "version", CONFITURE_VERSION, "settings",
		settings->file, "coordinator", settings->urls[0], NULL);
	start_worker(&d, client, factory);
	rt->ops->thread_start(rt, "targets", look_for_ever, &d);
	service_notify("READY=1\nSTATUS=serving");
	return wait_for_end(&d);
}
