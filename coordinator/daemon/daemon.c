/*
 * The program around the core. The core's loop has a thread of its own; the main thread waits for
 * signals and looks, a few times a second, after what changes from outside: tokens in the journal,
 * the health of the network library, the service manager's watchdog.
 */
#include "coordinator/daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "coordinator/coordinator.h"
#include "coordinator/daemon/copies.h"
#include "coordinator/daemon/tokens.h"
#include "shared/base/service.h"
#include "shared/net/nng.h"
#include "shared/sql/sandbox.h"

#include "shared/base/banned.h"

enum { TICK_MS = 250, HEALTH_MS = 5000, TRIM_MS = 30000, ANSWER_MS = 2000, ANSWER_STEP_MS = 20 };

struct daemon {
	struct runtime *rt;
	const struct daemon_config *config;
	struct arena arena;
	struct log *log;
	int lock_fd; /* on a file beside the journal */
	struct journal *journal;
	struct tokens *tokens;
	struct net_server *server;
	struct coordinator *core;
	struct sql_sandbox *sandbox;
	struct thread *loop;
	struct copies *copies; /* NULL: none are made */

	uint64_t health_at_ms, beat_at_ms, trim_at_ms;
	uint64_t beat; /* of the core, when it was last asked */
	bool restart;
};

/* ---- start ---- */
/* Two coordinators on one journal would both give its jobs out. */
bool
daemon_lock_journal(const char *journal, int *fd, struct error *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s.lock", journal);
	*fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		return error_errno(err, E_JRNL_001, errno, "%s cannot be opened", path);
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	return error_set(err, E_JRNL_001, "another coordinator runs on the journal %s", journal);
}

static bool
open_tokens(struct daemon *d, struct error *err)
{
	const char *path;
	bool made, changed;

	if (!token_local(d->journal, d->rt, &path, &made, &d->arena, err))
		return false;
	if (made)
		log_put(d->log, LEVEL_INFO, "operator token written", "file", path, NULL);
	d->tokens = tokens_new(d->rt, d->journal, d->config->proxy_secret);
	return tokens_poll(d->tokens, true, &changed, err);
}

static bool
authenticate(void *self, const struct net_credentials *shown, struct arena *arena,
	     struct net_peer *peer, struct error *err)
{
	struct daemon *d = self;
	struct error why = {0};

	if (tokens_authenticate(d->tokens, shown, arena, peer, &why))
		return true;
	log_error(d->log, LEVEL_WARNING, "connection refused", &why, NULL);
	if (err != NULL)
		*err = why;
	return false;
}

static bool
listen_for(struct daemon *d, struct error *err)
{
	const struct daemon_config *c = d->config;
	struct net_nng_listen config = {
		.url = c->listen,
		.insecure_bind = c->insecure_bind,
		.authenticate = authenticate,
		.self = d,
		.per_connection = (uint32_t)c->requests_per_connection,
		.in_all = (uint32_t)c->requests,
		.connections = (uint32_t)c->connections,
	};

	d->server = net_nng_listen(d->rt, &config, err);
	return d->server != NULL;
}

static void
run_core(void *arg)
{
	coordinator_run(arg);
}

static bool
start(struct daemon *d, struct error *err)
{
	const struct daemon_config *c = d->config;

	if (!journal_open(d->rt, c->journal, true, &d->journal, err) ||
	    !daemon_lock_journal(c->journal, &d->lock_fd, err) || !open_tokens(d, err) ||
	    !listen_for(d, err))
		return false;
	d->sandbox = sql_sandbox_new(d->rt, &(struct sql_sandbox_options){.program = NULL});
	struct coordinator_config core = {.journal = c->journal,
					  .lease_ms = c->lease_ms,
					  .retention_days = c->retention_days,
					  .open_jobs_max = c->open_jobs,
					  .open_jobs_per_agent_max = c->open_jobs_per_agent,
					  .intents_per_agent = c->intents_per_agent,
					  .file_bytes_max = c->file_bytes,
					  .files_bytes_max = c->files_bytes,
					  .parser = sql_sandbox_parser(d->sandbox),
					  .log = d->log};
	d->core = coordinator_new(d->rt, d->server, &core);
	d->loop = d->rt->ops->thread_start(d->rt, "coordinator", run_core, d->core);
	d->copies = copies_start(d->rt, c, d->log);
	log_put(d->log, LEVEL_INFO, "coordinator started", "version", CONFITURE_VERSION, "listen",
		c->listen, "journal", c->journal, NULL);
	return true;
}

/* ---- while it runs ---- */
static void
watch_tokens(struct daemon *d, bool always)
{
	struct error err = {0};
	bool changed = false;

	if (!tokens_poll(d->tokens, always, &changed, &err))
		log_error(d->log, LEVEL_WARNING, "tokens not read", &err, NULL);
	if (changed || always)
		net_nng_reauthenticate(d->server);
}

