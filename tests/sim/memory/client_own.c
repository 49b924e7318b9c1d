/* Operations on what is ours in a database, and on its catalogue, as a client calls them. */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory/client.h"

#include "shared/base/banned.h"

bool
client_lock_try(struct target *t, bool *held, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_lock_try);

	if (!memory_ask(s, r, err))
		return false;
	*held = r->flag;
	return true;
}

/* A failure costs a name in a message; only a lost connection counts. */
bool
client_lock_announce(struct target *t, const char *command, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_lock_announce);
	struct error why;

	r->name = arena_str(&r->arena, command);
	if (memory_ask(s, r, &why) || !error_is(&why, E_TARGET_005))
		return true;
	if (err != NULL)
		*err = why;
	return false;
}

bool
client_lock_read(struct target *t, struct arena *arena, struct lock_state *out, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_lock_read);

	*out = (struct lock_state){0};
	if (!memory_ask(s, r, err))
		return false;
	*out = r->lock;
	out->hostname = arena_str(arena, r->lock.hostname);
	out->user = arena_str(arena, r->lock.user);
	out->command = arena_str(arena, r->lock.command);
	out->acquired_at = arena_str(arena, r->lock.acquired_at);
	return true;
}

bool
client_lock_release(struct target *t, struct error *err)
{
	struct memory_session *s = memory_session_of(t);

	return memory_ask(s, memory_request(s, MEMORY_lock_release), err);
}

static void
copy_row(struct arena *arena, struct ledger_row *row)
{
	row->version = arena_str(arena, row->version);
	row->name = arena_str(arena, row->name);
	row->applied_at = arena_str(arena, row->applied_at);
	row->checksum = arena_str(arena, row->checksum);
	row->slug = arena_str(arena, row->slug);
	row->applied_by = arena_str(arena, row->applied_by);
}

bool
client_ledger_read(struct target *t, struct arena *arena, struct ledger *out, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_ledger_read);

	*out = (struct ledger){0};
	if (!memory_ask(s, r, err))
		return false;
	if (!r->ledger.present)
		return true;
	*out = r->ledger;
	out->resolved = arena_str(arena, r->ledger.resolved);
	out->rows = arena_array(arena, out->count + 1, sizeof(*out->rows));
	for (size_t i = 0; i < out->count; i++) {
		out->rows[i] = r->ledger.rows[i];
		copy_row(arena, &out->rows[i]);
	}
	return true;
}

bool
client_ledger_ensure(struct target *t, struct error *err)
{
	struct memory_session *s = memory_session_of(t);

	if (memory_ask(s, memory_request(s, MEMORY_ledger_ensure), err))
		return true;
	if (err != NULL && error_is(err, E_TARGET_004))
		return error_wrap(err, "creating the tracking table \"public\".\"%s\"", s->ledger);
	return false;
}

static void
copy_owner(struct arena *arena, struct fence_owner *owner)
{
	owner->backend_start = arena_str(arena, owner->backend_start);
	owner->journal = arena_str(arena, owner->journal);
	owner->job = arena_str(arena, owner->job);
	owner->coordinator = arena_str(arena, owner->coordinator);
}

bool
client_fence_read(struct target *t, struct arena *arena, struct fence_owner *out, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_fence_read);

	*out = (struct fence_owner){0};
	if (!memory_ask(s, r, err))
		return false;
	*out = r->owner;
	copy_owner(arena, out);
	return true;
}

bool
client_fence_evict(struct target *t, const struct fence_owner *owner, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_fence_evict);

	r->owner = *owner;
	copy_owner(&r->arena, &r->owner);
	return memory_ask(s, r, err);
}

bool
client_fence_take(struct target *t, const struct fence_claim *claim, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_fence_take);

	r->claim = (struct fence_claim){.journal = arena_str(&r->arena, claim->journal),
					.job = arena_str(&r->arena, claim->job),
					.attempt = claim->attempt,
					.coordinator = arena_str(&r->arena, claim->coordinator)};
	if (!memory_ask(s, r, err))
		return false;
	s->claimed = true;
	return true;
}

bool
client_steps_of(struct target *t, const char *job, int64_t attempt, int64_t *committed,
		int64_t *planned, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_steps_of);

	*committed = *planned = 0;
	r->name = arena_str(&r->arena, job);
	r->attempt = attempt;
	if (!memory_ask(s, r, err))
		return false;
	*committed = r->committed;
	*planned = r->planned;
	return true;
}

