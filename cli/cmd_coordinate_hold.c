/*
 * confiture coordinate hold: a lease that lives as long as a command does. The command runs on when
 * its lease is lost, since stopping it half-way may be worse; it is said at once, so that whoever
 * watches can decide.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cmds.h"
#include "cli/coordinate.h"
#include "cli/session.h"

#include "shared/base/banned.h"

enum { NOT_RUN = 127, RENEW_MIN_MS = 50 };

extern char **environ;

struct holding {
	struct cli *cli;
	struct intent_move renew;
	int64_t ttl_ms;
	uint64_t renewed_ns; /* the last time that worked */
	bool lost;
	pid_t child;
	int child_fd, signal_fd;
};

/* ---- the lease ---- */
static bool
is_loss(const struct error *err)
{
	return error_is(err, E_CLAIM_002) || error_is(err, E_CLAIM_003) ||
	       error_is(err, E_INTENT_001) || error_is(err, E_INTENT_002) ||
	       error_is(err, E_INTENT_003);
}

static void
lose(struct holding *h, const char *why)
{
	h->lost = true;
	cli_warn(h->cli, "the lease of intent %s was lost: %s; the command runs on without it",
		 h->renew.intent, why);
}

/* A coordinator that is away for a moment is asked again; when the lease would be over by our own
 * clock, it counts as lost. */
static void
renew(struct holding *h)
{
	struct error err = {0};
	struct arena round;
	void *reply;
	uint64_t over = h->renewed_ns + (uint64_t)h->ttl_ms * NS_PER_MS;

	arena_init(&round);
	if (net_call(session_client(cli_session(h->cli)), MESSAGE_intent_move, &h->renew, over,
		     &round, &reply, &err))
		h->renewed_ns = runtime_boot_ns(h->cli->rt);
	else if (is_loss(&err) || runtime_boot_ns(h->cli->rt) >= over)
		lose(h, err.message);
	arena_fini(&round);
}

/* ---- the command ---- */
static int
watched_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGQUIT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	return pthread_sigmask(SIG_BLOCK, set, NULL);
}

static bool
spawn(struct holding *h, const struct args *args, struct error *err)
{
	size_t count = args_argument_count(args);
	char **words = arena_array(&h->cli->arena, count + 1, sizeof(*words));
	posix_spawnattr_t attr;
	sigset_t none;

	for (size_t i = 0; i < count; i++)
		words[i] = arena_str(&h->cli->arena, args_argument(args, i));
	fflush(h->cli->out);
	fflush(h->cli->err);
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	int rc = posix_spawnp(&h->child, words[0], NULL, &attr, words, environ);
	posix_spawnattr_destroy(&attr);
	if (rc != 0)
		return error_errno(err, E_USAGE_001, rc, "%s cannot be run", words[0]);
	h->child_fd = pidfd_open(h->child, 0);
	return h->child_fd >= 0 ||
	       error_errno(err, E_INTERNAL_ERROR, errno, "the command cannot be watched");
}

/* The terminal sends Ctrl-C to the command too; what is meant for us alone is passed on. */
static void
pass_on(struct holding *h)
{
	struct signalfd_siginfo info;

	if (read(h->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info) &&
	    (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP))
		kill(h->child, (int)info.ssi_signo);
}

static int
wait_for_command(struct holding *h)
{
	int64_t every = h->ttl_ms / 3 > RENEW_MIN_MS ? h->ttl_ms / 3 : RENEW_MIN_MS;
	uint64_t next = h->renewed_ns + (uint64_t)every * NS_PER_MS;
	int status;

	for (;;) {
		struct pollfd fds[] = {{h->child_fd, POLLIN, 0}, {h->signal_fd, POLLIN, 0}};
		uint64_t now = runtime_boot_ns(h->cli->rt);
		int timeout = h->lost ? -1 : now >= next ? 0 : (int)((next - now) / NS_PER_MS) + 1;
		if (poll(fds, 2, timeout) < 0 && errno != EINTR)
			break;
		if ((fds[1].revents & POLLIN) != 0)
			pass_on(h);
		if ((fds[0].revents & POLLIN) != 0)
			break;
		if (!h->lost && runtime_boot_ns(h->cli->rt) >= next) {
			renew(h);
			next = runtime_deadline(h->cli->rt, (uint64_t)every);
		}
	}
	if (waitpid(h->child, &status, 0) < 0)
		return NOT_RUN;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
cmd_coordinate_hold(struct cli *cli, const struct args *args)
{
	struct holding h = {
		.cli = cli,
		.child_fd = -1,
		.renew = {.intent = args_text(args, "intent-id"),
			  .action = "renew",
			  .agent = coordinate_agent(args),
			  .token = args_given(args, "token") ? args_int(args, "token") : INT_NULL}};
	struct error err = {0};
	void *reply = NULL;
	sigset_t set;

	/* Before the session's threads start: they inherit it. */
	if (watched_signals(&set) != 0 || (h.signal_fd = signalfd(-1, &set, SFD_CLOEXEC)) < 0) {
		error_errno(&err, E_INTERNAL_ERROR, errno, "signals cannot be watched");
		return cli_fail(cli, &err);
	}
	h.renewed_ns = runtime_boot_ns(cli->rt);
	if (!coordinate_ask(cli, args, false, MESSAGE_intent_move, &h.renew, &reply, &err)) {
		close(h.signal_fd);
		return cli_fail(cli, &err);
	}
	h.ttl_ms = ((const struct intent_shown *)reply)->intent->lease_ttl_ms;
	int code = spawn(&h, args, &err) ? wait_for_command(&h) : cli_fail(cli, &err);
	if (h.child_fd >= 0)
		close(h.child_fd);
	close(h.signal_fd);
	return err.code != NULL && error_is(&err, E_USAGE_001) ? NOT_RUN : code;
}