static void
watch_health(struct daemon *d, uint64_t now_ms)
{
	struct net_health health;
	const char *why = NULL;

	if (now_ms < d->health_at_ms)
		return;
	d->health_at_ms = now_ms + HEALTH_MS;
	net_nng_health(d->server, &health);
	if (net_nng_judge(&health, &why) == NET_HEALTHY)
		return;
	log_put(d->log, LEVEL_ERROR, "network library is sick; starting anew", "why", why, NULL);
	d->restart = true;
}

/* What a crowd needed goes back to the system when it has gone. */
static void
give_back(struct daemon *d, uint64_t now_ms)
{
	if (now_ms < d->trim_at_ms)
		return;
	d->trim_at_ms = now_ms + TRIM_MS;
	(void)malloc_trim(0);
}

/* The service manager hears from us only while the core's loop goes round. */
static void
feed_watchdog(struct daemon *d, uint64_t now_ms)
{
	uint64_t every = service_watchdog_ms();

	if (every == 0 || now_ms < d->beat_at_ms)
		return;
	d->beat_at_ms = now_ms + every;
	uint64_t beat = coordinator_beat(d->core);
	if (beat != d->beat)
		service_notify("WATCHDOG=1");
	d->beat = beat;
}

/* What cannot change while it runs is not looked at. */
static void
reload(struct daemon *d)
{
	struct daemon_config now;
	struct error err = {0};
	struct arena arena;

	arena_init(&arena);
	if (daemon_config_load(&arena, d->config->file, &now, &err)) {
		log_change(d->log, now.log_level, now.log_format);
		log_put(d->log, LEVEL_INFO, "configuration read again", NULL);
	} else {
		log_error(d->log, LEVEL_ERROR, "configuration not read again", &err, NULL);
	}
	arena_fini(&arena);
	watch_tokens(d, true);
}

static void
wait_for_end(struct daemon *d, const sigset_t *signals)
{
	const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};

	while (!d->restart) {
		int signal = sigtimedwait(signals, NULL, &tick);
		uint64_t now_ms = runtime_boot_ms(d->rt);
		if (signal == SIGTERM || signal == SIGINT) {
			log_put(d->log, LEVEL_INFO, "coordinator ends", "signal",
				signal == SIGTERM ? "SIGTERM" : "SIGINT", NULL);
			return;
		}
		if (signal == SIGHUP)
			reload(d);
		if (signal == SIGUSR2) {
			log_put(d->log, LEVEL_INFO, "starting anew", "signal", "SIGUSR2", NULL);
			d->restart = true;
		}
		watch_tokens(d, false);
		watch_health(d, now_ms);
		feed_watchdog(d, now_ms);
		give_back(d, now_ms);
	}
}

/* ---- end ---- */
/* Answers are on their way when the loop ends. */
static void
let_answers_out(struct daemon *d)
{
	uint64_t until = runtime_boot_ms(d->rt) + ANSWER_MS;
	struct net_health health = {.outstanding = 1};

	while (runtime_boot_ms(d->rt) < until) {
		net_nng_health(d->server, &health);
		if (health.outstanding == 0)
			break;
		d->rt->ops->sleep_ns(d->rt, ANSWER_STEP_MS * NS_PER_MS);
	}
}

static void
stop(struct daemon *d)
{
	copies_stop(d->copies);
	if (d->loop != NULL) {
		coordinator_stop(d->core);
		d->rt->ops->thread_join(d->rt, d->loop);
		let_answers_out(d);
	}
	coordinator_free(d->core);
	sql_sandbox_free(d->sandbox);
	if (d->server != NULL)
		net_nng_server_free(d->server);
	tokens_free(d->tokens);
	journal_close(d->journal);
	if (d->lock_fd >= 0)
		close(d->lock_fd);
}

bool
daemon_run(struct runtime *rt, const struct daemon_config *config, bool *restart, struct error *err)
{
	struct daemon d = {.rt = rt, .config = config, .lock_fd = -1};
	sigset_t signals;

	/* Before there is any other thread, so that all of them leave these to this one. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR2);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	arena_init(&d.arena);
	d.log = log_new(rt, STDERR_FILENO, config->log_level, config->log_format);
	bool ok = start(&d, err);
	if (ok) {
		service_notify("READY=1");
		wait_for_end(&d, &signals);
		service_notify(d.restart ? "RELOADING=1" : "STOPPING=1");
	}
	stop(&d);
	log_free(d.log);
	arena_fini(&d.arena);
	*restart = d.restart;
	return ok;
}
