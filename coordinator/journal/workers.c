/*
 * Workers come and go; what they serve is remembered, so that a job for a target whose worker is
 * away waits for it instead of being refused, and a fan-out never forgets a database that is down.
 */
#include "coordinator/journal/query.h"

#include "shared/base/banned.h"

static bool
read_workers(struct journal *j, struct arena *a, struct journal_fleet *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_worker_list);
	size_t cap = 0;
	bool row, ok;

	while ((ok = query_step(&q, &row, err)) && row) {
		out->workers =
			arena_grow(a, out->workers, out->worker_count, &cap, sizeof(*out->workers));
		out->workers[out->worker_count++] =
			(struct journal_worker){.name = query_col(&q, a, 0),
						.version = query_col(&q, a, 1),
						.draining = query_col_int(&q, 2) == 1,
						.last_seen = query_col(&q, a, 3)};
	}
	query_end(&q);
	return ok;
}

static bool
read_targets(struct journal *j, struct arena *a, struct journal_fleet *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_target_list);
	size_t cap = 0;
	bool row, ok;

	while ((ok = query_step(&q, &row, err)) && row) {
		out->targets =
			arena_grow(a, out->targets, out->target_count, &cap, sizeof(*out->targets));
		out->targets[out->target_count++] =
			(struct journal_target){.name = query_col(&q, a, 0),
						.worker = query_col(&q, a, 1),
						.environment = query_col(&q, a, 2),
						.target_key = query_col(&q, a, 3),
						.protected_ = query_col_int(&q, 4) == 1,
						.tracking_table = query_col(&q, a, 5)};
	}
	query_end(&q);
	return ok;
}

bool
journal_fleet_read(struct journal *j, struct arena *a, struct journal_fleet *out, struct error *err)
{
	*out = (struct journal_fleet){0};
	return read_workers(j, a, out, err) && read_targets(j, a, out, err);
}

static bool
add_target(struct journal *j, const char *worker, const struct worker_target *t, struct error *err)
{
	struct query q = query_begin(j, journal_sql_target_add);

	query_text(&q, worker);
	query_text(&q, t->name);
	query_text(&q, t->environment);
	query_text(&q, t->target_key);
	query_int(&q, t->protected_);
	query_text(&q, t->tracking_table);
	return query_run(&q, err);
}

/* For statements that are given a name and nothing else. */
static bool
run_for(struct journal *j, const char *sql, const char *name, struct error *err)
{
	struct query q = query_begin(j, sql);

	query_text(&q, name);
	return query_run(&q, err);
}

bool
journal_worker_add(struct journal *j, const char *name, const struct worker_hello *hello,
		   struct error *err)
{
	char now[TIME_TEXT];
	struct query q = query_begin(j, journal_sql_worker_add);

	time_print(j->rt->ops->wall_us(j->rt), now);
	query_text(&q, name);
	query_text(&q, hello->version);
	query_text(&q, now);
	bool ok = query_run(&q, err) && run_for(j, journal_sql_target_clear, name, err);
	for (size_t i = 0; ok && i < hello->targets.count; i++)
		ok = add_target(j, name, &hello->targets.items[i], err);
	return ok;
}

bool
journal_worker_drain(struct journal *j, const char *name, bool draining, struct error *err)
{
	struct query q = query_begin(j, journal_sql_worker_drain);

	query_text(&q, name);
	query_int(&q, draining);
	return query_run(&q, err);
}

bool
journal_worker_seen(struct journal *j, const char *name, const char *time, struct error *err)
{
	struct query q = query_begin(j, journal_sql_worker_seen);

	query_text(&q, name);
	query_text(&q, time);
	return query_run(&q, err);
}

bool
journal_worker_forget(struct journal *j, const char *name, struct error *err)
{
	return run_for(j, journal_sql_worker_forget, name, err);
}

bool
journal_target_forget(struct journal *j, const char *name, struct error *err)
{
	return run_for(j, journal_sql_target_forget, name, err);
}
