/*
 * Indexes, and the statements that PostgreSQL does in several transactions. Each of those leaves
 * between its parts what the real one leaves when it is cut there: an INVALID index, _ccnew and
 * _ccold, a partition whose detaching is pending. After every part somebody may have cancelled or
 * killed it.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/memory/internal.h"

#include "shared/base/banned.h"

static struct record *
relation_record(struct memory_session *s, const char *name)
{
	return record_of(s->db, RECORD_RELATION, "", name);
}

/* ---- parts ---- */

struct put {
	struct record *record;
	const struct relation *value;
	const char *words;
};

static bool
put_one(struct memory_session *s, void *arg)
{
	const struct put *p = arg;

	return record_put(s, p->record, p->value, p->words);
}

/* One transaction that puts one thing. */
static bool
commit_one(struct memory_session *s, struct record *record, const struct relation *value,
	   const char *words)
{
	struct put p = {record, value, words};

	return transaction_around(s, put_one, &p);
}

static struct relation *
copy_of(struct memory_session *s, const struct relation *r)
{
	struct relation *copy = arena_new(&s->db->arena, struct relation);

	*copy = *r;
	return copy;
}

/* A transaction that only waits. */
struct await {
	struct record *table;
	enum lock_mode mode; /* NONE: for snapshots */
};

static bool
await_part(struct memory_session *s, void *arg)
{
	const struct await *a = arg;

	s->snapshot = false;
	return a->mode == LOCK_NONE ? lock_await_snapshots(s)
				    : lock_await_holders(s, a->table, a->mode);
}

static bool
await_others(struct memory_session *s, struct record *table, enum lock_mode mode)
{
	struct await a = {table, mode};

	return transaction_around(s, await_part, &a);
}

static int64_t
value_in(const struct row *row)
{
	return row->n;
}

/* The first two rows with the same n, as a unique index would find them. */
static bool
is_unique(struct memory_session *s, const struct index_statement *st)
{
	if (!st->unique || strcmp(st->column, "n") != 0)
		return true;
	for (struct record *a = NULL; (a = record_next(s, a, RECORD_ROW, st->table)) != NULL;) {
		int64_t n = value_in(record_see(s, a));
		for (struct record *b = a;
		     (b = record_next(s, b, RECORD_ROW, st->table)) != NULL;) {
			if (value_in(record_see(s, b)) == n)
				return refuse(s, "23505",
					      "could not create unique index \"%s\"\nDETAIL: Key "
					      "(n)=(%lld) is duplicated.",
					      st->name, (long long)n);
		}
	}
	return true;
}

/* ---- CREATE INDEX ---- */

static bool
check_column(struct memory_session *s, const char *column)
{
	if (strcmp(column, "n") == 0 || strcmp(column, "id") == 0)
		return true;
	return refuse(s, "42703", "column \"%s\" does not exist", column);
}

/* Rows of transactions that had not seen the index are looked at last. */
static bool
validate(struct memory_session *s, void *arg)
{
	return is_unique(s, arg);
}

static bool
validate_part(struct memory_session *s, struct record *table, const struct index_statement *st)
{
	struct index_statement copy = *st;

	return session_phase(s, "validating") && await_others(s, table, LOCK_SHARE) &&
	       transaction_around(s, validate, &copy) && await_others(s, table, LOCK_NONE) &&
	       session_phase(s, "built");
}

/* The table is there and is locked. */
static bool
lock_table(struct memory_session *s, const char *name, enum lock_mode mode, int level)
{
	struct record *table = relation_record(s, name);
	const struct relation *r = record_see(s, table);

	if (r != NULL && !lock_take(s, table, mode, level))
		return false;
	r = record_see(s, table);
	if (r == NULL)
		return refuse(s, "42P01", "relation \"%s\" does not exist", name);
	return true;
}

