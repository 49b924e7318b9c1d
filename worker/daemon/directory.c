/*
 * Entries are made once and never freed: a job may hold one while the settings change under it, and
 * there are only as many as there ever were databases. What changes is the list of those that are
 * served now.
 */
#include "worker/daemon/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/config/settings.h"
#include "shared/pg/dsn.h"
#include "worker/daemon/tenants.h"

#include "shared/base/banned.h"

/* One database; `url` with `database` over it says which. */
struct served {
	struct served *older; /* all that were ever made */
	struct worker_target shown;
	struct secret url;
	const char *database; /* NULL: the URL's */
	size_t pattern;	      /* which line of the settings found it; 0 = it is named there */
};

struct list {
	struct served **items;
	size_t count, cap;
};

struct directory {
	struct target_directory base; /* first: the worker hands it back */
	struct runtime *rt;
	struct log *log;
	struct mutex *lock;

	/* ---- under the lock ---- */
	struct arena kept; /* entries */
	struct served *newest;
	struct arena listed[2]; /* the list, in turns */
	unsigned turn;
	struct list now;
	struct arena settings;
	struct config_worker_target *lines;
	size_t line_count;
};

static void
lock(struct directory *d)
{
	d->rt->ops->mutex_lock(d->rt, d->lock);
}

static void
unlock(struct directory *d)
{
	d->rt->ops->mutex_unlock(d->rt, d->lock);
}

static bool
find(struct target_directory *base, const char *name, struct target_spec *out, struct error *err)
{
	struct directory *d = (struct directory *)base;
	const struct served *found = NULL;

	lock(d);
	for (size_t i = 0; i < d->now.count && found == NULL; i++) {
		if (strcmp(d->now.items[i]->shown.name, name) == 0)
			found = d->now.items[i];
	}
	unlock(d);
	if (found == NULL)
		return error_set(err, E_CONFIG_011, "this worker serves no target named %s", name);
	*out = (struct target_spec){.name = found->shown.name,
				    .url = found->url,
				    .database = found->database,
				    .ledger = found->shown.tracking_table,
				    .application_name = "confiture"};
	return true;
}

/* ---- entries ---- */
static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same(const struct served *a, const struct served *b)
{
	return same_text(a->shown.name, b->shown.name) &&
	       same_text(a->shown.environment, b->shown.environment) &&
	       same_text(a->shown.tracking_table, b->shown.tracking_table) &&
	       a->shown.protected_ == b->shown.protected_ && secret_same(a->url, b->url) &&
	       same_text(a->database, b->database) && a->pattern == b->pattern;
}

/* "host:port/shop" with another database. */
static const char *
key_of(struct arena *arena, struct secret url, const char *database)
{
	const char *key = dsn_key(arena, url);
	const char *slash = strrchr(key, '/');

	if (database == NULL || slash == NULL)
		return key;
	return arena_printf(arena, "%.*s/%s", (int)(slash - key), key, database);
}

/* The entry that is like `s`: an older one, or a copy. */
static struct served *
keep(struct directory *d, const struct served *s)
{
	for (struct served *old = d->newest; old != NULL; old = old->older) {
		if (same(old, s))
			return old;
	}
	struct served *copy = arena_new(&d->kept, struct served);
	*copy = *s;
	copy->shown.name = arena_str(&d->kept, s->shown.name);
	copy->shown.environment = arena_str(&d->kept, s->shown.environment);
	copy->shown.tracking_table = arena_str(&d->kept, s->shown.tracking_table);
	copy->url = secret_copy(&d->kept, s->url);
	copy->database = arena_str(&d->kept, s->database);
	copy->shown.target_key = key_of(&d->kept, copy->url, copy->database);
	copy->older = d->newest;
	d->newest = copy;
	return copy;
}

static struct served
served_of(const struct config_worker_target *line, const char *name, const char *database,
	  size_t pattern)
{
	return (struct served){
		.shown = {.name = name,
			  .environment = line->environment,
			  .tracking_table = line->tracking_table,
			  .protected_ = line->protected_},
		.url = line->url,
		.database = database,
		.pattern = pattern,
	};
}

/* ---- the list ---- */
static void
begin_list(struct directory *d, struct list *out)
{
	arena_reset(&d->listed[!d->turn]);
	*out = (struct list){0};
}

/* Of two databases with one name the one that is named in the settings counts, then the first. */
static void
add(struct directory *d, struct list *l, struct served *s)
{
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->items[i]->shown.name, s->shown.name) == 0)
			return;
	}
	l->items = arena_grow(&d->listed[!d->turn], l->items, l->count, &l->cap, sizeof(*l->items));
	l->items[l->count++] = s;
}

static int
by_name(const void *a, const void *b)
{
	const struct served *const *x = a, *const *y = b;

	return strcmp((*x)->shown.name, (*y)->shown.name);
}

static void
end_list(struct directory *d, const struct list *l)
{
	if (l->count > 0)
		qsort(l->items, l->count, sizeof(*l->items), by_name);
	d->turn = !d->turn;
	d->now = *l;
}

static void
add_named(struct directory *d, struct list *l)
{
	for (size_t i = 0; i < d->line_count; i++) {
		const struct config_worker_target *line = &d->lines[i];
		struct served s = served_of(line, line->name, NULL, 0);
		if (line->pattern == NULL)
			add(d, l, keep(d, &s));
	}
}

