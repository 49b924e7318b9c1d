/* What is written with a migration: its ledger row, its step, its marks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim/memory/operations.h"

#include "shared/base/banned.h"

static int
level(const struct memory_session *s)
{
	return s->transaction.savepoint_count;
}

static struct record *
ledger_record(struct memory_session *s, const char *version)
{
	return record_of(s->db, RECORD_LEDGER, s->ledger, version);
}

static bool
slug_taken(struct memory_session *s, const char *slug)
{
	for (struct record *at = NULL;
	     (at = record_next(s, at, RECORD_LEDGER, s->ledger)) != NULL;) {
		const struct ledger_entry *e = record_see(s, at);
		if (strcmp(e->row.slug, slug) == 0)
			return true;
	}
	return false;
}

/* name_YYYYMMDD_HHMMSS, with the version when that is taken. */
static const char *
make_slug(struct memory_session *s, const struct target_step *step)
{
	struct arena *arena = &s->db->arena;
	const char *suffix = step->slug_suffix ? step->slug_suffix : "";
	time_t now = (time_t)(s->server->rt->ops->wall_us(s->server->rt) / 1000000);
	struct tm tm;
	char stamp[32];

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%d_%H%M%S", &tm);
	const char *slug = arena_printf(arena, "%s_%s%s", step->name, stamp, suffix);
	if (slug_taken(s, slug))
		slug = arena_printf(arena, "%s_%s_%s%s", step->name, stamp, step->version, suffix);
	return slug;
}

/* "2026-11-26T10:00:00.000000+00:00"; other forms are not given by the engine. */
static int64_t
parse_time(const char *text, int64_t otherwise)
{
	struct tm tm = {0};
	const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	int64_t us = 0;

	if (rest == NULL)
		return otherwise;
	if (*rest == '.') {
		int64_t unit = 100000;
		for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
			us += (*rest - '0') * unit;
	}
	return (int64_t)timegm(&tm) * 1000000 + us;
}

static const char *
print_time(struct arena *arena, int64_t us)
{
	char text[TIME_TEXT];

	time_print(us, text);
	text[strlen(text) - 1] = '\0';
	return arena_printf(arena, "%s+00:00", text);
}

static bool
insert_row(struct memory_session *s, const struct target_step *step)
{
	struct record *record = ledger_record(s, step->version);
	struct arena *arena = &s->db->arena;
	struct runtime *rt = s->server->rt;
	int64_t ms = step->execution_time_ms;

	if (!lock_take(s, record, LOCK_EXCLUSIVE, level(s)))
		return false;
	if (record_see(s, record) != NULL)
		return refuse(s, "23505",
			      "duplicate key value violates unique constraint "
			      "\"%s_version_key\"\nDETAIL: Key (version)=(%s) already exists.",
			      s->ledger, step->version);
	if (ms == INT64_MIN)
		ms = (int64_t)((runtime_boot_ns(rt) - s->transaction.start_ns) / NS_PER_MS);
	struct ledger_entry *e = arena_new(arena, struct ledger_entry);
	e->pk = s->db->next_pk++;
	e->applied_us = parse_time(step->applied_at, s->transaction.start_us);
	e->row = (struct ledger_row){
		.version = arena_str(arena, step->version),
		.name = arena_str(arena, step->name),
		.applied_at = print_time(arena, e->applied_us),
		.checksum = arena_str(arena, step->checksum),
		.execution_time_ms = ms,
		.slug = make_slug(s, step),
		.applied_by = step->record_user ? "postgres" : NULL,
	};
	return record_put(s, record, e, e->row.slug);
}

/* *changed: the row was there. */
static bool
change_row(struct memory_session *s, const struct target_step *step, bool *changed)
{
	struct record *record = ledger_record(s, step->version);
	struct arena *arena = &s->db->arena;
	struct ledger_entry *e = NULL;

	if (record_see(s, record) == NULL)
		return true;
	if (!lock_take(s, record, LOCK_EXCLUSIVE, level(s)))
		return false;
	const struct ledger_entry *old = record_see(s, record);
	*changed = old != NULL;
	if (old == NULL)
		return true;
	if (step->change == LEDGER_CHECKSUM) {
		e = arena_new(arena, struct ledger_entry);
		*e = *old;
		e->row.checksum = arena_str(arena, step->checksum);
	}
	return record_put(s, record, e, e ? e->row.slug : NULL);
}

static bool
clear_marks(struct memory_session *s, const struct target_step *step)
{
	if (strcmp(step->action, "statement") == 0 || strcmp(step->action, "fix") == 0)
		return true;
	for (struct record *at = NULL; (at = record_next(s, at, RECORD_MARK, s->ledger)) != NULL;) {
		const struct statement_mark *mark = record_see(s, at);
		if (strcmp(mark->version, step->version) != 0)
			continue;
		if (!lock_take(s, at, LOCK_EXCLUSIVE, level(s)))
			return false;
		if (record_see(s, at) != NULL && !record_put(s, at, NULL, NULL))
			return false;
	}
	return true;
}