/* *done: it is there, and that is fine. */
static bool
check_name(struct memory_session *s, const struct index_statement *st, bool *done)
{
	*done = false;
	if (relation_see(s, st->name) == NULL)
		return true;
	if (!st->if_exists)
		return refuse(s, "42P07", "relation \"%s\" already exists", st->name);
	session_notice(s, "NOTICE: relation \"%s\" already exists, skipping", st->name);
	*done = true;
	return true;
}

/* Takes the name; somebody else may have been about to take it too, which PostgreSQL finds out by
 * its catalogue's index. */
static bool
lock_name(struct memory_session *s, struct record *record, int level)
{
	if (!lock_take(s, record, LOCK_ACCESS_EXCLUSIVE, level))
		return false;
	return record_see(s, record) == NULL ||
	       refuse(s, "23505",
		      "duplicate key value violates unique constraint "
		      "\"pg_class_relname_nsp_index\"\nDETAIL: Key (relname, relnamespace)=(%s, "
		      "2200) already exists.",
		      record->key);
}

static struct relation *
new_index(struct memory_session *s, const struct index_statement *st)
{
	struct arena *arena = &s->db->arena;
	struct relation *index = arena_new(arena, struct relation);

	*index = (struct relation){.kind = RELATION_INDEX,
				   .table = arena_str(arena, st->table),
				   .column = arena_str(arena, st->column),
				   .unique = st->unique,
				   .live = true,
				   .born = s->db->next_born++};
	return index;
}

bool
index_create(struct memory_session *s, const struct index_statement *st)
{
	struct record *record = relation_record(s, st->name);
	bool done;

	if (!lock_table(s, st->table, LOCK_SHARE, s->transaction.savepoint_count) ||
	    !check_column(s, st->column) || !check_name(s, st, &done))
		return false;
	if (done)
		return true;
	if (!lock_name(s, record, s->transaction.savepoint_count) || !is_unique(s, st))
		return false;
	struct relation *index = new_index(s, st);
	index->ready = index->valid = true;
	return record_put(s, record, index, "valid");
}

struct creation {
	const struct index_statement *st;
	struct record *record;
	bool done;
};

static bool
create_first(struct memory_session *s, void *arg)
{
	struct creation *c = arg;

	if (!lock_table(s, c->st->table, LOCK_SHARE_UPDATE_EXCLUSIVE, LEVEL_STATEMENT) ||
	    !check_column(s, c->st->column) || !check_name(s, c->st, &c->done))
		return false;
	if (c->done)
		return true;
	return lock_name(s, c->record, 0) &&
	       record_put(s, c->record, new_index(s, c->st), "invalid");
}

static bool
create_build(struct memory_session *s, void *arg)
{
	struct creation *c = arg;
	struct relation *index;

	if (!is_unique(s, c->st))
		return false;
	index = copy_of(s, record_see(s, c->record));
	index->ready = true;
	return record_put(s, c->record, index, "ready");
}

bool
index_create_concurrently(struct memory_session *s, const struct index_statement *st)
{
	struct creation c = {.st = st, .record = relation_record(s, st->name)};
	struct record *table = relation_record(s, st->table);

	if (!transaction_around(s, create_first, &c) || c.done)
		return s->alive && c.done;
	s->building = c.record;
	if (!session_phase(s, "building") || !await_others(s, table, LOCK_SHARE) ||
	    !transaction_around(s, create_build, &c) || !validate_part(s, table, st))
		return false;
	struct relation *index = copy_of(s, c.record->value);
	index->valid = true;
	return commit_one(s, c.record, index, "valid");
}

/* ---- DROP INDEX CONCURRENTLY ---- */

struct removal {
	const char *name;
	bool if_exists, done;
	struct record *record;
	const char *table;
};

