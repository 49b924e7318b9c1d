/* The smallest coordinator that a worker can work for, and a database of its own for each case. */
#include "tests/db/engine_rig.h"

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/unit.h"
#include "worker/target_postgres.h"

#include "shared/base/banned.h"

static struct rig *
rig_of(struct target_directory *d)
{
	return (struct rig *)(void *)((char *)d - offsetof(struct rig, directory));
}

static bool
find_target(struct target_directory *d, const char *name, struct target_spec *out,
	    struct error *err)
{
	if (strcmp(name, "local") != 0)
		return error_set(err, E_CONFIG_011, "no target %s", name);
	*out = (struct target_spec){
		.name = "local", .url = secret_of(rig_of(d)->url), .ledger = "tb_confiture"};
	return true;
}

/* ---- files that are slow to read ---- */

struct slow_file {
	struct rig *rig;
	struct sql_source file;
};

static struct rig *
rig_of_bundles(struct bundle_source *b)
{
	return (struct rig *)(void *)((char *)b - offsetof(struct rig, slow));
}

static bool
slow_read(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct slow_file *f = self;
	uint64_t ms = f->rig->slow_ms;

	if (ms > 0)
		f->rig->net.rt->ops->sleep_ns(f->rig->net.rt, ms * NS_PER_MS);
	return f->file.read(f->file.self, buf, ms > 0 && size > 64 ? 64 : size, got, err);
}

static bool
slow_open(struct bundle_source *b, const char *name, struct sql_source *out, struct error *err)
{
	struct rig *g = rig_of_bundles(b);
	struct slow_file *f = calloc(1, sizeof(*f));

	f->rig = g;
	if (!g->bundles->ops->open(g->bundles, name, &f->file, err)) {
		free(f);
		return false;
	}
	*out = (struct sql_source){slow_read, f};
	return true;
}

static void
slow_close(struct bundle_source *b, struct sql_source *file)
{
	struct rig *g = rig_of_bundles(b);
	struct slow_file *f = file->self;

	g->bundles->ops->close(g->bundles, &f->file);
	free(f);
}

static const struct bundle_source_ops slow_ops = {slow_open, slow_close};

/* ---- the coordinator ---- */

static void
answer_next(struct rig *g, struct net_request *r)
{
	struct worker_offer offer = {.lease_ms = g->lease_ms, .journal = "rig"};

	if (g->spec == NULL || g->offered) {
		g->parked = r;
		return;
	}
	g->offered = true;
	offer.job = g->job;
	offer.attempt = g->attempt > 0 ? g->attempt : 1;
	offer.spec = (struct job_spec *)(uintptr_t)g->spec;
	if (g->unsettled.job != NULL) {
		offer.unsettled.items = &g->unsettled;
		offer.unsettled.count = 1;
	}
	scripted_reply(&g->net, r, &offer);
}

static void
keep_events(struct rig *g, const struct job_events *batch)
{
	for (size_t i = 0; i < batch->events.count; i++) {
		const struct job_event *e = &batch->events.items[i];
		struct job_event *copy = record_copy(&g->arena, &record_job_event, e);
		if (g->event_count < RIG_EVENTS)
			g->events[g->event_count++] = *copy;
		if (g->on_event != NULL)
			g->on_event(g, copy);
	}
}

static void
answer_locked(struct rig *g, struct net_request *r)
{
	struct job_lease lease = {.lease_ms = g->lease_ms, .cancel = g->cancel};
	const struct job_finish *finish = r->body;
	struct ack ack = {0};

	switch (r->kind) {
	case MESSAGE_worker_next:
		answer_next(g, r);
		return;
	case MESSAGE_job_renew:
		if (g->mute && g->unanswered_count < ARRAY_LEN(g->unanswered)) {
			g->unanswered[g->unanswered_count++] = r;
			return;
		}
		scripted_reply(&g->net, r, &lease);
		return;
	case MESSAGE_job_begin:
		scripted_reply(&g->net, r, &lease);
		return;
	case MESSAGE_job_events:
		keep_events(g, r->body);
		if (g->hold_events) {
			g->held_events = r;
			return;
		}
		break;
	case MESSAGE_job_settled:
		g->settled = record_copy(&g->arena, &record_settled_attempt,
					 ((const struct job_settled *)r->body)->attempts.items);
		break;
	case MESSAGE_job_finish:
		g->outcome = record_copy(&g->arena, &record_job_outcome, finish->outcome);
		g->finished = true;
		break;
	default:
		scripted_refuse(&g->net, r, E_INTERNAL_ERROR, false);
		return;
	}
	scripted_reply(&g->net, r, &ack);
	g->net.rt->ops->cond_wake(g->net.rt, g->net.changed);
}

static void
answer(struct scripted *s, struct net_request *r)
{
	struct rig *g = s->self;

	s->rt->ops->mutex_lock(s->rt, s->lock);
	answer_locked(g, r);
	s->rt->ops->mutex_unlock(s->rt, s->lock);
}

void
rig_start(struct rig *g, const char *database)
{
	rig_start_with(g, database, target_postgres());
}

static void
start_worker(struct rig *g, struct target_factory *factory)
{
	static const char *targets[] = {"local"};
	struct worker_config config = {.name = "rig",
				       .targets = targets,
				       .target_count = 1,
				       .directory = &g->directory,
				       .factory = factory,
				       .bundles = &g->slow};

	g->directory.find = find_target;
	g->bundles = bundle_source_directory(g->dir);
	g->slow.ops = &slow_ops;
	scripted_start(&g->net, answer, g);
	g->worker = worker_start(g->net.rt, g->net.client, &config);
}