/* Those that a pattern had found; with `line` 0, those of every pattern that is still there. */
static void
add_found_before(struct directory *d, struct list *l, size_t line)
{
	for (size_t i = 0; i < d->now.count; i++) {
		struct served *s = d->now.items[i];
		if (s->pattern == 0 || (line != 0 && s->pattern != line) ||
		    s->pattern > d->line_count || d->lines[s->pattern - 1].pattern == NULL)
			continue;
		/* The settings may have changed since: what holds for it now? */
		struct served again = served_of(&d->lines[s->pattern - 1], s->shown.name,
						s->database, s->pattern);
		if (same(&again, s))
			add(d, l, s);
	}
}

void
directory_load(struct directory *d, const struct config_worker *settings)
{
	struct list l;

	lock(d);
	arena_reset(&d->settings);
	d->line_count = settings->target_count;
	d->lines = arena_array(&d->settings, d->line_count, sizeof(*d->lines));
	for (size_t i = 0; i < d->line_count; i++) {
		const struct config_worker_target *from = &settings->targets[i];
		struct config_worker_target *to = &d->lines[i];
		*to = *from;
		to->name = arena_str(&d->settings, from->name);
		to->environment = arena_str(&d->settings, from->environment);
		to->url = secret_copy(&d->settings, from->url);
		to->tracking_table = arena_str(&d->settings, from->tracking_table);
		to->pattern = arena_str(&d->settings, from->pattern);
	}
	begin_list(d, &l);
	add_named(d, &l);
	add_found_before(d, &l, 0);
	end_list(d, &l);
	unlock(d);
}

/* ---- patterns ---- */
struct found {
	bool asked, answered;
	struct tenant_list list;
};

/* The servers are asked without the lock; only this thread changes the settings. */
static void
ask_servers(struct directory *d, struct arena *arena, struct found *found)
{
	for (size_t i = 0; i < d->line_count; i++) {
		const struct config_worker_target *line = &d->lines[i];
		struct error err = {0};
		if (line->pattern == NULL)
			continue;
		found[i].asked = true;
		found[i].answered = tenants_list(arena, line->url, line->pattern, line->regex,
						 &found[i].list, &err);
		if (!found[i].answered)
			log_error(d->log, LEVEL_WARNING, "databases cannot be listed", &err,
				  "target", line->name, NULL);
	}
}

static void
add_found(struct directory *d, struct list *l, size_t at, const struct tenant_list *tenants)
{
	const struct config_worker_target *line = &d->lines[at];
	char name[256];

	for (size_t i = 0; i < tenants->count; i++) {
		const char *database = tenants->names[i];
		if (!settings_is_name(database)) {
			log_put(d->log, LEVEL_WARNING, "database left out: its name is no target's",
				"target", line->name, "database", database, NULL);
			continue;
		}
		snprintf(name, sizeof(name), "%s/%s", line->environment, database);
		struct served s = served_of(line, name, database, at + 1);
		add(d, l, keep(d, &s));
	}
}

void
directory_look(struct directory *d)
{
	struct arena arena;
	struct list l;

	arena_init(&arena);
	struct found *found = arena_array(&arena, d->line_count, sizeof(*found));
	ask_servers(d, &arena, found);
	lock(d);
	begin_list(d, &l);
	add_named(d, &l);
	for (size_t i = 0; i < d->line_count; i++) {
		if (found[i].answered)
			add_found(d, &l, i, &found[i].list);
		else if (found[i].asked)
			add_found_before(d, &l, i + 1);
	}
	end_list(d, &l);
	unlock(d);
	arena_fini(&arena);
}

/* ---- life ---- */
void
directory_hello(struct directory *d, struct arena *arena, struct worker_hello *out)
{
	struct worker_hello hello = {.version = CONFITURE_VERSION};

	lock(d);
	hello.targets.count = d->now.count;
	hello.targets.items = arena_array(arena, d->now.count, sizeof(*hello.targets.items));
	for (size_t i = 0; i < d->now.count; i++)
		hello.targets.items[i] = d->now.items[i]->shown;
	*out = *(struct worker_hello *)record_copy(arena, &record_worker_hello, &hello);
	unlock(d);
}

struct directory *
directory_new(struct runtime *rt, struct log *log)
{
	struct directory *d = calloc(1, sizeof(*d));

	if (d == NULL) {
		fputs("confiture-worker: out of memory\n", stderr);
		abort();
	}
	d->base.find = find;
	d->rt = rt;
	d->log = log;
	d->lock = rt->ops->mutex_new(rt);
	arena_init(&d->kept);
	arena_init(&d->listed[0]);
	arena_init(&d->listed[1]);
	arena_init(&d->settings);
	return d;
}

void
directory_free(struct directory *d)
{
	if (d == NULL)
		return;
	d->rt->ops->mutex_free(d->rt, d->lock);
	arena_fini(&d->kept);
	arena_fini(&d->listed[0]);
	arena_fini(&d->listed[1]);
	arena_fini(&d->settings);
	free(d);
}

struct target_directory *
directory_base(struct directory *d)
{
	return &d->base;
}