static bool
drop_first(struct memory_session *s, void *arg)
{
	struct removal *r = arg;
	const struct relation *index = record_see(s, r->record);

	if (index == NULL && r->if_exists) {
		session_notice(s, "NOTICE: index \"%s\" does not exist, skipping", r->name);
		r->done = true;
		return true;
	}
	if (index == NULL)
		return refuse(s, "42704", "index \"%s\" does not exist", r->name);
	if (index->kind != RELATION_INDEX)
		return refuse(s, "42809",
			      "\"%s\" is not an index\nHINT: Use DROP TABLE to remove a table.",
			      r->name);
	r->table = index->table;
	if (!lock_table(s, r->table, LOCK_SHARE_UPDATE_EXCLUSIVE, LEVEL_STATEMENT))
		return false;
	index = record_see(s, r->record);
	if (index == NULL)
		return r->if_exists ? (r->done = true)
				    : refuse(s, "42704", "index \"%s\" does not exist", r->name);
	struct relation *invalid = copy_of(s, index);
	invalid->valid = false;
	return record_put(s, r->record, invalid, "invalid");
}

bool
index_drop_concurrently(struct memory_session *s, const char *name, bool if_exists)
{
	struct removal r = {
		.name = name, .if_exists = if_exists, .record = relation_record(s, name)};

	if (s->transaction.state == TRANSACTION_OPEN) {
		transaction_fail(s);
		return refuse(s, "25001",
			      "DROP INDEX CONCURRENTLY cannot run inside a transaction block");
	}
	if (!transaction_around(s, drop_first, &r) || r.done)
		return s->alive && r.done;
	struct record *table = relation_record(s, r.table);
	if (!session_phase(s, "invalidated") || !await_others(s, table, LOCK_ACCESS_EXCLUSIVE))
		return false;
	struct relation *dead = copy_of(s, r.record->value);
	dead->ready = dead->live = false;
	return commit_one(s, r.record, dead, "dead") && session_phase(s, "dead") &&
	       await_others(s, table, LOCK_ACCESS_EXCLUSIVE) && commit_one(s, r.record, NULL, NULL);
}

/* ---- REINDEX INDEX CONCURRENTLY ---- */

struct rebuild {
	const char *name, *table;
	struct record *old, *new;
	struct index_statement st;
	struct record *retired;
};

/* name_ccnew, name_ccnew1 … : the first that is free. */
static struct record *
free_name(struct memory_session *s, const char *name, const char *what)
{
	for (int i = 0;; i++) {
		const char *text =
			i == 0 ? arena_printf(&s->request->arena, "%s_%s", name, what)
			       : arena_printf(&s->request->arena, "%s_%s%d", name, what, i);
		struct record *record = relation_record(s, text);
		if (record_see(s, record) == NULL && record->locks == NULL)
			return record;
	}
}

static bool
rebuild_first(struct memory_session *s, void *arg)
{
	struct rebuild *r = arg;
	const struct relation *index = record_see(s, r->old);

	if (index == NULL)
		return refuse(s, "42P01", "relation \"%s\" does not exist", r->name);
	if (index->kind != RELATION_INDEX)
		return refuse(s, "42809", "\"%s\" is not an index", r->name);
	r->table = index->table;
	if (!lock_table(s, r->table, LOCK_SHARE_UPDATE_EXCLUSIVE, LEVEL_STATEMENT))
		return false;
	index = record_see(s, r->old);
	if (index == NULL)
		return refuse(s, "42P01", "relation \"%s\" does not exist", r->name);
	r->new = free_name(s, r->name, "ccnew");
	struct relation *copy = copy_of(s, index);
	copy->ready = copy->valid = false;
	copy->born = s->db->next_born++;
	copy->live = true;
	r->st = (struct index_statement){.name = r->new->key,
					 .table = copy->table,
					 .column = copy->column,
					 .unique = copy->unique};
	return record_put(s, r->new, copy, "invalid");
}

static bool
rebuild_build(struct memory_session *s, void *arg)
{
	struct rebuild *r = arg;
	struct relation *copy;

	if (!is_unique(s, &r->st))
		return false;
	copy = copy_of(s, record_see(s, r->new));
	copy->ready = true;
	return record_put(s, r->new, copy, "ready");
}

