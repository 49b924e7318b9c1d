/*
 * A thread that waits for signals and for the deadline, so that no code runs inside a signal
 * handler and the thread that follows the job never has to be woken: it simply sees the job's end.
 * Signals arrive through a signalfd; they are blocked in every thread of the process meanwhile.
 */
#include "cli/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "shared/base/banned.h"

enum { CANCEL_WAIT_MS = 10000, LEAVE_AT_ONCE = 130 };

struct interrupt {
	struct cli *cli;
	struct net_client *client;
	struct interrupt_of of;
	int signals; /* signalfd */
	int stop;    /* eventfd */
	struct thread *thread;
	bool cancelled;
	const char *why;     /* it was cancelled from here; read after the join */
	bool asked;	     /* a signal came */
	struct mutex *mutex; /* over what follows */
	struct cond *answered;
	bool asking;
	bool detached;
};

const char interrupt_time_limit[] = "the time limit of --timeout has passed";

static sigset_t
held_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	return set;
}

void
interrupt_hold_signals(void)
{
	sigset_t set = held_signals();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

void
interrupt_release_signals(void)
{
	sigset_t set = held_signals();

	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void
cancel_job(struct interrupt *i, const char *reason)
{
	struct job_cancel request = {.job = i->of.job, .reason = reason};
	struct runtime *rt = i->cli->rt;
	struct arena arena;
	struct error err = {0};
	void *reply;

	i->cancelled = true;
	i->why = reason;
	fprintf(i->cli->err, "cancelling …\n");
	fflush(i->cli->err);
	arena_init(&arena);
	/* A job that has just ended cannot be cancelled any more; its end is told anyhow. */
	if (!net_call(i->client, MESSAGE_job_cancel, &request, runtime_deadline(rt, CANCEL_WAIT_MS),
		      &arena, &reply, &err) &&
	    !error_is(&err, E_JOB_002))
		fprintf(i->cli->err, "the job could not be cancelled: %s\n", err.message);
	arena_fini(&arena);
}

static int
poll_timeout(const struct interrupt *i)
{
	uint64_t now = runtime_boot_ns(i->cli->rt);

	if (i->cancelled || i->of.deadline_ns == RUNTIME_FOREVER)
		return -1;
	if (now >= i->of.deadline_ns)
		return 0;
	uint64_t ms = (i->of.deadline_ns - now) / NS_PER_MS + 1;
	return ms > 60000 ? 60000 : (int)ms;
}

/* ---- the question ---- */

enum answer { ANSWER_GO_ON, ANSWER_CANCEL, ANSWER_DETACH };

/* One line from the terminal; another signal, or a terminal that is gone, means cancel. */
static enum answer
read_answer(struct interrupt *i)
{
	struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
				{.fd = i->signals, .events = POLLIN}};
	char line[64];

	while (poll(fds, 2, -1) < 0) {
		if (errno != EINTR)
			return ANSWER_CANCEL;
	}
	if (fds[1].revents != 0) {
		struct signalfd_siginfo info;
		ssize_t n = read(i->signals, &info, sizeof(info));
		(void)n;
		fputc('\n', i->cli->err);
		return ANSWER_CANCEL;
	}
	ssize_t got = read(STDIN_FILENO, line, sizeof(line));
	if (got <= 0 || line[0] == 'c' || line[0] == 'C')
		return ANSWER_CANCEL;
	return line[0] == 'd' || line[0] == 'D' ? ANSWER_DETACH : ANSWER_GO_ON;
}

static void
set_asking(struct interrupt *i, bool asking, bool detached)
{
	const struct runtime_ops *ops = i->cli->rt->ops;

	ops->mutex_lock(i->cli->rt, i->mutex);
	i->asking = asking;
	i->detached = detached;
	ops->cond_wake(i->cli->rt, i->answered);
	ops->mutex_unlock(i->cli->rt, i->mutex);
}

static bool
wants_cancel(struct interrupt *i)
{
	set_asking(i, true, false);
	fprintf(i->cli->err,
		"\njob %s runs beside its database.\n"
		"c = cancel it, d = detach and leave it to itself, Enter = go on watching: ",
		i->of.job);
	fflush(i->cli->err);
	enum answer answer = read_answer(i);
	set_asking(i, false, answer == ANSWER_DETACH);
	return answer == ANSWER_CANCEL;
}

bool
interrupt_go_on(struct interrupt *i)
{
	if (i == NULL)
		return true;
	const struct runtime_ops *ops = i->cli->rt->ops;
	ops->mutex_lock(i->cli->rt, i->mutex);
	while (i->asking)
		(void)ops->cond_wait(i->cli->rt, i->answered, i->mutex, RUNTIME_FOREVER);
	bool go_on = !i->detached;
	ops->mutex_unlock(i->cli->rt, i->mutex);
	return go_on;
}

static void
take_signal(struct interrupt *i)
{
	struct signalfd_siginfo info;

	if (read(i->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (i->asked)
		_exit(LEAVE_AT_ONCE);
	if (info.ssi_signo == SIGINT && !i->cancelled && i->of.may_detach && !wants_cancel(i))
		return;
	i->asked = true;
	if (!i->cancelled)
		cancel_job(i, info.ssi_signo == SIGINT ? "Ctrl-C" : "SIGTERM");
}

static void
watch(void *arg)
{
	struct interrupt *i = arg;
	struct pollfd fds[2] = {{.fd = i->signals, .events = POLLIN},
				{.fd = i->stop, .events = POLLIN}};

	for (;;) {
		int n = poll(fds, 2, poll_timeout(i));
		if (n < 0 && errno != EINTR)
			return;
		if (n > 0 && fds[1].revents != 0)
			return;
		if (n > 0 && fds[0].revents != 0)
			take_signal(i);
		if (!i->cancelled && runtime_boot_ns(i->cli->rt) >= i->of.deadline_ns)
			cancel_job(i, interrupt_time_limit);
	}
}

struct interrupt *
interrupt_start(struct cli *cli, struct net_client *client, const struct interrupt_of *of)
{
	struct interrupt *i = arena_new(&cli->arena, struct interrupt);
	sigset_t set = held_signals();

	*i = (struct interrupt){.cli = cli, .client = client, .of = *of};
	i->mutex = cli->rt->ops->mutex_new(cli->rt);
	i->answered = cli->rt->ops->cond_new(cli->rt);
	i->signals = signalfd(-1, &set, SFD_CLOEXEC);
	i->stop = eventfd(0, EFD_CLOEXEC);
	i->thread = cli->rt->ops->thread_start(cli->rt, "signals", watch, i);
	return i;
}

const char *
interrupt_stop(struct interrupt *i)
{
	uint64_t one = 1;
	ssize_t n = write(i->stop, &one, sizeof(one));

	(void)n; /* an eventfd takes 1 unless it was stopped 2^64 times */
	i->cli->rt->ops->thread_join(i->cli->rt, i->thread);
	close(i->signals);
	close(i->stop);
	i->cli->rt->ops->cond_free(i->cli->rt, i->answered);
	i->cli->rt->ops->mutex_free(i->cli->rt, i->mutex);
	return i->why;
}
