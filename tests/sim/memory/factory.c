/* Opening sessions: where a URL leads, and what a server that is not well says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory/internal.h"

#include "shared/base/banned.h"

enum { SERVER_VERSION = 150000 };

static struct memory_factory *
factory_of(struct target_factory *f)
{
	return (struct memory_factory *)(void *)f;
}

struct target_factory *
memory_factory_new(const char *process, int64_t pid, const char *host)
{
	struct memory_factory *f = calloc(1, sizeof(*f));

	if (f == NULL)
		abort();
	f->base = (struct target_factory){.open = memory_open,
					  .scratch_open = memory_scratch_open,
					  .scratch_close = memory_scratch_close};
	arena_init(&f->arena);
	f->process = arena_str(&f->arena, process);
	f->host = arena_str(&f->arena, host ? host : process);
	f->pid = pid;
	f->operator_ = strcmp(process, "operator") == 0;
	return &f->base;
}

void
memory_factory_free(struct target_factory *factory)
{
	struct memory_factory *f = factory_of(factory);

	arena_fini(&f->arena);
	free(f);
}

void
memory_factory_route(struct target_factory *factory, const char *url, struct memory_server *server,
		     const char *database)
{
	struct memory_factory *f = factory_of(factory);
	struct memory_route *route = arena_new(&f->arena, struct memory_route);

	*route = (struct memory_route){.next = f->routes,
				       .url = secret_of(arena_str(&f->arena, url)),
				       .server = server,
				       .database = arena_str(&f->arena, database)};
	f->routes = route;
}

const struct memory_route *
memory_route_find(const struct target_factory *factory, struct secret url)
{
	const struct memory_factory *f = (const struct memory_factory *)(const void *)factory;
	const struct memory_route *route = f->routes;

	while (route != NULL && !secret_same(route->url, url))
		route = route->next;
	return route;
}

/* ---- opening ---- */

static enum memory_fate
ask_hook(struct memory_server *server, const struct memory_factory *f, const char *database,
	 int pid, bool after)
{
	const struct memory_point point = {.operation = MEMORY_open,
					   .after = after,
					   .process = f->process,
					   .database = database,
					   .backend_pid = pid};

	return f->operator_ ? MEMORY_GO_ON : memory_ask_hook(server, &point);
}

static bool
unreachable(const char *place, const char *why, struct error *err)
{
	error_set(err, E_CONFIG_006, "cannot connect to %s", place);
	error_cause(err, "%s", why);
	if (err != NULL)
		err->retryable = true;
	return false;
}

/* What a server that is there says to a newcomer; NULL = welcome. The mutex is held. */
static const struct refusal *
turned_away(const struct memory_server *server, bool known)
{
	static const struct refusal starting = {.state = "57P03",
						.words = "the database system is starting up"};
	static const struct refusal full = {.state = "53300",
					    .words = "sorry, too many clients already"};
	static const struct refusal unknown = {.state = "3D000",
					       .words = "there is no such database"};

	if (server->state == MEMORY_STARTING)
		return &starting;
	if (server->state == MEMORY_FULL)
		return &full;
	return known ? NULL : &unknown;
}

static void
introduce(struct memory_session *s, const struct memory_factory *f, const struct target_spec *spec,
	  const char *place)
{
	struct arena *arena = &s->arena;
	const char *ledger = spec->ledger ? spec->ledger : "tb_confiture";
	const char *dot = strchr(ledger, '.');

	s->process = arena_str(arena, f->process);
	s->host = arena_str(arena, f->host);
	s->client_pid = f->pid;
	s->operator_ = f->operator_;
	s->application =
		arena_str(arena, spec->application_name ? spec->application_name : "confiture");
	s->nameless_idle_ns = (uint64_t)spec->nameless_idle_ms * NS_PER_MS;
	if (dot != NULL)
		s->schema = arena_span(arena, span_of(ledger, (size_t)(dot - ledger)));
	s->ledger = arena_str(arena, dot ? dot + 1 : ledger);
	s->info.server_version = "15.0";
	s->info.server_version_num = SERVER_VERSION;
	s->info.database = arena_str(arena, s->db->name);
	s->info.user = "postgres";
	s->info.place = arena_str(arena, place);
}