/* The new one takes the old one's name, the old one becomes INVALID under another. */
static bool
rebuild_swap(struct memory_session *s, void *arg)
{
	struct rebuild *r = arg;
	struct relation *valid = copy_of(s, record_see(s, r->new));
	struct relation *old = copy_of(s, record_see(s, r->old));

	r->retired = free_name(s, r->name, "ccold");
	valid->valid = true;
	old->valid = false;
	return record_put(s, r->new, NULL, NULL) && record_put(s, r->old, valid, "valid") &&
	       record_put(s, r->retired, old, "invalid");
}

bool
index_rebuild_concurrently(struct memory_session *s, const char *name)
{
	struct rebuild r = {.name = name, .old = relation_record(s, name)};

	if (!transaction_around(s, rebuild_first, &r))
		return false;
	struct record *table = relation_record(s, r.table);
	s->building = r.new;
	if (!session_phase(s, "building") || !await_others(s, table, LOCK_SHARE) ||
	    !transaction_around(s, rebuild_build, &r) || !validate_part(s, table, &r.st) ||
	    !transaction_around(s, rebuild_swap, &r))
		return false;
	s->building = NULL;
	if (!session_phase(s, "swapped") || !await_others(s, table, LOCK_ACCESS_EXCLUSIVE))
		return false;
	struct relation *dead = copy_of(s, r.retired->value);
	dead->ready = dead->live = false;
	return commit_one(s, r.retired, dead, "dead") && session_phase(s, "dead") &&
	       await_others(s, table, LOCK_ACCESS_EXCLUSIVE) &&
	       commit_one(s, r.retired, NULL, NULL);
}

/* ---- ALTER TABLE … DETACH PARTITION … CONCURRENTLY ---- */

struct detachment {
	const char *parent, *child;
	struct record *record;
	bool finalize;
};

static bool
find_partition(struct memory_session *s, struct detachment *d)
{
	enum lock_mode mode = LOCK_SHARE_UPDATE_EXCLUSIVE;

	if (!lock_table(s, d->parent, mode, LEVEL_STATEMENT) ||
	    !lock_table(s, d->child, mode, LEVEL_STATEMENT))
		return false;
	const struct relation *child = record_see(s, d->record);
	if (child->parent == NULL || strcmp(child->parent, d->parent) != 0)
		return refuse(s, "42P01", "relation \"%s\" is not a partition of relation \"%s\"",
			      d->child, d->parent);
	if (child->detaching && !d->finalize)
		return refuse(s, "55000",
			      "partition \"%s\" already pending detach in partitioned table "
			      "\"public.%s\"\nHINT: Use ALTER TABLE ... DETACH PARTITION ... "
			      "FINALIZE to complete the pending detach operation.",
			      d->child, d->parent);
	if (!child->detaching && d->finalize)
		return refuse(s, "55000",
			      "cannot complete detaching partition \"%s\"\nDETAIL: "
			      "There's no pending concurrent detach.",
			      d->child);
	return true;
}

static bool
detach_first(struct memory_session *s, void *arg)
{
	struct detachment *d = arg;

	if (!find_partition(s, d))
		return false;
	struct relation *child = copy_of(s, record_see(s, d->record));
	child->detaching = true;
	return record_put(s, d->record, child, "detaching");
}

static bool
detach_last(struct memory_session *s, void *arg)
{
	struct detachment *d = arg;

	if (d->finalize && !find_partition(s, d))
		return false;
	struct relation *own = copy_of(s, record_see(s, d->record));
	own->detaching = false;
	own->parent = NULL;
	return record_put(s, d->record, own, "table");
}

bool
partition_finalize(struct memory_session *s, const char *parent, const char *child)
{
	struct detachment d = {parent, child, relation_record(s, child), true};

	return transaction_around(s, detach_last, &d);
}

bool
partition_detach_concurrently(struct memory_session *s, const char *parent, const char *child)
{
	struct detachment d = {parent, child, relation_record(s, child), false};

	return transaction_around(s, detach_first, &d) && session_phase(s, "detaching") &&
	       await_others(s, relation_record(s, parent), LOCK_ACCESS_EXCLUSIVE) &&
	       transaction_around(s, detach_last, &d);
}
