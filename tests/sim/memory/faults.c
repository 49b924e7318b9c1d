/* What happens to a server and its sessions from outside. */
#include <string.h>

#include "tests/sim/memory/internal.h"

#include "shared/base/banned.h"

const char *
memory_operation_name(enum memory_operation operation)
{
	static const char *const names[] = {
#define X(name) #name,
		MEMORY_OPERATIONS(X)
#undef X
	};

	return names[operation];
}

void
memory_server_hooks(struct memory_server *server, const struct memory_hooks *hooks)
{
	memory_lock(server);
	server->hooks = *hooks;
	memory_unlock(server);
}

void
memory_server_state(struct memory_server *server, enum memory_state state)
{
	memory_lock(server);
	server->state = state;
	memory_unlock(server);
}

void
memory_server_disk_full(struct memory_server *server, bool full)
{
	memory_lock(server);
	server->disk_full = full;
	memory_unlock(server);
}

void
memory_server_may_evict(struct memory_server *server, bool may)
{
	memory_lock(server);
	server->no_evict = !may;
	memory_unlock(server);
}

void
memory_server_crash(struct memory_server *server)
{
	struct memory_session *next;

	memory_lock(server);
	for (struct memory_session *s = server->sessions; s != NULL; s = next) {
		next = s->next;
		memory_session_end(
			s, "57P02",
			"terminating connection because of crash of another server process");
		memory_session_put(s);
	}
	memory_unlock(server);
}

static struct memory_session *
backend(struct memory_server *server, int pid)
{
	struct memory_session *s = server->sessions;

	while (s != NULL && (s->info.backend_pid != pid || !s->alive))
		s = s->next;
	return s;
}

/* Whatever it waits for: it looks at what it was told. */
static void
rouse(struct memory_session *s)
{
	struct runtime *rt = s->server->rt;

	rt->ops->cond_wake(rt, s->server->changed);
	rt->ops->cond_wake(rt, s->arrived);
	rt->ops->cond_wake(rt, s->answered);
}

bool
memory_backend_terminate(struct memory_server *server, int pid)
{
	memory_lock(server);
	struct memory_session *s = backend(server, pid);
	if (s != NULL) {
		s->terminate = true;
		rouse(s);
	}
	memory_unlock(server);
	return s != NULL;
}

/* A request that comes while nothing runs is dropped, as the server does. */
bool
memory_backend_cancel(struct memory_server *server, int pid)
{
	memory_lock(server);
	struct memory_session *s = backend(server, pid);
	if (s != NULL && s->busy) {
		s->cancel = true;
		rouse(s);
	}
	memory_unlock(server);
	return s != NULL;
}

void
memory_backend_cut(struct memory_server *server, int pid, bool half_open)
{
	memory_lock(server);
	struct memory_session *s = backend(server, pid);
	if (s != NULL) {
		s->cut = true;
		s->hangup = s->hangup || !half_open;
		rouse(s);
	}
	memory_unlock(server);
}

bool
memory_backend_alive(struct memory_server *server, int pid)
{
	memory_lock(server);
	bool alive = backend(server, pid) != NULL;
	memory_unlock(server);
	return alive;
}

bool
memory_backend_blocked(struct memory_server *server, int pid)
{
	memory_lock(server);
	const struct memory_session *s = backend(server, pid);
	bool blocked = s != NULL && s->waiting;
	memory_unlock(server);
	return blocked;
}

void
memory_process_gone(struct memory_server *server, const char *process, bool half_open)
{
	struct memory_session *next;

	memory_lock(server);
	for (struct memory_session *s = server->sessions; s != NULL; s = next) {
		next = s->next;
		if (!s->client_open || strcmp(s->process, process) != 0)
			continue;
		s->client_open = false;
		s->cut = true;
		s->hangup = s->hangup || !half_open;
		rouse(s);
		memory_session_put(s);
	}
	memory_unlock(server);
}
