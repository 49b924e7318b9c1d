/* A pty and the program behind it. What it shows is read while waiting, so that it never blocks. */
#include "tests/support/terminal.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { LOOK_MS = 20 };

static void
child(const char *line, const char *cwd, const char *const *env)
{
	if (cwd != NULL && chdir(cwd) != 0)
		_exit(126);
	for (size_t i = 0; env != NULL && env[i] != NULL; i++)
		putenv(strdup(env[i]));
	execl("/bin/sh", "sh", "-c", line, (char *)NULL);
	_exit(127);
}

void
terminal_open(struct terminal *t, const char *line, const char *cwd, const char *const *env)
{
	struct winsize size = {.ws_row = 40, .ws_col = 120};

	*t = (struct terminal){.exit_code = -1, .shown = calloc(1, 1)};
	REQUIRE(t->shown != NULL);
	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	REQUIRE(t->pid >= 0);
	if (t->pid == 0)
		child(line, cwd, env);
}

void
terminal_type(struct terminal *t, const char *bytes)
{
	CHECK_INT(write(t->fd, bytes, strlen(bytes)), strlen(bytes));
}

/* What is there, or what comes within a moment. */
static void
look(struct terminal *t)
{
	struct pollfd fd = {.fd = t->fd, .events = POLLIN};
	char chunk[4096];
	int status;

	ssize_t n = poll(&fd, 1, LOOK_MS) > 0 ? read(t->fd, chunk, sizeof(chunk)) : 0;
	if (n > 0) {
		char *bigger = realloc(t->shown, t->len + (size_t)n + 1);
		REQUIRE(bigger != NULL);
		memcpy(bigger + t->len, chunk, (size_t)n);
		t->shown = bigger;
		t->len += (size_t)n;
		bigger[t->len] = '\0';
		return;
	}
	if (t->exit_code < 0 && waitpid(t->pid, &status, WNOHANG) == t->pid)
		t->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	else if (n < 0)
		usleep(LOOK_MS * 1000);
}

bool
terminal_await(struct terminal *t, const char *text, int seconds)
{
	for (int i = 0; i < seconds * (1000 / LOOK_MS) && t->exit_code < 0; i++) {
		if (strstr(t->shown, text) != NULL)
			return true;
		look(t);
	}
	return strstr(t->shown, text) != NULL;
}

void
terminal_forget(struct terminal *t)
{
	t->len = 0;
	t->shown[0] = '\0';
}

bool
terminal_wait(struct terminal *t, int seconds)
{
	for (int i = 0; i < seconds * (1000 / LOOK_MS) && t->exit_code < 0; i++)
		look(t);
	return t->exit_code >= 0;
}

void
terminal_close(struct terminal *t)
{
	if (t->exit_code < 0) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
	}
	close(t->fd);
	free(t->shown);
	t->shown = NULL;
}
