/*
 * Coordinator and workers for tests. They are the programs that people run, with files as people
 * write them; only their folder and their port are made up.
 */
#include "tests/support/fleet.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { START_SECONDS = 30, TEXTS = 8 };

static const char *
program(const char *variable, const char *built)
{
	const char *other = getenv(variable);

	return other != NULL && other[0] != '\0' ? other : built;
}

static const char *text(const char *fmt, ...) PRINTF_LIKE(1, 2);

static const char *
text(const char *fmt, ...)
{
	static char ring[TEXTS][512];
	static unsigned next;
	char *slot = ring[next++ % TEXTS];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(slot, sizeof(ring[0]), fmt, ap);
	va_end(ap);
	return slot;
}

static void
write_file(const char *path, mode_t mode, const char *content)
{
	FILE *file = fopen(path, "w");

	REQUIRE(file != NULL);
	REQUIRE(fchmod(fileno(file), mode) == 0);
	REQUIRE(fputs(content, file) >= 0);
	REQUIRE(fclose(file) == 0);
}

static char *
read_file(const char *path)
{
	char *content = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "r");

	if (file == NULL || getdelim(&content, &size, '\0', file) < 0) {
		free(content);
		content = strdup("");
	}
	if (file != NULL)
		fclose(file);
	REQUIRE(content != NULL);
	return content;
}

static void
pause_ms(long ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&ts, NULL);
}

/* ---- ports ---- */