void
rig_start_with(struct rig *g, const char *database, struct target_factory *factory)
{
	*g = (struct rig){.lease_ms = 10000};
	arena_init(&g->arena);
	REQUIRE(cluster_start());
	REQUIRE(cluster_create_database(database));
	g->url = arena_str(&g->arena, cluster_url(database));
	snprintf(g->dir, sizeof(g->dir), "/tmp/confiture-engine-XXXXXX");
	REQUIRE(mkdtemp(g->dir) != NULL);
	start_worker(g, factory);
}

void
rig_start_beside(struct rig *g, const struct rig *other)
{
	*g = (struct rig){.lease_ms = 10000, .guest = true};
	arena_init(&g->arena);
	g->url = arena_str(&g->arena, other->url);
	snprintf(g->dir, sizeof(g->dir), "%s", other->dir);
	start_worker(g, target_postgres());
}

static void
remove_dir(struct rig *g)
{
	DIR *d = opendir(g->dir);

	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
		if (e->d_name[0] != '.')
			rig_file(g, e->d_name, NULL);
	}
	closedir(d);
	rmdir(g->dir);
}

void
rig_stop(struct rig *g)
{
	net_inproc_stop(g->net.net);
	worker_stop(g->worker);
	scripted_stop(&g->net);
	bundle_source_free(g->bundles);
	if (!g->guest)
		remove_dir(g);
	arena_fini(&g->arena);
}

void
rig_file(struct rig *g, const char *name, const char *text)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", g->dir, name);
	if (text == NULL) {
		unlink(path);
		return;
	}
	FILE *f = fopen(path, "w");
	REQUIRE(f != NULL);
	fputs(text, f);
	REQUIRE(fclose(f) == 0);
}

void
rig_offer(struct rig *g, const char *kind, const struct job_options *options)
{
	static const struct job_options none;
	struct job_spec *spec = arena_new(&g->arena, struct job_spec);
	struct runtime *rt = g->net.rt;
	struct error err;

	*spec = (struct job_spec){.kind = kind, .target = "local"};
	spec->options = record_copy(&g->arena, &record_job_options, options ? options : &none);
	spec->bundle = arena_new(&g->arena, struct bundle_info);
	REQUIRE(bundle_scan(&g->arena, g->dir, true, spec->bundle, &err));
	rt->ops->mutex_lock(rt, g->net.lock);
	if (g->attempt == 0)
		runtime_id(rt, g->job);
	g->spec = spec;
	g->offered = g->finished = g->cancel = false;
	g->outcome = NULL;
	g->event_count = 0;
	struct net_request *parked = g->parked;
	g->parked = NULL;
	if (parked != NULL)
		answer_next(g, parked);
	rt->ops->mutex_unlock(rt, g->net.lock);
}

bool
rig_ended(struct rig *g, uint64_t ms)
{
	struct runtime *rt = g->net.rt;
	uint64_t end = runtime_deadline(rt, ms);

	rt->ops->mutex_lock(rt, g->net.lock);
	while (!g->finished && rt->ops->cond_wait(rt, g->net.changed, g->net.lock, end))
		;
	bool finished = g->finished;
	rt->ops->mutex_unlock(rt, g->net.lock);
	return finished;
}

void
rig_take_events(struct rig *g)
{
	struct runtime *rt = g->net.rt;
	struct ack ack = {0};

	rt->ops->mutex_lock(rt, g->net.lock);
	g->hold_events = false;
	if (g->held_events != NULL)
		scripted_reply(&g->net, g->held_events, &ack);
	g->held_events = NULL;
	rt->ops->mutex_unlock(rt, g->net.lock);
}

const struct job_outcome *
rig_wait(struct rig *g)
{
	struct runtime *rt = g->net.rt;
	bool finished = rig_ended(g, 60000);

	rt->ops->mutex_lock(rt, g->net.lock);
	g->spec = NULL;
	rt->ops->mutex_unlock(rt, g->net.lock);
	REQUIRE(finished);
	return g->outcome;
}

const struct job_outcome *
rig_run(struct rig *g, const char *kind, const struct job_options *options)
{
	rig_offer(g, kind, options);
	return rig_wait(g);
}

void
rig_cancel(struct rig *g)
{
	g->net.rt->ops->mutex_lock(g->net.rt, g->net.lock);
	g->cancel = true;
	g->net.rt->ops->mutex_unlock(g->net.rt, g->net.lock);
}

static const struct job_event *
find_event(struct rig *g, const char *kind)
{
	for (size_t i = 0; i < g->event_count; i++) {
		if (strcmp(g->events[i].kind, kind) == 0)
			return &g->events[i];
	}
	return NULL;
}

const struct job_event *
rig_event(struct rig *g, const char *kind)
{
	g->net.rt->ops->mutex_lock(g->net.rt, g->net.lock);
	const struct job_event *e = find_event(g, kind);
	g->net.rt->ops->mutex_unlock(g->net.rt, g->net.lock);
	return e;
}

bool
rig_wait_event(struct rig *g, const char *kind)
{
	for (int i = 0; i < 500; i++) {
		if (rig_event(g, kind) != NULL)
			return true;
		g->net.rt->ops->sleep_ns(g->net.rt, 20 * NS_PER_MS);
	}
	return false;
}

const char *
rig_text(struct rig *g, const char *sql)
{
	return pg_query_text(g->url, sql);
}

bool
rig_wait_true(struct rig *g, const char *sql)
{
	for (int i = 0; i < 200; i++) {
		const char *text = rig_text(g, sql);
		if (text != NULL && strcmp(text, "t") == 0)
			return true;
		g->net.rt->ops->sleep_ns(g->net.rt, 50 * NS_PER_MS);
	}
	return false;
}

const char *
rig_code(const struct job_outcome *o)
{
	return o->error == NULL ? "ok" : o->error->code;
}
