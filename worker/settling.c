/*
 * Statements that have no transaction, and what an earlier run may have left of them. The catalogue
 * is believed, not memory: an index is there when it is valid, whoever built it; an INVALID one is
 * in the way of every later run and goes. One table says what is done before and after.
 *
 * CREATE INDEX CONCURRENTLY without a name cannot be looked up: PostgreSQL picks the name when it
 * runs. Such a statement is never settled; running it again could build the index twice.
 */
#include <string.h>

#include "shared/base/faults.h"
#include "worker/settling.h"

#include "shared/base/banned.h"

enum { WATCH_BUILD_MS = 500 };

/* Before the statement runs. *done: its goal is reached already. */
typedef bool (*settle_before)(struct outside *o, const struct body_statement *st, bool *done,
			      struct error *err);
/* After it ran. */
typedef bool (*settle_after)(struct outside *o, const struct body_statement *st, struct error *err);
/* After the server refused it: false when traces may be left. */
typedef bool (*settle_refused)(struct outside *o, const struct body_statement *st);

static bool
begun(const struct outside *o)
{
	return o->mark != NULL && o->mark->state == MARK_STARTED;
}

static bool
find(struct outside *o, const struct body_statement *st, struct index_info *out, struct error *err)
{
	struct execution *x = o->x;

	*out = (struct index_info){0};
	return x->target->ops->index_find(x->target, &x->scratch, &st->facts.goal, out, err) ||
	       execution_failed_at(x, st, err);
}

/* Of another table than the statement's: not ours to touch; the server will say that the name is
 * taken. */
static bool
of_this_table(const struct body_statement *st, const struct index_info *index)
{
	return st->facts.goal.table == NULL || index->table == NULL ||
	       strcmp(st->facts.goal.table, index->table) == 0;
}

/* Somebody else builds it right now: it will be valid, or INVALID for us to drop. */
static bool
await_builder(struct outside *o, const struct body_statement *st, struct index_info *index,
	      struct error *err)
{
	bool said = false;

	while (index->state == INDEX_INVALID && index->building_pid != 0) {
		if (!said)
			job_warn(o->x->run, "index %s is being built by backend %d: waiting for it",
				 index->name, index->building_pid);
		said = true;
		if (!job_pause(o->x->run, WATCH_BUILD_MS, err))
			return execution_failed_at(o->x, st, err);
		if (!find(o, st, index, err))
			return false;
	}
	return true;
}

static bool
drop_invalid(struct outside *o, const struct body_statement *st, const struct index_info *index,
	     struct error *err)
{
	struct execution *x = o->x;
	struct job_event event = execution_event(x, "index_rebuilt");

	if (!x->target->ops->index_drop(x->target, index, err))
		return execution_failed_at(x, st, err);
	event.line = st->piece.line;
	event.statement = st->piece.number;
	event.message = arena_printf(&x->scratch, "%s.%s was INVALID: dropped, to be built again",
				     index->schema, index->name);
	job_emit(x->run, &event);
	return true;
}

static bool
before_create(struct outside *o, const struct body_statement *st, bool *done, struct error *err)
{
	struct index_info index;

	if (!find(o, st, &index, err) || !await_builder(o, st, &index, err))
		return false;
	if (index.state == INDEX_ABSENT || !of_this_table(st, &index))
		return true;
	if (index.state == INDEX_INVALID && FAULT(invalid_index_taken)) {
		*done = true;
		return true;
	}
	if (index.state == INDEX_INVALID)
		return drop_invalid(o, st, &index, err);
	/* Valid: ours when we began it; else the server says what it thinks of the name. */
	*done = begun(o);
	return true;
}

static bool
after_create(struct outside *o, const struct body_statement *st, struct error *err)
{
	struct index_info index;

	if (!find(o, st, &index, err))
		return false;
	if (index.state == INDEX_VALID)
		return true;
	error_set(err, E_MIGR_001, "the index %s is not valid after it was built",
		  st->facts.goal.name);
	return execution_failed_at(o->x, st, err);
}

/* The build failed (a duplicate key, say) and leaves an INVALID index. When it was cancelled,
 * undoing would keep the user waiting: the next run does it. */
static bool
refused_create(struct outside *o, const struct body_statement *st)
{
	struct index_info index;
	struct error ignored;

	if (!job_go_on(o->x->run, &ignored) || !find(o, st, &index, &ignored))
		return false;
	if (index.state != INDEX_INVALID || index.building_pid != 0 || !of_this_table(st, &index))
		return true;
	return o->x->target->ops->index_drop(o->x->target, &index, &ignored);
}

static bool
before_drop(struct outside *o, const struct body_statement *st, bool *done, struct error *err)
{
	struct index_info index;

	if (!begun(o))
		return true;
	if (!find(o, st, &index, err))
		return false;
	*done = index.state == INDEX_ABSENT;
	return true;
}

/* A drop that was cut may have gone as far as making the index INVALID: half done, and said so. */
static bool
refused_drop(struct outside *o, const struct body_statement *st)
{
	struct index_info index;
	struct error ignored;

	return find(o, st, &index, &ignored) && index.state != INDEX_INVALID;
}