static bool
note_step(struct memory_session *s, const struct target_step *step)
{
	struct arena *arena = &s->db->arena;
	const char *key = arena_printf(&s->request->arena, "%s/%lld/%u", s->claim.job,
				       (long long)s->claim.attempt, step->number);
	struct record *record = record_of(s->db, RECORD_STEP, "", key);

	if (!lock_take(s, record, LOCK_EXCLUSIVE, level(s)))
		return false;
	if (record_see(s, record) != NULL)
		return refuse(
			s, "23505",
			"duplicate key value violates unique constraint "
			"\"confiture_step_pkey\"\nDETAIL: Key (job, attempt, step)=(%s, %lld, "
			"%u) already exists.",
			s->claim.job, (long long)s->claim.attempt, step->number);
	struct step_row *row = arena_new(arena, struct step_row);
	*row = (struct step_row){.job = s->claim.job,
				 .ledger = arena_str(arena, s->ledger),
				 .action = arena_str(arena, step->action),
				 .version = arena_str(arena, step->version),
				 .attempt = s->claim.attempt,
				 .planned = step->planned};
	s->transaction.step_at = s->transaction.change_count;
	if (!record_put(s, record, row, arena_printf(arena, "%s %s", step->action, step->version)))
		return false;
	s->transaction.step = *step;
	s->transaction.step.action = arena_str(arena, step->action);
	s->transaction.step.version = arena_str(arena, step->version);
	s->transaction.step.name = arena_str(arena, step->name);
	s->transaction.step.checksum = arena_str(arena, step->checksum);
	s->transaction.step.slug_suffix = arena_str(arena, step->slug_suffix);
	s->transaction.step.applied_at = arena_str(arena, step->applied_at);
	return true;
}

bool
operation_step(struct memory_session *s, struct request *r)
{
	const struct target_step *step = r->step;
	bool changed = step->change == LEDGER_NOTHING || step->change == LEDGER_INSERT;

	if (step->change == LEDGER_INSERT ? !insert_row(s, step)
					  : !changed && !change_row(s, step, &changed))
		return false;
	if (!clear_marks(s, step) || !note_step(s, step))
		return false;
	if (!changed)
		(void)refuse_told(s, E_MIGR_100, "the ledger has no row of version %s",
				  step->version);
	return true;
}

