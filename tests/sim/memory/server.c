/*
 * The server: its databases, and a thread for each backend that does what its client sends. Threads
 * are kept and used again, since sessions come and go by the thousand in a simulation.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory/internal.h"

#include "shared/base/banned.h"

enum { FIRST_PID = 1001 };

void
memory_lock(struct memory_server *server)
{
	server->rt->ops->mutex_lock(server->rt, server->lock);
}

void
memory_unlock(struct memory_server *server)
{
	server->rt->ops->mutex_unlock(server->rt, server->lock);
}

static void *
need(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL)
		abort();
	return p;
}

struct memory_server *
memory_server_new(struct runtime *rt)
{
	struct memory_server *server = need(sizeof(*server));

	server->rt = rt;
	server->lock = rt->ops->mutex_new(rt);
	server->changed = rt->ops->cond_new(rt);
	server->next_pid = FIRST_PID;
	arena_init(&server->arena);
	(void)memory_database(server, "postgres", true);
	return server;
}

struct memory_db *
memory_database(struct memory_server *server, const char *name, bool make)
{
	struct memory_db **at = &server->databases;

	for (; *at != NULL; at = &(*at)->next) {
		if (strcmp((*at)->name, name) == 0 && !(*at)->dropped)
			return *at;
	}
	if (!make)
		return NULL;
	struct memory_db *db = need(sizeof(*db));
	arena_init(&db->arena);
	db->server = server;
	db->name = arena_str(&db->arena, name);
	db->last = &db->first;
	db->next_pk = 1;
	*at = db;
	return db;
}

struct memory_db *
memory_server_database(struct memory_server *server, const char *name)
{
	memory_lock(server);
	struct memory_db *db = memory_database(server, name, true);
	memory_unlock(server);
	return db;
}

/* ---- sessions ---- */

static void
free_session(struct memory_session *s)
{
	struct runtime *rt = s->server->rt;

	for (size_t i = 0; i < ARRAY_LEN(s->requests); i++)
		arena_fini(&s->requests[i].arena);
	rt->ops->cond_free(rt, s->answered);
	rt->ops->cond_free(rt, s->arrived);
	arena_fini(&s->notice_arena);
	arena_fini(&s->arena);
	free(s);
}

void
memory_session_put(struct memory_session *s)
{
	struct memory_session **at = &s->server->sessions;

	if (s->client_open || s->alive || s->serving)
		return;
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	free_session(s);
}

void
memory_session_end(struct memory_session *s, const char *state, const char *words)
{
	struct runtime *rt = s->server->rt;

	if (!s->alive)
		return;
	snprintf(s->farewell.state, sizeof(s->farewell.state), "%s", state);
	snprintf(s->farewell.words, sizeof(s->farewell.words), "%s", words);
	transaction_finish(s, false);
	lock_drop_statement(s);
	if (s->db->lock_holder == s) {
		s->db->lock_holder = NULL;
		s->db->lock_count = 0;
	}
	s->alive = s->snapshot = s->waiting = false;
	s->building = NULL;
	rt->ops->cond_wake(rt, s->server->changed);
	rt->ops->cond_wake(rt, s->answered);
	rt->ops->cond_wake(rt, s->arrived);
}

/* idle_session_timeout, which does not count within a transaction. */
static uint64_t
idle_end(const struct memory_session *s)
{
	bool counts = s->nameless && s->transaction.state == TRANSACTION_IDLE;

	return counts ? s->idle_since_ns + s->nameless_idle_ns : RUNTIME_FOREVER;
}

/* Serves one session to its end. */
static void
serve(struct memory_session *s)
{
	struct runtime *rt = s->server->rt;

	while (s->alive) {
		struct request *r = s->request;
		if (r != NULL && r->sent && !r->done) {
			backend_perform(s);
			continue;
		}
		if (s->terminate)
			memory_session_end(s, "57P01",
					   "terminating connection due to administrator command");
		else if (s->hangup)
			memory_session_end(s, "", "the client is gone");
		else if (!rt->ops->cond_wait(rt, s->arrived, s->server->lock, idle_end(s)))
			memory_session_end(s, "57P05",
					   "terminating connection due to idle-session timeout");
	}
	s->serving = false;
	memory_session_put(s);
}

