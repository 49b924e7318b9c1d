/*
 * Jobs as rows: the store of every job that changes something. Each change of state writes the row,
 * the attempt and an audit event, in the transaction of the request that caused it.
 */
#include "coordinator/journal/query.h"

#include <stddef.h>
#include <stdio.h>

#include "coordinator/journal/seal.h"
#include "shared/base/faults.h"
#include "shared/wire/record.h"

#include "shared/base/banned.h"

/* clang-format off */
/* What the audit log says about a change of a job. No statement text, no settings. */
#define RECORD_job_audit(F) \
	F(1, TEXT, _, kind, OPTIONAL, "") \
	F(2, TEXT, _, target, OPTIONAL, "") \
	F(3, TEXT, _, target_key, OPTIONAL, "") \
	F(4, TEXT, _, environment, OPTIONAL, "") \
	F(5, TEXT, _, agent, OPTIONAL, "") \
	F(6, TEXT, _, bundle_hash, OPTIONAL, "") \
	F(7, TEXT, _, state, OPTIONAL, "") \
	F(8, INT, _, attempt, OPTIONAL, "") \
	F(9, TEXT, _, worker, OPTIONAL, "") \
	F(10, TEXT, _, note, OPTIONAL, "") \
	F(11, INT, _, exit_code, OPTIONAL, "") \
	F(12, TEXT, _, error, OPTIONAL, "code") \
	F(13, INT, _, events, OPTIONAL, "how many events the job had") \
	F(14, TEXT, _, events_sha256, OPTIONAL, "hash over them") \
	F(15, TEXT, _, foreign_journal, OPTIONAL, "why a database of another journal may be changed")
RECORD_DECLARE(job_audit)
#define RECORD_TYPE struct job_audit
RECORD_DEFINE(job_audit, "a change of a job, in the audit log")
#undef RECORD_TYPE
/* clang-format on */

static struct journal *
journal_of(struct job_store *s)
{
	return (struct journal *)((char *)s - offsetof(struct journal, jobs));
}

/* ---- rows ---- */
static const char *
state_text(struct query *q, int col)
{
	enum job_state state = JOB_UNKNOWN;
	struct arena a;

	arena_init(&a);
	/* A state that this program does not know is shown as one that has to be looked at. */
	(void)!job_state_named(query_col(q, &a, col), &state);
	arena_fini(&a);
	return job_state_name(state);
}

static void
read_job(struct query *q, struct arena *a, struct job *job)
{
	job->info = (struct job_info){
		.id = query_col(q, a, 0),
		.kind = query_col(q, a, 1),
		.state = state_text(q, 2),
		.target = query_col(q, a, 3),
		.environment = query_col(q, a, 4),
		.agent = query_col(q, a, 5),
		.attempt = query_col_int(q, 6),
		.submitted_at = query_col(q, a, 7),
		.started_at = query_col(q, a, 8),
		.finished_at = query_col(q, a, 9),
		.exit_code = query_col_int(q, 10),
		.note = query_col(q, a, 11),
		.last_seq = query_col_int(q, 12),
		.bundle_hash = query_col(q, a, 13),
	};
	job->target_key = query_col(q, a, 14);
	job->owner = query_col(q, a, 15);
	job->worker = query_col(q, a, 16);
	job->lease.boot_id = query_col(q, a, 17);
	job->lease.until_ms = job->lease.boot_id != NULL ? (uint64_t)query_col_int(q, 18) : 0;
	job->has_outcome = query_col_int(q, 19) == 1;
	job->cancel_asked = query_col_int(q, 20);
}

/* Every row of the query, which this ends. */
static bool
read_jobs(struct query *q, struct arena *a, struct job_set *out, struct error *err)
{
	size_t cap = 0;
	bool row, ok;

	*out = (struct job_set){0};
	while ((ok = query_step(q, &row, err)) && row) {
		out->items = arena_grow(a, out->items, out->count, &cap, sizeof(struct job));
		read_job(q, a, &out->items[out->count++]);
	}
	query_end(q);
	return ok;
}

static bool
read_one(struct query *q, struct arena *a, struct job **out, struct error *err)
{
	struct job_set set;

	*out = NULL;
	if (!read_jobs(q, a, &set, err))
		return false;
	if (set.count > 0)
		*out = &set.items[0];
	return true;
}

static void
bind_lease(struct query *q, const struct lease *lease)
{
	query_text(q, lease->boot_id);
	query_int(q, lease->boot_id != NULL ? (int64_t)lease->until_ms : INT_NULL);
}

