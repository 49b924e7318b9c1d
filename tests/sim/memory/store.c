/*
 * All state of a database as records: small immutable values under a name. A transaction has a list
 * of changes that nobody else sees; committing puts them in place one by one and notes them for
 * whoever checks the history.
 */
#include <string.h>

#include "tests/sim/memory/internal.h"

#include "shared/base/banned.h"

static size_t
hash(enum record_kind kind, const char *group, const char *key)
{
	uint32_t h = 2166136261u + (uint32_t)kind;

	for (; *group != '\0'; group++)
		h = (h ^ (unsigned char)*group) * 16777619u;
	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * 16777619u;
	return h % ARRAY_LEN(((struct memory_db *)NULL)->buckets);
}

struct record *
record_of(struct memory_db *db, enum record_kind kind, const char *group, const char *key)
{
	struct record **bucket = &db->buckets[hash(kind, group, key)];

	for (struct record *r = *bucket; r != NULL; r = r->chain) {
		if (r->kind == kind && strcmp(r->key, key) == 0 && strcmp(r->group, group) == 0)
			return r;
	}
	struct record *r = arena_new(&db->arena, struct record);
	*r = (struct record){.chain = *bucket,
			     .kind = kind,
			     .group = arena_str(&db->arena, group),
			     .key = arena_str(&db->arena, key)};
	*bucket = r;
	*db->last = r;
	db->last = &r->next;
	return r;
}

const void *
record_see(const struct memory_session *s, const struct record *record)
{
	const struct transaction *t = &s->transaction;

	for (size_t i = t->change_count; i > 0; i--) {
		if (t->changes[i - 1].record == record)
			return t->changes[i - 1].value;
	}
	return record->value;
}

const struct relation *
relation_see(struct memory_session *s, const char *name)
{
	return record_see(s, record_of(s->db, RECORD_RELATION, "", name));
}

struct record *
record_next(const struct memory_session *s, struct record *at, enum record_kind kind,
	    const char *group)
{
	for (at = at == NULL ? s->db->first : at->next; at != NULL; at = at->next) {
		if (at->kind == kind && strcmp(at->group, group) == 0 && record_see(s, at) != NULL)
			return at;
	}
	return NULL;
}

bool
record_put(struct memory_session *s, struct record *record, const void *value, const char *words)
{
	struct transaction *t = &s->transaction;

	if (s->server->disk_full)
		return refuse(s, "53100", "could not extend file: No space left on device");
	t->changes = arena_grow(&s->arena, t->changes, t->change_count, &t->change_cap,
				sizeof(t->changes[0]));
	t->changes[t->change_count++] =
		(struct change){.record = record, .value = value, .words = words};
	return true;
}

static const char *
record_words(struct arena *arena, const struct record *r)
{
	static const char *const kinds[] = {
		[RECORD_RELATION] = "relation", [RECORD_ROW] = "row",	[RECORD_LEDGER] = "ledger",
		[RECORD_FENCE] = "fence",	[RECORD_STEP] = "step", [RECORD_MARK] = "mark",
		[RECORD_HOLDER] = "holder",
	};

	return arena_printf(arena, "%s %s%s%s", kinds[r->kind], r->group,
			    r->group[0] != '\0' ? "/" : "", r->key);
}

static const struct target_step *
step_copy(struct memory_db *db, const struct target_step *step)
{
	struct target_step *copy = arena_new(&db->arena, struct target_step);

	*copy = *step;
	copy->action = arena_str(&db->arena, step->action);
	copy->version = arena_str(&db->arena, step->version);
	copy->name = arena_str(&db->arena, step->name);
	copy->checksum = arena_str(&db->arena, step->checksum);
	copy->slug_suffix = arena_str(&db->arena, step->slug_suffix);
	copy->applied_at = arena_str(&db->arena, step->applied_at);
	return copy;
}

static void
note_commit(struct memory_session *s)
{
	const struct transaction *t = &s->transaction;
	struct memory_db *db = s->db;
	struct arena *arena = &db->arena;
	struct memory_change *changes = arena_array(arena, t->change_count, sizeof(*changes));

	for (size_t i = 0; i < t->change_count; i++)
		changes[i] = (struct memory_change){
			.record = record_words(arena, t->changes[i].record),
			.gone = t->changes[i].value == NULL,
			.value = t->changes[i].value == NULL ? NULL : t->changes[i].words,
		};
	db->commits = arena_grow(arena, db->commits, db->commit_count, &db->commit_cap,
				 sizeof(db->commits[0]));
	db->commits[db->commit_count] = (struct memory_commit){
		.number = db->commit_count + 1,
		.boot_ns = runtime_boot_ns(s->server->rt),
		.backend_pid = s->info.backend_pid,
		.process = arena_str(arena, s->process),
		.journal = arena_str(arena, s->claim.journal),
		.job = arena_str(arena, s->claim.job),
		.attempt = s->claim.attempt,
		.token = s->token,
		.step = t->step.number == 0 ? NULL : step_copy(db, &t->step),
		.changes = changes,
		.change_count = t->change_count,
	};
	db->commit_count++;
}

