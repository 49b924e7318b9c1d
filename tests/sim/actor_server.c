/* A database server: one for each target, so that each fails for itself. */
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

#include "tests/sim/house.h"

#include "shared/base/banned.h"

#define SCHEME "memory://"

enum { OPERATION_MOST_NS = 800 * 1000 };

static enum memory_fate
client_point(void *self, const struct memory_point *point)
{
	struct server_actor *s = self;
	struct world *w = s->process->world;
	const uint32_t once_in = s->cut_once_in;

	if (once_in == 0 || !dice_once_in(&w->dice, once_in))
		return MEMORY_GO_ON;
	enum memory_fate fate = MEMORY_CUT + (enum memory_fate)dice_below(&w->dice, 4);
	trace_line(w->trace, sched_now(w->sched), s->process->name, "connection of %s cut %s %s",
		   point->process, point->after ? "after" : "before",
		   memory_operation_name(point->operation));
	return fate;
}

static void
server_point(void *self, const struct memory_point *point)
{
	struct server_actor *s = self;
	struct world *w = s->process->world;
	uint64_t most = OPERATION_MOST_NS;

	if (point->operation == MEMORY_run || point->phase != NULL)
		most = s->statement_most_ns;
	fiber_sleep(w->sched, dice_below(&w->dice, most));
}

static void
up_due(void *self)
{
	struct server_actor *s = self;
	struct world *w = s->process->world;

	trace_line(w->trace, sched_now(w->sched), s->process->name, "takes sessions again");
	memory_server_state(s->server, MEMORY_UP);
}

void
server_actor_state(struct server_actor *s, enum memory_state state, uint64_t ns)
{
	struct world *w = s->process->world;

	trace_line(w->trace, sched_now(w->sched), s->process->name, "state %d for %.1f s",
		   (int)state, (double)ns / 1e9);
	memory_server_state(s->server, state);
	timer_arm(w->sched, &s->up, sched_now(w->sched) + ns);
}

void
server_actor_crash(struct server_actor *s, uint64_t down_ns)
{
	struct world *w = s->process->world;

	trace_line(w->trace, sched_now(w->sched), s->process->name, "is restarted at once");
	memory_server_crash(s->server);
	server_actor_state(s, MEMORY_STARTING, down_ns);
}

/* The rows that migrations count in. */
void
server_actor_fill(struct server_actor *s)
{
	struct run_result result;
	struct error err = {0};
	struct arena arena;
	bool ok;

	arena_init(&arena);
	ok = memory_db_run(s->db, "CREATE TABLE " PROJECT_TABLE " (id text PRIMARY KEY, n bigint)",
			   &arena, &result, &err);
	for (size_t i = 0; ok && i < PROJECT_VERSIONS; i++)
		ok = memory_db_run(s->db,
				   arena_printf(&arena,
						"INSERT INTO " PROJECT_TABLE
						" (id, n) VALUES ('%s', 0)",
						project_version(i)),
				   &arena, &result, &err);
	if (!ok) {
		fprintf(stderr, "confiture_sim: the database cannot be made: %s\n", err.message);
		abort();
	}
	arena_fini(&arena);
}

void
server_actor_init(struct house *h, size_t number)
{
	static const char *const names[TARGETS_MOST] = {"server-1", "server-2", "server-3"};
	struct server_actor *s = &h->servers[number];
	struct machine m = {0};

	*s = (struct server_actor){.statement_most_ns = h->plan->statement_most_ns};
	machine_boot(&m, &h->world);
	s->process = process_new(&h->world, &m, names[number]);
	s->server = memory_server_new(&s->process->rt);
	s->db = memory_server_database(s->server, "app");
	s->up = (struct timer){.fire = up_due, .self = s};
	snprintf(s->url, sizeof(s->url), SCHEME "%s/app", names[number]);
	s->place = s->url + strlen(SCHEME);
	memory_server_hooks(
		s->server,
		&(struct memory_hooks){.client = client_point, .server = server_point, .self = s});
}
