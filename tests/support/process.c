/* Child processes for tests: pipes read while waiting, so that no child ever blocks on us. */
#include "tests/support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shared/base/banned.h"

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
set_environment(const char *const *env)
{
	for (size_t i = 0; env != NULL && env[i] != NULL; i++) {
		const char *equals = strchr(env[i], '=');
		char name[128];
		if (equals == NULL) {
			unsetenv(env[i]);
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)(equals - env[i]), env[i]);
		setenv(name, equals + 1, 1);
	}
}

static void
give_input(const char *input)
{
	int fd;

	if (input == NULL) {
		fd = open("/dev/null", O_RDONLY);
	} else {
		FILE *file = tmpfile();
		if (file == NULL || fputs(input, file) == EOF || fflush(file) != 0)
			_exit(126);
		rewind(file);
		fd = fileno(file);
	}
	dup2(fd, STDIN_FILENO);
}

static void
child(const struct process_spec *spec, int out, int err)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	give_input(spec->input);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	if (spec->cwd != NULL && chdir(spec->cwd) != 0)
		_exit(126);
	set_environment(spec->env);
	execvp(spec->argv[0], (char *const *)(void *)(size_t)spec->argv);
	fprintf(stderr, "%s: %s\n", spec->argv[0], strerrorname_np(errno));
	_exit(127);
}

bool
process_start(struct process *p, const struct process_spec *spec)
{
	int out[2], err[2];

	*p = (struct process){.exit_code = -1};
	if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
		return false;
	fflush(NULL);
	p->pid = fork();
	if (p->pid < 0)
		return false;
	if (p->pid == 0)
		child(spec, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	p->out_fd = out[0];
	p->err_fd = err[0];
	p->out = calloc(1, 1);
	p->err = calloc(1, 1);
	return p->out != NULL && p->err != NULL;
}

static void
take(int *fd, char **text, size_t *len)
{
	char chunk[16384];
	ssize_t n = read(*fd, chunk, sizeof(chunk));

	if (n <= 0) {
		close(*fd);
		*fd = -1;
		return;
	}
	char *bigger = realloc(*text, *len + (size_t)n + 1);
	if (bigger == NULL)
		abort();
	memcpy(bigger + *len, chunk, (size_t)n);
	*len += (size_t)n;
	bigger[*len] = '\0';
	*text = bigger;
}

/* Reads what is there, for at most `ms`. */
static void
read_some(struct process *p, int ms)
{
	struct pollfd fds[2] = {{.fd = p->out_fd, .events = POLLIN},
				{.fd = p->err_fd, .events = POLLIN}};

	if (p->out_fd < 0 && p->err_fd < 0) {
		struct timespec ts = {0, (long)ms * 1000000};
		nanosleep(&ts, NULL);
		return;
	}
	if (poll(fds, 2, ms) <= 0)
		return;
	if (fds[0].revents != 0)
		take(&p->out_fd, &p->out, &p->out_len);
	if (fds[1].revents != 0)
		take(&p->err_fd, &p->err, &p->err_len);
}

static void
look_at_state(struct process *p)
{
	struct rusage usage;
	int status;

	if (p->exit_code >= 0 || wait4(p->pid, &status, WNOHANG | WUNTRACED, &usage) != p->pid)
		return;
	if (WIFSTOPPED(status)) {
		p->stopped = true;
		return;
	}
	p->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	p->max_rss_kb = usage.ru_maxrss;
}

bool
process_wait(struct process *p, int seconds)
{
	double until = now() + seconds;

	while (p->exit_code < 0 || p->out_fd >= 0 || p->err_fd >= 0) {
		read_some(p, 10);
		look_at_state(p);
		if (now() > until)
			break;
	}
	return p->exit_code >= 0 && p->out_fd < 0 && p->err_fd < 0;
}

bool
process_wait_stop(struct process *p, int seconds)
{
	double until = now() + seconds;

	do {
		read_some(p, 5);
		look_at_state(p);
	} while (!p->stopped && p->exit_code < 0 && now() < until);
	return p->stopped;
}

bool
process_wait_text(struct process *p, const char *text, int seconds)
{
	double until = now() + seconds;

	while (strstr(p->err, text) == NULL && strstr(p->out, text) == NULL) {
		if (now() > until || (p->exit_code >= 0 && p->out_fd < 0 && p->err_fd < 0))
			return false;
		read_some(p, 10);
		look_at_state(p);
	}
	return true;
}

void
process_signal(struct process *p, int signal)
{
	if (p->exit_code < 0)
		kill(p->pid, signal);
	if (signal == SIGCONT)
		p->stopped = false;
}

void
process_free(struct process *p)
{
	if (p->pid > 0 && p->exit_code < 0) {
		kill(-p->pid, SIGKILL);
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
	if (p->out_fd >= 0)
		close(p->out_fd);
	if (p->err_fd >= 0)
		close(p->err_fd);
	free(p->out);
	free(p->err);
	*p = (struct process){.exit_code = -1, .out_fd = -1, .err_fd = -1};
}

int
process_run(struct process *p, const struct process_spec *spec)
{
	if (!process_start(p, spec))
		return -1;
	if (!process_wait(p, 120)) {
		process_signal(p, SIGKILL);
		return -1;
	}
	return p->exit_code;
}