void
transaction_start(struct memory_session *s)
{
	struct transaction *t = &s->transaction;

	t->state = TRANSACTION_OPEN;
	t->number++;
	t->start_us = s->server->rt->ops->wall_us(s->server->rt);
	t->start_ns = runtime_boot_ns(s->server->rt);
	s->lock_timeout_before = s->lock_timeout_session;
}

void
transaction_finish(struct memory_session *s, bool commit)
{
	struct transaction *t = &s->transaction;

	if (commit && t->change_count > 0) {
		note_commit(s);
		for (size_t i = 0; i < t->change_count; i++)
			t->changes[i].record->value = t->changes[i].value;
	}
	if (!commit)
		s->lock_timeout_session = s->lock_timeout_before;
	s->lock_timeout_ms = s->lock_timeout_session;
	t->state = TRANSACTION_IDLE;
	t->number++;
	t->change_count = 0;
	t->savepoint_count = 0;
	t->step = (struct target_step){0};
	lock_drop(s, 0);
	s->server->rt->ops->cond_wake(s->server->rt, s->server->changed);
}

/* The locks go at once, those taken since the last savepoint at least; and who waits for the end of
 * the transaction sees it end here. */
void
transaction_fail(struct memory_session *s)
{
	struct transaction *t = &s->transaction;
	int level = t->savepoint_count;

	t->state = TRANSACTION_FAILED;
	t->change_count = level > 0 ? t->savepoints[level - 1].changes : 0;
	if (level == 0)
		t->number++;
	lock_drop(s, level);
}

bool
transaction_around(struct memory_session *s, statement_fn fn, void *arg)
{
	struct transaction *t = &s->transaction;

	if (t->state == TRANSACTION_FAILED)
		return refuse_aborted(s);
	bool own = t->state == TRANSACTION_IDLE;
	if (own)
		transaction_start(s);
	bool ok = fn(s, arg);
	if (!s->alive)
		return false;
	if (own)
		transaction_finish(s, ok);
	else if (!ok)
		transaction_fail(s);
	return ok;
}

/* The newest of that name; -1 = none. */
static int
savepoint_find(const struct memory_session *s, const char *name)
{
	const struct transaction *t = &s->transaction;

	for (int i = t->savepoint_count - 1; i >= 0; i--) {
		if (strcmp(t->savepoints[i].name, name) == 0)
			return i;
	}
	return -1;
}

static bool
no_savepoint(struct memory_session *s, const char *name)
{
	if (s->transaction.state == TRANSACTION_OPEN)
		transaction_fail(s);
	return refuse(s, "3B001", "savepoint \"%s\" does not exist", name);
}

/* Why a savepoint cannot be used now; true = it can. */
static bool
savepoint_usable(struct memory_session *s, const char *verb, bool failed_too)
{
	if (s->transaction.state == TRANSACTION_IDLE)
		return refuse(s, "25P01", "%s can only be used in transaction blocks", verb);
	if (s->transaction.state == TRANSACTION_FAILED && !failed_too)
		return refuse_aborted(s);
	return true;
}

bool
savepoint_set(struct memory_session *s, const char *name)
{
	struct transaction *t = &s->transaction;

	if (!savepoint_usable(s, "SAVEPOINT", false))
		return false;
	if (t->savepoint_count == SAVEPOINTS_MOST)
		return refuse(s, "54000", "too many savepoints");
	t->savepoints[t->savepoint_count++] =
		(struct savepoint){.name = arena_str(&s->arena, name), .changes = t->change_count};
	return true;
}

bool
savepoint_back(struct memory_session *s, const char *name)
{
	struct transaction *t = &s->transaction;

	if (!savepoint_usable(s, "ROLLBACK TO SAVEPOINT", true))
		return false;
	int i = savepoint_find(s, name);
	if (i < 0)
		return no_savepoint(s, name);
	t->change_count = t->savepoints[i].changes;
	t->savepoint_count = i + 1;
	if (t->step_at >= t->change_count)
		t->step = (struct target_step){0};
	t->state = TRANSACTION_OPEN;
	lock_drop(s, i + 1);
	return true;
}

bool
savepoint_release(struct memory_session *s, const char *name)
{
	if (!savepoint_usable(s, "RELEASE SAVEPOINT", false))
		return false;
	int i = savepoint_find(s, name);
	if (i < 0)
		return no_savepoint(s, name);
	s->transaction.savepoint_count = i;
	lock_lower(s, i);
	return true;
}