/* Texts of the answer, copied. */
static bool
ask_texts(struct memory_session *s, struct request *r, struct arena *arena, const char ***texts,
	  size_t *count, struct error *err)
{
	*texts = NULL;
	*count = 0;
	if (!memory_ask(s, r, err))
		return false;
	*count = r->count;
	*texts = arena_array(arena, r->count + 1, sizeof(**texts));
	for (size_t i = 0; i < r->count; i++)
		(*texts)[i] = arena_str(arena, r->texts[i]);
	return true;
}

bool
client_versions_of(struct target *t, struct arena *arena, const char *job, const char ***versions,
		   size_t *count, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_versions_of);

	r->name = arena_str(&r->arena, job);
	return ask_texts(s, r, arena, versions, count, err);
}

/* ---- marks ---- */

static void
copy_mark(struct arena *arena, struct statement_mark *mark)
{
	mark->version = arena_str(arena, mark->version);
	mark->direction = arena_str(arena, mark->direction);
	mark->sha256 = arena_str(arena, mark->sha256);
	mark->job = arena_str(arena, mark->job);
}

bool
client_marks_read(struct target *t, struct arena *arena, const char *version, const char *direction,
		  struct statement_mark **out, size_t *count, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_marks_read);

	*out = NULL;
	*count = 0;
	r->version = arena_str(&r->arena, version);
	r->direction = arena_str(&r->arena, direction);
	if (!memory_ask(s, r, err))
		return false;
	*count = r->count;
	*out = arena_array(arena, r->count + 1, sizeof(**out));
	for (size_t i = 0; i < r->count; i++) {
		(*out)[i] = r->marks[i];
		copy_mark(arena, &(*out)[i]);
	}
	return true;
}

bool
client_mark_write(struct target *t, const struct statement_mark *mark, struct error *err)
{
	struct memory_session *s = memory_session_of(t);

	if (!s->claimed)
		return error_set(err, E_INTERNAL_ERROR, "a mark without a fence");
	struct request *r = memory_request(s, MEMORY_mark_write);
	struct statement_mark *copy = arena_new(&r->arena, struct statement_mark);
	*copy = *mark;
	copy_mark(&r->arena, copy);
	r->mark = copy;
	return memory_ask(s, r, err);
}

bool
client_mark_clear(struct target *t, const char *version, const char *direction, uint32_t statement,
		  struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_mark_clear);

	r->version = arena_str(&r->arena, version);
	r->direction = arena_str(&r->arena, direction);
	r->number = statement;
	return memory_ask(s, r, err);
}

bool
client_marks_list(struct target *t, struct arena *arena, const char ***versions, size_t *count,
		  struct error *err)
{
	struct memory_session *s = memory_session_of(t);

	return ask_texts(s, memory_request(s, MEMORY_marks_list), arena, versions, count, err);
}

/* ---- catalogue ---- */

static void
copy_goal(struct arena *arena, const struct sql_goal *goal, struct sql_goal *out)
{
	*out = *goal;
	out->schema = arena_str(arena, goal->schema);
	out->name = arena_str(arena, goal->name);
	out->table_schema = arena_str(arena, goal->table_schema);
	out->table = arena_str(arena, goal->table);
}

static void
copy_index(struct arena *arena, const struct index_info *index, struct index_info *out)
{
	*out = *index;
	out->schema = arena_str(arena, index->schema);
	out->name = arena_str(arena, index->name);
	out->table_schema = arena_str(arena, index->table_schema);
	out->table = arena_str(arena, index->table);
}

bool
client_index_find(struct target *t, struct arena *arena, const struct sql_goal *goal,
		  struct index_info *out, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_index_find);

	*out = (struct index_info){.state = INDEX_ABSENT};
	copy_goal(&r->arena, goal, &r->goal);
	if (!memory_ask(s, r, err))
		return false;
	copy_index(arena, &r->index, out);
	return true;
}

bool
client_index_drop(struct target *t, const struct index_info *index, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_index_drop);

	copy_index(&r->arena, index, &r->index);
	return memory_ask(s, r, err);
}