static int
bound_socket(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	REQUIRE(fd >= 0);
	REQUIRE(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
	REQUIRE(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

int
free_port(void)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	int fd = bound_socket(0);

	REQUIRE(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
	close(fd);
	return ntohs(address.sin_port);
}

/* ---- programs that log into a file, so that nobody has to read along ---- */

static const char *
log_file(struct fleet *f, const char *who)
{
	return text("%s/%s.log", f->dir, who);
}

static void
start(struct fleet *f, struct process *p, const char *who, const char *program_file,
      const char *settings, const char *const *env)
{
	const char *argv[] = {
		"/bin/sh",
		"-c",
		"log=$1; shift; exec \"$@\" > \"$log\" 2>&1",
		"sh",
		log_file(f, who),
		program_file,
		"--config",
		settings,
		NULL,
	};

	const char *all[16] = {"LSAN_OPTIONS=suppressions=" CONFITURE_SOURCE_DIR
			       "/tests/support/lsan.supp:print_suppressions=0"};
	for (size_t i = 0; env != NULL && env[i] != NULL && i + 2 < 16; i++)
		all[i + 1] = env[i];
	process_free(p);
	(void)unlink(log_file(f, who)); /* what it said before it was started is not awaited */
	REQUIRE(process_start(p, &(struct process_spec){.argv = argv, .env = all}));
}

char *
fleet_log(struct fleet *f, const char *who)
{
	return read_file(log_file(f, who));
}

static bool
has_said(struct fleet *f, const char *who, const char *words)
{
	char *log = fleet_log(f, who);
	bool yes = strstr(log, words) != NULL;

	free(log);
	return yes;
}

bool
fleet_said(struct fleet *f, const char *who, const char *words, int seconds)
{
	for (int i = 0; i < seconds * 50; i++) {
		if (has_said(f, who, words))
			return true;
		pause_ms(20);
	}
	return false;
}

/* What must come, or the process's log is shown and the case ends. */
static void
await(struct fleet *f, struct process *p, const char *who, const char *words)
{
	for (int i = 0; i < START_SECONDS * 50 && !has_said(f, who, words); i++) {
		if (process_wait(p, 0))
			break;
		pause_ms(20);
	}
	if (!has_said(f, who, words)) {
		char *log = fleet_log(f, who);
		fprintf(stderr, "-- %s never said \"%s\"\n%s", who, words, log);
		free(log);
		REQUIRE(false && "it starts");
	}
}

long
fleet_peak_kb(const struct process *p)
{
	char *status = read_file(text("/proc/%d/status", (int)p->pid));
	const char *at = strstr(status, "VmHWM:");
	long kb = at != NULL ? strtol(at + strlen("VmHWM:"), NULL, 10) : 0;

	free(status);
	return kb;
}

/* ---- coordinator ---- */

static const char *
coordinator_file(struct fleet *f)
{
	return text("%s/coordinator.yaml", f->dir);
}

void
fleet_start(struct fleet *f)
{
	start(f, &f->daemon, "coordinator",
	      program("CONFITURE_COORDINATOR_PROGRAM", CONFITURE_COORDINATOR_BUILT),
	      coordinator_file(f), NULL);
	await(f, &f->daemon, "coordinator", "coordinator started");
}

void
fleet_kill(struct fleet *f, int signal)
{
	process_signal(&f->daemon, signal);
	CHECK(process_wait(&f->daemon, START_SECONDS));
}

const char *
fleet_token(struct fleet *f, const char *identity, const char *options)
{
	const char *argv[16] = {
		program("CONFITURE_COORDINATOR_PROGRAM", CONFITURE_COORDINATOR_BUILT),
		"--config",
		coordinator_file(f),
		"token",
		"create",
		identity,
	};
	struct process p;
	char *copy = strdup(options ? options : "");
	char *rest = copy;
	size_t n = 6;

	for (char *word; (word = strsep(&rest, " ")) != NULL && n + 1 < 16;) {
		if (word[0] != '\0')
			argv[n++] = word;
	}
	if (process_run(&p, &(struct process_spec){.argv = argv}) != 0) {
		fprintf(stderr, "%s%s", p.out, p.err);
		REQUIRE(false && "a token can be made");
	}
	free(copy);
	const char *start = strstr(p.out, "confiture_");
	REQUIRE(start != NULL);
	const char *token = text("%.*s", (int)strcspn(start, " \t\r\n"), start);
	process_free(&p);
	return token;
}

void
fleet_token_revoke(struct fleet *f, const char *identity)
{
	static const char script[] = "\"$1\" --config \"$2\" token list | grep -F \"$3\" | "
				     "while read -r id rest; do \"$1\" --config \"$2\" token "
				     "revoke \"$id\" || exit 1; done";
	const char *argv[] = {
		"/bin/sh",
		"-c",
		script,
		"sh",
		program("CONFITURE_COORDINATOR_PROGRAM", CONFITURE_COORDINATOR_BUILT),
		coordinator_file(f),
		identity,
		NULL,
	};
	struct process p;

	REQUIRE(process_run(&p, &(struct process_spec){.argv = argv}) == 0);
	process_free(&p);
}

const char *
fleet_token_file(struct fleet *f, const char *name, const char *token)
{
	const char *path = text("%s/%s.token", f->dir, name);

	write_file(path, 0600, token);
	return path;
}

void
fleet_open(struct fleet *f, const char *settings)
{
	fleet_open_at(f, "127.0.0.1", settings);
}

void
fleet_open_at(struct fleet *f, const char *address, const char *settings)
{
	char content[2048];

	*f = (struct fleet){.daemon = {.out_fd = -1, .err_fd = -1}};
	snprintf(f->dir, sizeof(f->dir), "%s/confiture-fleet-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	REQUIRE(mkdtemp(f->dir) != NULL);
	f->port = free_port();
	snprintf(f->url, sizeof(f->url), "ws://%s:%d/rpc", address, f->port);
	snprintf(f->coordinator, sizeof(f->coordinator), "CONFITURE_COORDINATOR=%s", f->url);
	snprintf(content, sizeof(content), "listen: %s\njournal: %s/journal.db\n%s", f->url, f->dir,
		 settings ? settings : "");
	write_file(coordinator_file(f), 0600, content);
	fleet_start(f);
	const char *token = fleet_token(f, "operator:tests", NULL);
	snprintf(f->token_file, sizeof(f->token_file), "CONFITURE_TOKEN_FILE=%s",
		 fleet_token_file(f, "operator", token));
}

static int
remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

/* A daemon that does not end by itself, or found a fault of its own (a sanitizer's report, an
 * assertion), fails the test. */
static void
end(struct fleet *f, struct process *p, const char *who)
{
	if (p->pid > 0 && p->exit_code < 0) {
		process_signal(p, SIGCONT);
		process_signal(p, SIGTERM);
		CHECK(process_wait(p, START_SECONDS));
		CHECK_INT(p->exit_code, 0);
	}
	if (p->pid > 0 && (p->exit_code > 0 || has_said(f, who, "Sanitizer"))) {
		char *log = fleet_log(f, who);
		fprintf(stderr, "-- %s, exit %d\n%s\n", who, p->exit_code, log);
		CHECK(strstr(log, "Sanitizer") == NULL);
		free(log);
	}
	process_free(p);
}

void
fleet_close(struct fleet *f)
{
	for (size_t i = 0; i < f->worker_count; i++)
		end(f, &f->workers[i].process, f->workers[i].name);
	end(f, &f->daemon, "coordinator");
	nftw(f->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- workers ---- */

static const char *
worker_file(struct fleet *f, const struct fleet_worker *w)
{
	return text("%s/%s.yaml", f->dir, w->name);
}

void
fleet_worker_targets(struct fleet *f, struct fleet_worker *w, const char *targets)
{
	char content[16384];

	int n = snprintf(content, sizeof(content),
			 "coordinator: %s\nname: %s\ntoken_file: %s/%s.token\n"
			 "spool_dir: %s/%s.spool\nstop_timeout: 1s\ntargets:\n%s",
			 f->url, w->name, f->dir, w->name, f->dir, w->name, targets);
	REQUIRE(n > 0 && (size_t)n < sizeof(content));
	write_file(worker_file(f, w), 0600, content);
}

struct fleet_worker *
fleet_worker(struct fleet *f, const char *name, const char *environments, const char *targets)
{
	REQUIRE(f->worker_count < FLEET_WORKERS);
	struct fleet_worker *w = &f->workers[f->worker_count++];

	*w = (struct fleet_worker){.process = {.exit_code = -1, .out_fd = -1, .err_fd = -1}};
	snprintf(w->name, sizeof(w->name), "%s", name);
	(void)fleet_token_file(f, name,
			       fleet_token(f, text("worker:%s@%s", name, environments), NULL));
	fleet_worker_targets(f, w, targets);
	return w;
}

void
fleet_worker_start(struct fleet *f, struct fleet_worker *w, const char *const *env)
{
	start(f, &w->process, w->name,
	      w->program ? w->program : program("CONFITURE_WORKER_PROGRAM", CONFITURE_WORKER_BUILT),
	      worker_file(f, w), env);
	await(f, &w->process, w->name, "link is up");
}

void
fleet_worker_launch(struct fleet *f, struct fleet_worker *w)
{
	start(f, &w->process, w->name, program("CONFITURE_WORKER_PROGRAM", CONFITURE_WORKER_BUILT),
	      worker_file(f, w), NULL);
}

void
fleet_worker_kill(struct fleet_worker *w, int signal)
{
	process_signal(&w->process, signal);
	CHECK(process_wait(&w->process, START_SECONDS));
}
