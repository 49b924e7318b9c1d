/*
 * The daemon's side of the sandbox: one child, one question at a time. Whatever goes wrong with a
 * question (the child dies, is late, talks nonsense) costs that child and leaves that text opaque;
 * the next question gets a new child.
 */
#include "shared/sql/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/base/compiler.h"
#include "shared/sql/marshal.h"
#include "shared/sql/sandbox_io.h"

#include "shared/base/banned.h"

enum { DEADLINE_MS = 10000 };

struct sql_sandbox {
	struct runtime *rt;
	struct mutex *mutex;
	const char *program;
	uint64_t deadline_ms;
	pid_t pid; /* 0: none runs */
	int fd;
	uint32_t starts;
};

/* ---- in place ---- */

static bool
footprint_here(void *self, struct arena *arena, struct span sql, const struct sql_search_path *path,
	       struct sql_footprint *out, struct error *err)
{
	(void)self;
	(void)err;
	sql_footprint_of(arena, sql, path, out);
	return true;
}

struct sql_parser
sql_parser_here(void)
{
	return (struct sql_parser){footprint_here, NULL};
}

/* ---- the child ---- */

static void
end_child(struct sql_sandbox *s)
{
	if (s->pid == 0)
		return;
	close(s->fd);
	kill(s->pid, SIGKILL);
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		;
	s->pid = 0;
}

/* A child that ended while nobody asked it anything is no text's fault. */
static void
forget_dead_child(struct sql_sandbox *s)
{
	if (s->pid == 0 || waitpid(s->pid, NULL, WNOHANG) == 0)
		return;
	close(s->fd);
	s->pid = 0;
}

/* Its end of the socket becomes descriptor 0, and it keeps no other. */
static int
spawn_with(const char *program, int child_end, pid_t *pid)
{
	char name[] = "confiture-parser", word[] = SQL_SANDBOX_WORD;
	char *const argv[] = {name, word, NULL};
	char *const environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, child_end, STDIN_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	posix_spawn_file_actions_addchdir_np(&actions, "/");
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	int rc = posix_spawn(pid, program, &actions, &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static bool
start_child(struct sql_sandbox *s, struct error *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return error_errno(err, E_INTERNAL_ERROR, errno, "cannot make a socket");
	int rc = spawn_with(s->program, ends[1], &s->pid);
	close(ends[1]);
	if (rc != 0) {
		close(ends[0]);
		s->pid = 0;
		return error_errno(err, E_INTERNAL_ERROR, rc, "cannot start the parser");
	}
	s->fd = ends[0];
	s->starts++;
	return true;
}

/* ---- asking ---- */

struct deadline {
	struct runtime *rt;
	uint64_t at_ns;
};

static uint64_t
remaining_ms(void *self)
{
	const struct deadline *d = self;
	uint64_t now = d->rt->ops->boot_ns(d->rt);

	return now >= d->at_ns ? 0 : (d->at_ns - now) / NS_PER_MS + 1;
}

static enum sandbox_io
exchange(struct sql_sandbox *s, struct text *message)
{
	struct deadline deadline = {s->rt, s->rt->ops->boot_ns(s->rt) + s->deadline_ms * NS_PER_MS};
	struct sandbox_clock clock = {remaining_ms, &deadline};
	enum sandbox_io state = sandbox_send(s->fd, text_span(message), &clock);

	return state == SANDBOX_DONE ? sandbox_receive(s->fd, message, &clock) : state;
}

/* The whole text is one opaque statement. */
static void
call_opaque(struct arena *arena, struct sql_footprint *out, const char *reason)
{
	*out = (struct sql_footprint){.opaque = true, .opaque_count = 1, .opaque_cap = 1};
	out->statements = 1;
	out->opaques = arena_new(arena, struct sql_opaque);
	*out->opaques = (struct sql_opaque){reason, 1, 1};
}

static void
ask(struct sql_sandbox *s, struct arena *arena, struct text *message, struct sql_footprint *out)
{
	enum sandbox_io state = exchange(s, message);

	if (state == SANDBOX_DONE && unmarshal_footprint(arena, text_span(message), out))
		return;
	end_child(s);
	call_opaque(arena, out,
		    state == SANDBOX_LATE ? "the parser was not done with it in time"
					  : "the parser did not survive it");
}

static bool
footprint_in_child(void *self, struct arena *arena, struct span sql,
		   const struct sql_search_path *path, struct sql_footprint *out, struct error *err)
{
	struct sql_sandbox *s = self;
	struct text message;

	if (sql.len > MARSHAL_TEXT_LIMIT) {
		call_opaque(arena, out, "it is larger than the parser takes");
		return true;
	}
	text_init(&message, MARSHAL_LIMIT);
	marshal_request(&message, sql, path);
	s->rt->ops->mutex_lock(s->rt, s->mutex);
	forget_dead_child(s);
	bool good = s->pid != 0 || start_child(s, err);
	if (good)
		ask(s, arena, &message, out);
	s->rt->ops->mutex_unlock(s->rt, s->mutex);
	text_fini(&message);
	return good;
}

/* ---- life ---- */

struct sql_sandbox *
sql_sandbox_new(struct runtime *rt, const struct sql_sandbox_options *options)
{
	struct sql_sandbox *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->rt = rt;
	s->mutex = rt->ops->mutex_new(rt);
	s->program = options->program != NULL ? options->program : "/proc/self/exe";
	s->deadline_ms = options->deadline_ms > 0 ? options->deadline_ms : DEADLINE_MS;
	return s;
}

void
sql_sandbox_free(struct sql_sandbox *s)
{
	if (s == NULL)
		return;
	end_child(s);
	s->rt->ops->mutex_free(s->rt, s->mutex);
	free(s);
}

struct sql_parser
sql_sandbox_parser(struct sql_sandbox *s)
{
	return (struct sql_parser){footprint_in_child, s};
}

uint32_t
sql_sandbox_starts(struct sql_sandbox *s)
{
	s->rt->ops->mutex_lock(s->rt, s->mutex);
	uint32_t starts = s->starts;
	s->rt->ops->mutex_unlock(s->rt, s->mutex);
	return starts;
}

int
sql_sandbox_pid(struct sql_sandbox *s)
{
	s->rt->ops->mutex_lock(s->rt, s->mutex);
	int pid = (int)s->pid;
	s->rt->ops->mutex_unlock(s->rt, s->mutex);
	return pid;
}