static void
backend_main(void *arg)
{
	struct backend_thread *thread = arg;
	struct memory_server *server = thread->server;

	memory_lock(server);
	for (;;) {
		while (thread->session == NULL && !server->stopping)
			server->rt->ops->cond_wait(server->rt, thread->wanted, server->lock,
						   RUNTIME_FOREVER);
		if (thread->session == NULL)
			break;
		serve(thread->session);
		thread->session = NULL;
	}
	memory_unlock(server);
}

static void
give_thread(struct memory_server *server, struct memory_session *s)
{
	struct runtime *rt = server->rt;
	struct backend_thread *t = server->threads;

	while (t != NULL && t->session != NULL)
		t = t->next;
	if (t != NULL) {
		t->session = s;
		rt->ops->cond_wake(rt, t->wanted);
		return;
	}
	t = arena_new(&server->arena, struct backend_thread);
	*t = (struct backend_thread){.next = server->threads, .server = server, .session = s};
	t->wanted = rt->ops->cond_new(rt);
	server->threads = t;
	t->thread = rt->ops->thread_start(rt, "backend", backend_main, t);
}

static void
print_start(struct memory_session *s)
{
	char text[TIME_TEXT];

	s->started_us = s->server->rt->ops->wall_us(s->server->rt);
	time_print(s->started_us, text);
	text[10] = ' ';
	text[strlen(text) - 1] = '\0';
	s->backend_start = arena_printf(&s->arena, "%s+00", text);
}

struct memory_session *
memory_session_start(struct memory_server *server, struct memory_db *db)
{
	struct runtime *rt = server->rt;
	struct memory_session *s = need(sizeof(*s));

	arena_init(&s->arena);
	arena_init(&s->notice_arena);
	for (size_t i = 0; i < ARRAY_LEN(s->requests); i++)
		arena_init(&s->requests[i].arena);
	s->base.ops = &memory_target_ops;
	s->server = server;
	s->db = db;
	s->answered = rt->ops->cond_new(rt);
	s->arrived = rt->ops->cond_new(rt);
	s->client_open = s->alive = s->serving = true;
	s->lock_deadline_ns = s->statement_deadline_ns = RUNTIME_FOREVER;
	s->idle_since_ns = runtime_boot_ns(rt);
	s->info.backend_pid = server->next_pid++;
	print_start(s);
	s->next = server->sessions;
	server->sessions = s;
	give_thread(server, s);
	return s;
}

/* ---- the end ---- */

void
memory_server_stop(struct memory_server *server)
{
	struct runtime *rt = server->rt;

	memory_server_crash(server);
	memory_lock(server);
	server->stopping = true;
	for (struct backend_thread *t = server->threads; t != NULL; t = t->next)
		rt->ops->cond_wake(rt, t->wanted);
	memory_unlock(server);
	for (struct backend_thread *t = server->threads; t != NULL; t = t->next)
		rt->ops->thread_join(rt, t->thread);
}

void
memory_server_free(struct memory_server *server)
{
	struct runtime *rt = server->rt;

	while (server->sessions != NULL) {
		struct memory_session *s = server->sessions;
		server->sessions = s->next;
		free_session(s);
	}
	while (server->databases != NULL) {
		struct memory_db *db = server->databases;
		server->databases = db->next;
		arena_fini(&db->arena);
		free(db);
	}
	for (struct backend_thread *t = server->threads; t != NULL; t = t->next)
		rt->ops->cond_free(rt, t->wanted);
	rt->ops->cond_free(rt, server->changed);
	rt->ops->mutex_free(rt, server->lock);
	arena_fini(&server->arena);
	free(server);
}