static bool
audit(struct journal *j, const char *actor, const char *kind, const struct audit_image *images,
      const struct job_audit *detail, struct error *err)
{
	struct text json;

	text_init(&json, 0);
	record_json(&json, &record_job_audit, detail, 0);
	struct audit_entry entry = {.actor = actor,
				    .kind = kind,
				    .subject = images[0].key,
				    .detail = json.ptr,
				    .images = images,
				    .image_count = 2};
	bool ok = journal_audit_add(j, &entry, err);
	text_fini(&json);
	return ok;
}

/* ---- operations of the store ---- */
static bool
insert_job(struct journal *j, const struct job *job, const char *spec, struct error *err)
{
	const struct job_info *i = &job->info;
	struct query q = query_begin(j, journal_sql_job_add);
	const char *const first[] = {i->id, i->kind, i->state, i->target, i->environment, i->agent};

	for (size_t n = 0; n < ARRAY_LEN(first); n++)
		query_text(&q, first[n]);
	query_int(&q, i->attempt);
	query_text(&q, i->submitted_at);
	query_text(&q, i->started_at);
	query_text(&q, i->finished_at);
	query_int(&q, i->exit_code);
	query_text(&q, i->note);
	query_int(&q, i->last_seq);
	query_text(&q, i->bundle_hash);
	query_text(&q, job->target_key);
	query_text(&q, job->owner);
	query_text(&q, job->worker);
	bind_lease(&q, &job->lease);
	query_text(&q, spec);
	return query_run(&q, err);
}

static bool
store_add(struct job_store *s, const struct job *job, const struct job_spec *spec,
	  const char *actor, struct error *err)
{
	struct text json;
	struct job_audit detail = {
		.kind = job->info.kind,
		.target = job->info.target,
		.target_key = job->target_key,
		.environment = job->info.environment,
		.agent = job->info.agent,
		.bundle_hash = job->info.bundle_hash,
		.foreign_journal = spec->options != NULL ? spec->options->foreign_journal : NULL,
		.attempt = INT_NULL,
		.exit_code = INT_NULL,
		.events = INT_NULL};
	const struct audit_image images[] = {{IMAGE_JOB_NEW, job->info.id},
					     {IMAGE_ATTEMPT, job->info.id}};

	text_init(&json, 0);
	record_json_named(&json, &record_job_spec, spec);
	bool ok = insert_job(journal_of(s), job, json.ptr, err) &&
		  audit(journal_of(s), actor, "job.submit", images, &detail, err);
	text_fini(&json);
	return ok;
}

static bool
store_find(struct job_store *s, struct arena *a, const char *id, struct job **out,
	   struct error *err)
{
	struct query q = query_begin(journal_of(s), journal_sql_job_find);

	query_text(&q, id);
	return read_one(&q, a, out, err);
}

static bool
save_row(struct journal *j, const struct job *job, struct error *err)
{
	const struct job_info *i = &job->info;
	struct query q = query_begin(j, journal_sql_job_save);

	query_text(&q, i->id);
	query_text(&q, i->state);
	query_int(&q, i->attempt);
	query_text(&q, i->started_at);
	query_text(&q, i->finished_at);
	query_int(&q, i->exit_code);
	query_text(&q, i->note);
	query_int(&q, i->last_seq);
	query_text(&q, job->worker);
	bind_lease(&q, &job->lease);
	query_int(&q, job->cancel_asked);
	return query_run(&q, err);
}

static bool
save_outcome(struct journal *j, const char *id, const struct job_outcome *outcome,
	     struct error *err)
{
	struct query q = query_begin(j, journal_sql_job_set_outcome);
	struct text json;

	text_init(&json, 0);
	record_json_named(&json, &record_job_outcome, outcome);
	query_text(&q, id);
	query_text(&q, json.ptr);
	bool ok = query_run(&q, err);
	text_fini(&json);
	return ok;
}

static bool
save_attempt(struct journal *j, const struct job *job, int64_t wall_us, struct error *err)
{
	enum job_state state = job_state_of(job);
	char now[TIME_TEXT];

	if (FAULT(attempt_not_kept))
		return true;
	time_print(wall_us, now);
	if (state == JOB_RUNNING) {
		struct query q = query_begin(j, journal_sql_attempt_add);
		query_text(&q, job->info.id);
		query_int(&q, job->info.attempt);
		query_text(&q, job->worker);
		query_text(&q, now);
		return query_run(&q, err);
	}
	if (!job_state_final(state) && state != JOB_UNKNOWN)
		return true;
	struct query q = query_begin(j, journal_sql_attempt_end);
	query_text(&q, job->info.id);
	query_int(&q, job->info.attempt);
	query_text(&q, now);
	query_text(&q, job->info.state);
	return query_run(&q, err);
}

