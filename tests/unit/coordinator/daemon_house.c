/* Starting and ending the program, and its clients. */
#include "tests/unit/coordinator/daemon_house.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/base/banned.h"

enum { ANSWER_MS = 30000, STEP_MS = 20, LOG_MOST = 65536 };

extern char **environ;

static int
free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	REQUIRE(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	REQUIRE(getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void
read_file(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, out, size - 1) : 0;

	out[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

bool
file_holds(const char *path, const char *text)
{
	enum { MOST = 1024 * 1024 };
	struct arena arena;

	arena_init(&arena);
	char *all = arena_alloc(&arena, MOST);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, all, MOST) : 0;
	if (fd >= 0)
		close(fd);
	bool found = n > 0 && memmem(all, (size_t)n, text, strlen(text)) != NULL;
	arena_fini(&arena);
	return found;
}

static pid_t
spawn(struct daemon_house *h, const char *const *words, int out_fd)
{
	char *argv[16] = {arena_str(&h->arena, COORDINATOR_PROGRAM),
			  arena_str(&h->arena, "--config"), h->config};
	posix_spawn_file_actions_t actions;
	size_t at = 3;
	pid_t pid = 0;

	for (size_t i = 0; words[i] != NULL; i++)
		argv[at++] = arena_str(&h->arena, words[i]);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, h->log,
					 O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (out_fd >= 0)
		posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	REQUIRE(posix_spawn(&pid, COORDINATOR_PROGRAM, &actions, NULL, argv, environ) == 0);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static int
wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
daemon_command(struct daemon_house *h, const char *const *words, char *out, size_t size)
{
	int fds[2];
	size_t len = 0;
	ssize_t n;

	REQUIRE(pipe2(fds, O_CLOEXEC) == 0);
	pid_t pid = spawn(h, words, fds[1]);
	close(fds[1]);
	while ((n = read(fds[0], out + len, size - 1 - len)) > 0)
		len += (size_t)n;
	out[len] = '\0';
	close(fds[0]);
	return wait_for(pid);
}

void
daemon_start(struct daemon_house *h)
{
	static const char *const none[] = {NULL};

	REQUIRE(truncate(h->log, 0) == 0 || errno == ENOENT);
	h->pid = spawn(h, none, -1);
	REQUIRE(daemon_logged(h, "coordinator started"));
}

bool
daemon_logged(struct daemon_house *h, const char *text)
{
	char *all = arena_alloc(&h->arena, LOG_MOST);
	uint64_t until = runtime_deadline(h->rt, ANSWER_MS);

	while (runtime_boot_ns(h->rt) < until) {
		read_file(h->log, all, LOG_MOST);
		if (strstr(all, text) != NULL)
			return true;
		h->rt->ops->sleep_ns(h->rt, STEP_MS * NS_PER_MS);
	}
	printf("%s", all);
	return false;
}

int
daemon_end(struct daemon_house *h, int signal)
{
	pid_t pid = h->pid;

	h->pid = 0;
	REQUIRE(kill(pid, signal) == 0);
	return wait_for(pid);
}

void
daemon_open(struct daemon_house *h, const char *more)
{
	/* A reply counts as sent when NNG has taken it; what is still on its way when the socket is
	 * closed is never freed by NNG 1.5.2, and would be a leak of ours one time in fifty. */
	setenv("LSAN_OPTIONS",
	       "suppressions=" CONFITURE_SOURCE_DIR "/tests/support/lsan.supp:"
	       "print_suppressions=0",
	       1);
	*h = (struct daemon_house){.rt = runtime_system(), .port = free_port()};
	arena_init(&h->arena);
	scratch_open(&h->scratch);
	snprintf(h->config, sizeof(h->config), "%s/coordinator.yaml", h->scratch.folder);
	snprintf(h->log, sizeof(h->log), "%s/log", h->scratch.folder);
	FILE *f = fopen(h->config, "w");
	REQUIRE(f != NULL);
	fprintf(f, "listen: ws://127.0.0.1:%d/rpc\njournal: %s\n%s", h->port, h->scratch.journal,
		more);
	REQUIRE(fclose(f) == 0);
	daemon_start(h);
}

void
daemon_close(struct daemon_house *h)
{
	if (h->pid != 0 && !CHECK_INT(daemon_end(h, SIGTERM), 0)) {
		char *log = arena_alloc(&h->arena, LOG_MOST);
		read_file(h->log, log, LOG_MOST);
		printf("%s", log);
	}
	scratch_close(&h->scratch);
	arena_fini(&h->arena);
}

const char *
daemon_token(struct daemon_house *h, const char *identity)
{
	const char *words[] = {"token", "create", identity, NULL};
	char *out = arena_alloc(&h->arena, 256);

	CHECK_INT(daemon_command(h, words, out, 256), 0);
	out[strcspn(out, "\n")] = '\0';
	return out;
}

const char *
daemon_operator(struct daemon_house *h)
{
	char path[128];
	char *text = arena_alloc(&h->arena, 256);

	snprintf(path, sizeof(path), "%s/state/operator.token", h->scratch.folder);
	read_file(path, text, 256);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

struct net_client *
daemon_dial(struct daemon_house *h, const char *token)
{
	const char *url = arena_printf(&h->arena, "ws://127.0.0.1:%d/rpc", h->port);
	struct net_nng_dial config = {.urls = &url, .url_count = 1, .token = secret_of(token)};
	struct net_client *client = net_nng_dial(h->rt, &config, &h->err);

	REQUIRE(client != NULL);
	return client;
}

void *
daemon_ask(struct daemon_house *h, struct net_client *from, enum message_kind kind,
	   const void *request)
{
	void *reply = NULL;

	memset(&h->err, 0, sizeof(h->err));
	if (!net_call(from, kind, request, runtime_deadline(h->rt, ANSWER_MS), &h->arena, &reply,
		      &h->err))
		return NULL;
	return reply;
}
