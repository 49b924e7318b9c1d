/* The runner's lock, the ledger and the fence, as a backend sees them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory/operations.h"

#include "shared/base/banned.h"

static const char HOLDER[] = "confiture_lock_holder";

static struct record *
holder_record(struct memory_session *s)
{
	return record_of(s->db, RECORD_HOLDER, "", s->db->name);
}

static int
level(const struct memory_session *s)
{
	return s->transaction.savepoint_count;
}

bool
operation_lock_try(struct memory_session *s, struct request *r)
{
	struct memory_db *db = s->db;

	r->flag = db->lock_holder == NULL || db->lock_holder == s;
	s->nameless = s->nameless_idle_ns > 0;
	if (r->flag) {
		db->lock_holder = s;
		db->lock_count++;
	}
	return true;
}

bool
operation_lock_announce(struct memory_session *s, struct request *r)
{
	struct record *record = holder_record(s);

	if (relation_see(s, HOLDER) == NULL)
		return true;
	if (!lock_take(s, record, LOCK_EXCLUSIVE, level(s)))
		return false;
	struct holder_row *row = arena_new(&s->db->arena, struct holder_row);
	*row = (struct holder_row){
		.pid = s->client_pid,
		.host = arena_str(&s->db->arena, s->host),
		.command = arena_str(&s->db->arena, r->name),
		.acquired_us = s->transaction.start_us,
	};
	return record_put(s, record, row, row->host);
}

static bool
delete_holder(struct memory_session *s, void *arg)
{
	struct record *record = holder_record(s);

	(void)arg;
	if (relation_see(s, HOLDER) == NULL || record_see(s, record) == NULL)
		return true;
	if (!lock_take(s, record, LOCK_EXCLUSIVE, level(s)))
		return false;
	return record_see(s, record) == NULL || record_put(s, record, NULL, NULL);
}

static bool
unlock(struct memory_session *s, void *arg)
{
	struct memory_db *db = s->db;

	(void)arg;
	if (db->lock_holder == s && --db->lock_count == 0)
		db->lock_holder = NULL;
	return true;
}

/* Two statements, of which the first is best effort. */
bool
operation_lock_release(struct memory_session *s, struct request *r)
{
	(void)r;
	if (!transaction_around(s, delete_holder, NULL) && !s->alive)
		return false;
	return transaction_around(s, unlock, NULL);
}

static const char *
iso_time(struct arena *arena, int64_t us)
{
	char text[TIME_TEXT];

	time_print(us, text);
	text[strlen(text) - 1] = '\0';
	return arena_printf(arena, "%s+00:00", text);
}

bool
operation_lock_read(struct memory_session *s, struct request *r)
{
	const struct memory_session *holder = s->db->lock_holder;
	struct lock_state *out = &r->lock;
	const struct holder_row *row;

	*out = (struct lock_state){.held_by_us = holder == s};
	if (holder == s)
		return true;
	if (holder != NULL)
		out->backend_pid = holder->info.backend_pid;
	row = relation_see(s, HOLDER) ? record_see(s, holder_record(s)) : NULL;
	/* A row from before the holder's session is of somebody who is gone. */
	if (row == NULL || (holder != NULL && row->acquired_us < holder->started_us))
		return true;
	out->has_row = true;
	out->client_pid = row->pid;
	out->hostname = row->host;
	out->user = "postgres";
	out->command = row->command;
	out->acquired_at = iso_time(&r->arena, row->acquired_us);
	int64_t held = s->server->rt->ops->wall_us(s->server->rt) - row->acquired_us;
	out->held_for_seconds = held < 0 ? 0 : held / 1000000;
	return true;
}

/* ---- ledger ---- */

static int
oldest_first(const void *a, const void *b)
{
	const struct ledger_entry *x = *(const struct ledger_entry *const *)a;
	const struct ledger_entry *y = *(const struct ledger_entry *const *)b;

	if (x->applied_us != y->applied_us)
		return x->applied_us < y->applied_us ? -1 : 1;
	return x->pk < y->pk ? -1 : x->pk > y->pk;
}

bool
operation_ledger_read(struct memory_session *s, struct request *r)
{
	const struct ledger_entry **found = NULL;
	size_t cap = 0;

	r->ledger = (struct ledger){.present = relation_see(s, s->ledger) != NULL};
	if (!r->ledger.present)
		return true;
	r->ledger.resolved = arena_printf(&r->arena, "public.%s", s->ledger);
	for (struct record *at = NULL;
	     (at = record_next(s, at, RECORD_LEDGER, s->ledger)) != NULL;) {
		found = arena_grow(&r->arena, found, r->ledger.count, &cap, sizeof(*found));
		found[r->ledger.count++] = record_see(s, at);
	}
	if (r->ledger.count > 0)
		qsort(found, r->ledger.count, sizeof(*found), oldest_first);
	r->ledger.rows = arena_array(&r->arena, r->ledger.count + 1, sizeof(struct ledger_row));
	for (size_t i = 0; i < r->ledger.count; i++)
		r->ledger.rows[i] = found[i]->row;
	return true;
}