static bool
audit_move(struct journal *j, const struct job *job, const struct job_change *change,
	   struct error *err)
{
	const struct issue *error = change->outcome != NULL ? change->outcome->error : NULL;
	struct job_audit detail = {.state = job->info.state,
				   .attempt = job->info.attempt,
				   .worker = job->worker,
				   .note = job->info.note,
				   .exit_code = job->info.exit_code,
				   .error = error != NULL ? error->code : NULL,
				   .events = INT_NULL};
	const struct audit_image images[] = {{IMAGE_JOB, job->info.id},
					     {IMAGE_ATTEMPT, job->info.id}};
	struct seal seal;
	char kind[48];

	if (job_state_final(job_state_of(job))) {
		if (!seal_of(j, job->info.id, &seal, err))
			return false;
		detail.events = seal.events;
		detail.events_sha256 = seal.sha256;
	}
	snprintf(kind, sizeof(kind), "job.%s", job_trigger_name(change->trigger));
	return audit(j, change->actor, kind, images, &detail, err);
}

static bool
store_moved(struct job_store *s, const struct job *job, const struct job_change *change,
	    struct error *err)
{
	struct journal *j = journal_of(s);

	return save_row(j, job, err) &&
	       (change->outcome == NULL || FAULT(outcome_not_kept) ||
		save_outcome(j, job->info.id, change->outcome, err)) &&
	       save_attempt(j, job, change->wall_us, err) && audit_move(j, job, change, err);
}

static bool
store_queued(struct job_store *s, struct arena *a, const char *owner, const char *const *targets,
	     size_t count, struct job **out, struct error *err)
{
	*out = NULL;
	for (size_t i = 0; i < count && *out == NULL; i++) {
		bool mine = owner[0] != '\0';
		struct query q = query_begin(journal_of(s), mine ? journal_sql_job_queued
								 : journal_sql_job_offerable);
		if (mine)
			query_text(&q, owner);
		query_text(&q, targets[i]);
		if (!read_one(&q, a, out, err))
			return false;
	}
	return true;
}

/* A record that lies as JSON in one column; *out NULL when there is none. */
static bool
read_document(struct journal *j, struct arena *a, const char *sql, const char *id,
	      const struct record *of, void **out, struct error *err)
{
	struct query q = query_begin(j, sql);
	bool row, ok;

	*out = NULL;
	query_text(&q, id);
	ok = query_step(&q, &row, err);
	if (ok && row && query_col_span(&q, 0).ptr != NULL)
		ok = record_parse(a, of, query_col_span(&q, 0), out, err);
	query_end(&q);
	return ok;
}

static bool
store_spec(struct job_store *s, struct arena *a, const char *id, struct job_spec **out,
	   struct error *err)
{
	void *spec;

	if (!read_document(journal_of(s), a, journal_sql_job_spec, id, &record_job_spec, &spec,
			   err))
		return false;
	*out = spec;
	return true;
}

static bool
store_outcome(struct job_store *s, struct arena *a, const char *id, struct job_outcome **out,
	      struct error *err)
{
	void *outcome;

	if (!read_document(journal_of(s), a, journal_sql_job_outcome, id, &record_job_outcome,
			   &outcome, err))
		return false;
	*out = outcome;
	return true;
}

static bool
store_append(struct job_store *s, const struct job *job, const struct job_event *events,
	     size_t count, struct error *err)
{
	struct journal *j = journal_of(s);
	struct text json;
	bool ok = true;

	text_init(&json, 0);
	for (size_t i = 0; ok && i < count; i++) {
		if (FAULT(event_not_kept) && i > 0 && i + 1 == count)
			break;
		struct query q = query_begin(j, journal_sql_job_event_add);
		text_clear(&json);
		record_json(&json, &record_job_event, &events[i], 0);
		query_text(&q, job->info.id);
		query_int(&q, job->info.attempt);
		query_int(&q, events[i].seq);
		query_text(&q, json.ptr);
		ok = query_run(&q, err);
	}
	text_fini(&json);
	return ok && save_row(j, job, err);
}

static bool
store_events(struct job_store *s, struct arena *a, const char *id, int64_t attempt, int64_t seq,
	     size_t limit, struct job_events_page *out, struct error *err)
{
	struct query q = query_begin(journal_of(s), journal_sql_job_event_list);
	size_t cap = 0;
	bool row, ok;

	*out = (struct job_events_page){0};
	query_text(&q, id);
	query_int(&q, attempt);
	query_int(&q, seq);
	query_int(&q, (int64_t)limit);
	while ((ok = query_step(&q, &row, err)) && row) {
		void *event;
		ok = record_parse(a, &record_job_event, query_col_span(&q, 0), &event, err);
		if (!ok)
			break;
		out->items = arena_grow(a, out->items, out->count, &cap, sizeof(struct job_event));
		out->items[out->count++] = *(struct job_event *)event;
	}
	query_end(&q);
	return ok;
}