bool
operation_steps_of(struct memory_session *s, struct request *r)
{
	for (struct record *at = NULL; (at = record_next(s, at, RECORD_STEP, "")) != NULL;) {
		const struct step_row *row = record_see(s, at);
		if (row->attempt != r->attempt || strcmp(row->job, r->name) != 0)
			continue;
		r->committed++;
		r->planned = row->planned > r->planned ? row->planned : r->planned;
	}
	return true;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Of `all` texts each once, sorted. */
static void
keep_distinct(struct request *r, size_t all)
{
	if (all > 0)
		qsort(r->texts, all, sizeof(*r->texts), by_text);
	for (size_t i = 0; i < all; i++) {
		if (r->count == 0 || strcmp(r->texts[r->count - 1], r->texts[i]) != 0)
			r->texts[r->count++] = r->texts[i];
	}
}

bool
operation_versions_of(struct memory_session *s, struct request *r)
{
	size_t cap = 0, all = 0;

	for (struct record *at = NULL; (at = record_next(s, at, RECORD_STEP, "")) != NULL;) {
		const struct step_row *row = record_see(s, at);
		if (strcmp(row->job, r->name) != 0 || strcmp(row->ledger, s->ledger) != 0 ||
		    strcmp(row->action, "up") != 0)
			continue;
		r->texts = arena_grow(&r->arena, r->texts, all, &cap, sizeof(*r->texts));
		r->texts[all++] = row->version;
	}
	keep_distinct(r, all);
	return true;
}

/* ---- marks ---- */

static struct record *
mark_record(struct memory_session *s, const char *version, const char *direction, uint32_t number)
{
	return record_of(s->db, RECORD_MARK, s->ledger,
			 arena_printf(&s->request->arena, "%s/%s/%u", version, direction, number));
}

static int
by_statement(const void *a, const void *b)
{
	const struct statement_mark *x = a, *y = b;

	return x->statement < y->statement ? -1 : x->statement > y->statement;
}

bool
operation_marks_read(struct memory_session *s, struct request *r)
{
	size_t cap = 0;

	for (struct record *at = NULL; (at = record_next(s, at, RECORD_MARK, s->ledger)) != NULL;) {
		const struct statement_mark *mark = record_see(s, at);
		if (strcmp(mark->version, r->version) != 0 ||
		    strcmp(mark->direction, r->direction) != 0)
			continue;
		r->marks = arena_grow(&r->arena, r->marks, r->count, &cap, sizeof(*r->marks));
		r->marks[r->count++] = *mark;
	}
	if (r->count > 0)
		qsort(r->marks, r->count, sizeof(*r->marks), by_statement);
	return true;
}

bool
operation_mark_write(struct memory_session *s, struct request *r)
{
	struct record *record =
		mark_record(s, r->mark->version, r->mark->direction, r->mark->statement);
	struct arena *arena = &s->db->arena;
	bool ours;

	if (!fence_is_ours(s, &ours))
		return false;
	/* Nothing is written, and nothing fails. */
	if (!ours) {
		(void)refuse_told(s, E_LOCK_1302, "another run has taken over %s", s->info.place);
		return true;
	}
	if (!lock_take(s, record, LOCK_EXCLUSIVE, level(s)))
		return false;
	struct statement_mark *mark = arena_new(arena, struct statement_mark);
	*mark = (struct statement_mark){
		.version = arena_str(arena, r->mark->version),
		.direction = arena_str(arena, r->mark->direction),
		.statement = r->mark->statement,
		.sha256 = arena_str(arena, r->mark->sha256),
		.state = r->mark->state,
		.job = arena_str(arena, r->mark->job),
	};
	return record_put(s, record, mark, mark->state == MARK_DONE ? "done" : "started");
}

bool
operation_mark_clear(struct memory_session *s, struct request *r)
{
	struct record *record = mark_record(s, r->version, r->direction, r->number);
	bool ours;

	/* The fence is only looked at when there is something to remove. */
	if (record_see(s, record) == NULL)
		return true;
	if (!fence_is_ours(s, &ours))
		return false;
	if (!ours)
		return true;
	return lock_take(s, record, LOCK_EXCLUSIVE, level(s)) &&
	       (record_see(s, record) == NULL || record_put(s, record, NULL, NULL));
}

bool
operation_marks_list(struct memory_session *s, struct request *r)
{
	size_t cap = 0, all = 0;

	for (struct record *at = NULL; (at = record_next(s, at, RECORD_MARK, s->ledger)) != NULL;) {
		const struct statement_mark *mark = record_see(s, at);
		r->texts = arena_grow(&r->arena, r->texts, all, &cap, sizeof(*r->texts));
		r->texts[all++] = mark->version;
	}
	keep_distinct(r, all);
	return true;
}

/* ---- the recorded fingerprint ---- */

/* All versions of the ledger, as this session sees it. */
static const char *
versions_now(struct memory_session *s, struct arena *arena)
{
	struct request all = {0};
	size_t cap = 0, count = 0;
	const char *text = "";

	for (struct record *at = NULL;
	     (at = record_next(s, at, RECORD_LEDGER, s->ledger)) != NULL;) {
		all.texts = arena_grow(arena, all.texts, count, &cap, sizeof(*all.texts));
		all.texts[count++] = at->key;
	}
	keep_distinct(&all, count);
	for (size_t i = 0; i < all.count; i++)
		text = arena_printf(arena, "%s%s\n", text, all.texts[i]);
	return text;
}

bool
operation_structure_note(struct memory_session *s, struct request *r)
{
	struct record *record = record_of(s->db, RECORD_NOTE, "", s->ledger);
	struct arena *arena = &s->db->arena;
	bool ours;

	if (!fence_is_ours(s, &ours))
		return false;
	if (!ours) {
		(void)refuse_told(s, E_LOCK_1302, "another run has taken over %s", s->info.place);
		return true;
	}
	if (!lock_take(s, record, LOCK_EXCLUSIVE, level(s)))
		return false;
	struct note_row *row = arena_new(arena, struct note_row);
	*row = (struct note_row){
		.fingerprint = arena_str(arena, r->name),
		.versions = versions_now(s, arena),
		.noted_us = s->transaction.start_us,
	};
	return record_put(s, record, row, row->fingerprint);
}

bool
operation_structure_noted(struct memory_session *s, struct request *r)
{
	const struct note_row *row = record_see(s, record_of(s->db, RECORD_NOTE, "", s->ledger));

	if (row == NULL || relation_see(s, s->ledger) == NULL)
		return true;
	r->note = (struct structure_note){
		.present = true,
		.fingerprint = row->fingerprint,
		.noted_at = print_time(&r->arena, row->noted_us),
		.current = strcmp(row->versions, versions_now(s, &r->arena)) == 0,
	};
	return true;
}