static bool
make_table(struct memory_session *s, const char *name)
{
	struct record *record = record_of(s->db, RECORD_RELATION, "", name);
	static const struct relation table = {.kind = RELATION_TABLE, .live = true};

	if (record_see(s, record) != NULL)
		return true;
	return lock_take(s, record, LOCK_ACCESS_EXCLUSIVE, level(s)) &&
	       (record_see(s, record) != NULL || record_put(s, record, &table, "table"));
}

bool
operation_ledger_ensure(struct memory_session *s, struct request *r)
{
	const char *names[] = {s->ledger, "confiture_fence", "confiture_step", "confiture_mark",
			       HOLDER};

	(void)r;
	if (s->schema != NULL && strcmp(s->schema, "public") != 0)
		return refuse_told(s, E_CONFIG_005,
				   "tracking_table names the schema \"%s\", which does not exist",
				   s->schema);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!make_table(s, names[i]))
			return false;
	}
	return true;
}

/* ---- fence ---- */

static bool
is_ours(const struct memory_session *s)
{
	return strncmp(s->application, "confiture", strlen("confiture")) == 0;
}

static struct memory_session *
find_backend(struct memory_session *s, int pid, const char *start)
{
	for (struct memory_session *o = s->server->sessions; o != NULL; o = o->next) {
		if (o->alive && o->db == s->db && o->info.backend_pid == pid && is_ours(o) &&
		    strcmp(o->backend_start, start) == 0)
			return o;
	}
	return NULL;
}

bool
operation_fence_read(struct memory_session *s, struct request *r)
{
	const struct fence_row *row =
		relation_see(s, "confiture_fence")
			? record_see(s, record_of(s->db, RECORD_FENCE, "", s->ledger))
			: NULL;

	r->owner = (struct fence_owner){.present = row != NULL};
	if (row == NULL)
		return true;
	const struct memory_session *o = find_backend(s, row->backend_pid, row->backend_start);
	r->owner = (struct fence_owner){
		.present = true,
		.token = row->token,
		.backend_pid = row->backend_pid,
		.backend_start = row->backend_start,
		.journal = row->journal,
		.job = row->job,
		.attempt = row->attempt,
		.coordinator = row->coordinator,
		.alive = o != NULL,
		.active = o != NULL && o->busy,
		.holds_lock = o != NULL && s->db->lock_holder == o,
	};
	if (o != NULL && !o->busy)
		r->owner.idle_ms =
			(int64_t)((runtime_boot_ns(s->server->rt) - o->idle_since_ns) / NS_PER_MS);
	return true;
}

bool
operation_fence_evict(struct memory_session *s, struct request *r)
{
	struct memory_session *o = find_backend(s, r->owner.backend_pid, r->owner.backend_start);

	/* None: it is gone, or works again and is not to be shot. */
	if (o == NULL || o->busy)
		return true;
	if (s->server->no_evict)
		return refuse(s, "42501",
			      "must be a member of the role whose process is being terminated or "
			      "member of pg_signal_backend");
	memory_session_end(o, "57P01", "terminating connection due to administrator command");
	return true;
}

bool
operation_fence_take(struct memory_session *s, struct request *r)
{
	struct record *record = record_of(s->db, RECORD_FENCE, "", s->ledger);
	struct arena *arena = &s->db->arena;

	if (relation_see(s, "confiture_fence") == NULL) {
		(void)refuse_told(s, E_INTERNAL_ERROR, "a fence before its table");
		return true;
	}
	if (!lock_take(s, record, LOCK_EXCLUSIVE, level(s)))
		return false;
	const struct fence_row *old = record_see(s, record);
	struct fence_row *row = arena_new(arena, struct fence_row);
	*row = (struct fence_row){
		.token = (old ? old->token : 0) + 1,
		.backend_pid = s->info.backend_pid,
		.backend_start = arena_str(arena, s->backend_start),
		.journal = arena_str(arena, r->claim.journal),
		.job = arena_str(arena, r->claim.job),
		.attempt = r->claim.attempt,
		.coordinator = arena_str(arena, r->claim.coordinator),
	};
	if (row->coordinator == NULL && old != NULL)
		row->coordinator = old->coordinator;
	if (!record_put(s, record, row,
			arena_printf(arena, "token %lld of %s.%lld", (long long)row->token,
				     row->job, (long long)row->attempt)))
		return false;
	s->claim = (struct fence_claim){
		.journal = row->journal, .job = row->job, .attempt = row->attempt};
	s->token = row->token;
	s->nameless = false;
	return true;
}