/* ---- questions that only a journal is asked ---- */
bool
journal_job_list(struct journal *j, struct arena *a, bool open_only, int64_t limit,
		 struct job_list *out, struct error *err)
{
	struct query q =
		query_begin(j, open_only ? journal_sql_job_list_open : journal_sql_job_list);
	struct job_set set;

	query_int(&q, limit);
	if (!read_jobs(&q, a, &set, err) ||
	    !journal_get_int(j, open_only ? journal_sql_job_count_open : journal_sql_job_count,
			     &out->total, err))
		return false;
	out->jobs.items = arena_array(a, set.count, sizeof(struct job_info));
	out->jobs.count = set.count;
	for (size_t i = 0; i < set.count; i++)
		out->jobs.items[i] = set.items[i].info;
	return true;
}

bool
journal_jobs_with(struct journal *j, const char *worker, int64_t *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_job_count_with);
	bool row, ok;

	query_text(&q, worker);
	ok = query_step(&q, &row, err);
	*out = ok && row ? query_col_int(&q, 0) : 0;
	query_end(&q);
	return ok;
}

bool
journal_jobs_open(struct journal *j, const char *agent, int64_t *all, int64_t *own,
		  struct error *err)
{
	struct query q = query_begin(j, journal_sql_job_count_of);
	bool row, ok;

	query_text(&q, agent);
	ok = query_step(&q, &row, err);
	*all = ok && row ? query_col_int(&q, 0) : 0;
	*own = ok && row ? query_col_int(&q, 1) : 0;
	query_end(&q);
	return ok;
}

bool
journal_unsettled(struct journal *j, struct arena *a, const char *target_key, const char *job,
		  struct job_set *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_job_unsettled);

	query_text(&q, target_key);
	query_text(&q, job);
	return read_jobs(&q, a, out, err);
}

bool
journal_settleable(struct journal *j, struct arena *a, const char *target, struct job_set *out,
		   struct error *err)
{
	struct query q = query_begin(j, journal_sql_job_settleable);

	query_text(&q, target);
	return read_jobs(&q, a, out, err);
}

bool
journal_attempts_unknown(struct journal *j, struct arena *a, const char *job, int64_t before,
			 struct attempt_set *out, struct error *err)
{
	struct query q = query_begin(j, journal_sql_attempt_unknown);
	size_t cap = 0;
	bool row, ok;

	*out = (struct attempt_set){0};
	query_text(&q, job);
	query_int(&q, before);
	while ((ok = query_step(&q, &row, err)) && row) {
		out->items = arena_grow(a, out->items, out->count, &cap, sizeof(int64_t));
		out->items[out->count++] = query_col_int(&q, 0);
	}
	query_end(&q);
	return ok;
}

bool
journal_attempt_settled(struct journal *j, const char *job, int64_t attempt, const char *actor,
			struct error *err)
{
	const struct audit_image images[] = {{IMAGE_JOB, job}, {IMAGE_ATTEMPT, job}};
	struct job_audit detail = {
		.state = "settled", .attempt = attempt, .exit_code = INT_NULL, .events = INT_NULL};
	struct query q = query_begin(j, journal_sql_attempt_end);
	char now[TIME_TEXT];

	time_print(j->rt->ops->wall_us(j->rt), now);
	query_text(&q, job);
	query_int(&q, attempt);
	query_text(&q, now);
	query_text(&q, detail.state);
	return query_run(&q, err) && audit(j, actor, "attempt.settled", images, &detail, err);
}

bool
journal_jobs_of_owner(struct journal *j, struct arena *a, const char *owner, struct job_set *out,
		      struct error *err)
{
	struct query q = query_begin(j, journal_sql_job_of_owner);

	query_text(&q, owner);
	return read_jobs(&q, a, out, err);
}

bool
journal_owners(struct journal *j, struct arena *a, const char *mine, struct owner_set *out,
	       struct error *err)
{
	struct query q = query_begin(j, journal_sql_job_owners);
	size_t cap = 0;
	bool row, ok;

	*out = (struct owner_set){0};
	query_text(&q, mine);
	while ((ok = query_step(&q, &row, err)) && row) {
		out->items = arena_grow(a, out->items, out->count, &cap, sizeof(char *));
		out->items[out->count++] = query_col(&q, a, 0);
	}
	query_end(&q);
	return ok;
}

static const struct job_store_ops store_ops = {
	.add = store_add,
	.find = store_find,
	.moved = store_moved,
	.queued = store_queued,
	.spec = store_spec,
	.outcome = store_outcome,
	.append = store_append,
	.events = store_events,
};

struct job_store *
journal_jobs(struct journal *j)
{
	j->jobs.ops = &store_ops;
	return &j->jobs;
}