static bool
drop_leftovers(struct outside *o, const struct body_statement *st, struct error *err)
{
	struct execution *x = o->x;
	struct target *t = x->target;
	struct index_info *items;
	size_t count;

	if (!t->ops->reindex_leftovers(t, &x->scratch, &st->facts.goal, &items, &count, err))
		return execution_failed_at(x, st, err);
	for (size_t i = 0; i < count; i++) {
		if (items[i].building_pid == 0 && !drop_invalid(o, st, &items[i], err))
			return false;
	}
	return true;
}

static bool
before_rebuild(struct outside *o, const struct body_statement *st, bool *done, struct error *err)
{
	*done = false;
	return !begun(o) || drop_leftovers(o, st, err);
}

static bool
refused_rebuild(struct outside *o, const struct body_statement *st)
{
	struct error ignored;

	return job_go_on(o->x->run, &ignored) && drop_leftovers(o, st, &ignored);
}

static bool
before_other(struct outside *o, const struct body_statement *st, bool *done, struct error *err)
{
	struct target *t = o->x->target;

	if (!begun(o))
		return true;
	return t->ops->goal_reached(t, &st->facts.goal, done, err) ||
	       execution_failed_at(o->x, st, err);
}

/* A detach that was cut is half done, and only FINALIZE takes it further. */
static bool
before_detach(struct outside *o, const struct body_statement *st, bool *done, struct error *err)
{
	const struct sql_goal *goal = &st->facts.goal;
	struct execution *x = o->x;
	struct run_result res;
	struct error ignored;

	if (!before_other(o, st, done, err))
		return false;
	if (*done || !begun(o))
		return true;
	const char *sql = arena_printf(&x->scratch, "ALTER TABLE %s DETACH PARTITION %s FINALIZE",
				       sql_quote_name(&x->scratch, goal->table_schema, goal->table),
				       sql_quote_name(&x->scratch, goal->schema, goal->name));
	*done = x->target->ops->run(x->target, span_str(sql), NULL, NULL, &x->scratch, &res,
				    &ignored);
	return true;
}

static bool
cannot_settle(struct outside *o, const struct body_statement *st, bool *done, struct error *err)
{
	struct execution *x = o->x;

	*done = false;
	if (!begun(o))
		return true;
	error_set(err, E_MIGR_114,
		  "an earlier run (job %s) was cut while this statement ran, and nothing in the "
		  "catalogue tells whether it finished",
		  o->mark->job);
	error_hint(err,
		   "look at what %s line %u changes in the database\nwhen all of the file is done: "
		   "confiture migrate baseline --through %s",
		   x->req->file, st->piece.line, x->req->migration->version);
	error_at(err, x->req->file, st->piece.line, st->piece.column);
	err->at.statement = st->piece.number;
	return execution_failed_at(x, st, err);
}

static const struct settling {
	enum sql_goal_kind goal;
	settle_before before;
	settle_after after;
	settle_refused refused;
} table[] = {
	{SQL_GOAL_INDEX_CREATED, before_create, after_create, refused_create},
	{SQL_GOAL_INDEX_DROPPED, before_drop, NULL, refused_drop},
	{SQL_GOAL_INDEX_REBUILT, before_rebuild, NULL, refused_rebuild},
	{SQL_GOAL_DATABASE_CREATED, before_other, NULL, NULL},
	{SQL_GOAL_DATABASE_DROPPED, before_other, NULL, NULL},
	{SQL_GOAL_PARTITION_DETACHED, before_detach, NULL, NULL},
};
static const struct settling again = {SQL_GOAL_NONE, NULL, NULL, NULL};
static const struct settling never = {SQL_GOAL_OTHER, cannot_settle, NULL, NULL};

static const struct settling *
settling_of(const struct sql_facts *facts)
{
	bool nameless = facts->goal.kind == SQL_GOAL_INDEX_CREATED && facts->goal.name == NULL;

	for (size_t i = 0; i < ARRAY_LEN(table) && !nameless; i++) {
		if (table[i].goal == facts->goal.kind && facts->settle != SQL_SETTLE_NEVER)
			return &table[i];
	}
	return facts->settle == SQL_SETTLE_AGAIN ? &again : &never;
}

/* The server's refusal is a known outcome: the mark goes, so that the file can be mended. What may
 * have left traces keeps it, and so does what was lost with the connection. */
static void
refused(struct outside *o, const struct body_statement *st, const struct settling *s,
	const struct error *err)
{
	struct execution *x = o->x;
	const struct target_ops *ops = x->target->ops;
	struct error ignored;

	if (error_is(err, E_TARGET_005) || (s->refused != NULL && !s->refused(o, st)))
		return;
	job_shield(x->run, true);
	(void)!ops->mark_clear(x->target, x->req->migration->version, x->req->direction,
			       st->piece.number, &ignored);
	job_shield(x->run, false);
}

bool
settling_run(struct outside *o, const struct body_statement *st, struct error *err)
{
	const struct settling *s = settling_of(&st->facts);
	bool done = false;

	if (!outside_locked(o, st, err) || (s->before != NULL && !s->before(o, st, &done, err)))
		return false;
	if (done)
		return outside_mark(o, st, MARK_DONE, err);
	if (!outside_mark(o, st, FAULT(mark_before_done) ? MARK_DONE : MARK_STARTED, err))
		return false;
	if (!execution_statement(o->x, st, true, err)) {
		refused(o, st, s, err);
		return false;
	}
	if (s->after != NULL && !s->after(o, st, err))
		return false;
	return outside_mark(o, st, MARK_DONE, err);
}