/* The mutex is held. NULL with `err`. */
static struct memory_session *
admit(struct memory_server *server, const struct memory_factory *f, const struct target_spec *spec,
      const char *database, const char *place, struct error *err)
{
	struct memory_db *db = memory_database(server, database, false);
	char words[128];

	if (server->state == MEMORY_REFUSING) {
		unreachable(place, "connection refused", err);
		return NULL;
	}
	const struct refusal *no = turned_away(server, db != NULL);
	if (no != NULL) {
		snprintf(words, sizeof(words), "cannot connect to %s", place);
		(void)memory_refused(no, E_CONFIG_006, words, err);
		return NULL;
	}
	struct memory_session *s = memory_session_start(server, db);
	introduce(s, f, spec, place);
	return s;
}

bool
memory_open(struct target_factory *factory, const struct target_spec *spec, struct target **out,
	    struct error *err)
{
	const struct memory_route *route = memory_route_find(factory, spec->url);
	const struct memory_factory *f = factory_of(factory);
	char place[96];

	if (route == NULL)
		return unreachable("an unknown address", "no route leads there", err);
	struct memory_server *server = route->server;
	const char *database = spec->database ? spec->database : route->database;
	snprintf(place, sizeof(place), "memory:5432/%s", database);
	if (ask_hook(server, f, database, 0, false) != MEMORY_GO_ON)
		return unreachable(place, "server closed the connection unexpectedly", err);
	memory_lock(server);
	struct memory_session *s = admit(server, f, spec, database, place, err);
	memory_unlock(server);
	if (s == NULL)
		return false;
	enum memory_fate fate = ask_hook(server, f, database, s->info.backend_pid, true);
	if (fate != MEMORY_GO_ON) {
		memory_backend_cut(server, s->info.backend_pid,
				   fate == MEMORY_HALF_OPEN || fate == MEMORY_HALF_OPEN_SENT);
		(void)memory_lost(s, err);
		s->base.ops->close(&s->base);
		return false;
	}
	*out = &s->base;
	return true;
}

/* ---- scratch copies ---- */

struct scratch {
	struct memory_db *db;
};

static void
copy_records(const struct memory_db *from, struct memory_db *to, bool rows)
{
	for (const struct record *r = from->first; r != NULL; r = r->next) {
		if (r->value != NULL && (rows || r->kind == RECORD_RELATION))
			record_of(to, r->kind, r->group, r->key)->value = r->value;
	}
	to->next_pk = from->next_pk;
}

/* CREATE DATABASE … TEMPLATE wants to be alone; a dump does not. */
static bool
is_used(const struct memory_server *server, const struct memory_db *db)
{
	for (const struct memory_session *s = server->sessions; s != NULL; s = s->next) {
		if (s->alive && s->db == db)
			return true;
	}
	return false;
}

bool
memory_scratch_open(struct target_factory *factory, enum scratch_kind kind,
		    const struct target_spec *source, struct arena *arena, struct scratch **out,
		    struct target_spec *spec, struct error *err)
{
	const struct memory_route *route = memory_route_find(factory, source->url);
	static const struct refusal used = {
		.state = "55006", .words = "source database is being accessed by other users"};

	if (route == NULL || route->server->state != MEMORY_UP)
		return unreachable("the source's server", "connection refused", err);
	struct memory_server *server = route->server;
	memory_lock(server);
	struct memory_db *from = memory_database(
		server, source->database ? source->database : route->database, false);
	bool free = from != NULL && (kind != SCRATCH_CLONE || !is_used(server, from));
	if (free) {
		*spec = *source;
		spec->url = secret_copy(arena, source->url);
		spec->database = arena_printf(arena, "confiture_clone_%d", server->next_pid++);
		*out = arena_new(&server->arena, struct scratch);
		(*out)->db = memory_database(server, spec->database, true);
		copy_records(from, (*out)->db, kind == SCRATCH_CLONE);
	}
	memory_unlock(server);
	return free || memory_refused(&used, E_SQL_001, "the source cannot be copied", err);
}

void
memory_scratch_close(struct target_factory *factory UNUSED, struct scratch *scratch)
{
	memory_lock(scratch->db->server);
	scratch->db->dropped = true;
	memory_unlock(scratch->db->server);
}