bool
client_reindex_leftovers(struct target *t, struct arena *arena, const struct sql_goal *goal,
			 struct index_info **out, size_t *count, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_reindex_leftovers);

	*out = NULL;
	*count = 0;
	copy_goal(&r->arena, goal, &r->goal);
	if (!memory_ask(s, r, err))
		return false;
	*count = r->count;
	*out = arena_array(arena, r->count + 1, sizeof(**out));
	for (size_t i = 0; i < r->count; i++)
		copy_index(arena, &r->indexes[i], &(*out)[i]);
	return true;
}

bool
client_goal_reached(struct target *t, const struct sql_goal *goal, bool *reached, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_goal_reached);

	if (goal->kind != SQL_GOAL_PARTITION_DETACHED && goal->kind != SQL_GOAL_DATABASE_CREATED &&
	    goal->kind != SQL_GOAL_DATABASE_DROPPED)
		return error_set(err, E_INTERNAL_ERROR, "a goal of kind %d has no such question",
				 (int)goal->kind);
	copy_goal(&r->arena, goal, &r->goal);
	if (!memory_ask(s, r, err))
		return false;
	*reached = r->flag;
	return true;
}

bool
client_dependents(struct target *t, struct arena *arena, const struct sql_object *object,
		  struct object_dependents *out, struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_dependents);
	struct sql_object *copy = arena_new(&r->arena, struct sql_object);

	*out = (struct object_dependents){0};
	*copy = *object;
	copy->schema = arena_str(&r->arena, object->schema);
	copy->name = arena_str(&r->arena, object->name);
	r->object = copy;
	if (!memory_ask(s, r, err))
		return false;
	*out = r->dependents;
	out->key = arena_str(arena, r->dependents.key);
	out->schema = arena_str(arena, r->dependents.schema);
	return true;
}

static int
by_kind_and_address(const void *a, const void *b)
{
	return schema_object_compare(a, b);
}

/* Names that need quotes are none of the model's. */
static const char *
address_of(struct schema_pool *pool, const char *name)
{
	return schema_pool_text(pool, arena_printf(schema_pool_arena(pool), "public.%s", name));
}

static void
take_object(struct schema_pool *pool, const struct schema_object *in, struct schema_object *out)
{
	size_t values = schema_kind_info(in->kind)->count;

	*out = (struct schema_object){
		.kind = in->kind,
		.schema = schema_pool_text(pool, "public"),
		.name = schema_pool_text(pool, in->name),
		.parent = in->parent ? address_of(pool, in->parent) : NULL,
		.address = address_of(pool, in->name),
		.values = arena_array(schema_pool_arena(pool), values, sizeof(*out->values)),
	};
	if (in->address != NULL)
		out->values[SCHEMA_index_invalid] = schema_pool_text(pool, "true");
}

bool
client_structure(struct target *t, struct schema_pool *pool, struct schema_model **out,
		 struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_structure);
	struct arena *arena = schema_pool_arena(pool);

	if (!memory_ask(s, r, err))
		return error_wrap(err, "reading the structure of %s", s->info.place);
	struct schema_model *m = arena_new(arena, struct schema_model);
	m->objects = arena_array(arena, r->count + 1, sizeof(*m->objects));
	for (size_t i = 0; i < r->count; i++)
		take_object(pool, &r->objects[i], &m->objects[m->count++]);
	if (m->count > 0)
		qsort(m->objects, m->count, sizeof(*m->objects), by_kind_and_address);
	*out = m;
	return true;
}

bool
client_structure_note(struct target *t, const char *fingerprint, struct error *err)
{
	struct memory_session *s = memory_session_of(t);

	if (!s->claimed)
		return error_set(err, E_INTERNAL_ERROR, "a fingerprint without a fence");
	struct request *r = memory_request(s, MEMORY_structure_note);
	r->name = arena_str(&r->arena, fingerprint);
	return memory_ask(s, r, err);
}

bool
client_structure_noted(struct target *t, struct arena *arena, struct structure_note *out,
		       struct error *err)
{
	struct memory_session *s = memory_session_of(t);
	struct request *r = memory_request(s, MEMORY_structure_noted);

	*out = (struct structure_note){0};
	if (!memory_ask(s, r, err))
		return false;
	*out = r->note;
	out->fingerprint = arena_str(arena, r->note.fingerprint);
	out->noted_at = arena_str(arena, r->note.noted_at);
	return true;
}
