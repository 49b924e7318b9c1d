/* What the catalogue says about the goals of statements outside transactions. */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory/operations.h"

#include "shared/base/banned.h"

/* Does it end in _<word> and digits? The length of what stands before; 0 = no. */
static size_t
stem(const char *name, const char *const *words, size_t count)
{
	size_t len = strlen(name);

	while (len > 0 && name[len - 1] >= '0' && name[len - 1] <= '9')
		len--;
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(words[i]);
		if (len > n && strncmp(name + len - n, words[i], n) == 0)
			return len - n;
	}
	return 0;
}

static bool
in_public(const char *schema)
{
	return schema == NULL || strcmp(schema, "public") == 0;
}

static int
builder_of(const struct memory_session *s, const struct record *index)
{
	for (const struct memory_session *o = s->server->sessions; o != NULL; o = o->next) {
		if (o->alive && o->building == index)
			return o->info.backend_pid;
	}
	return 0;
}

static void
describe(struct memory_session *s, const struct record *record, struct index_info *out)
{
	const struct relation *index = record_see(s, record);

	*out = (struct index_info){
		.state = index->valid && index->ready && index->live ? INDEX_VALID : INDEX_INVALID,
		.schema = "public",
		.name = record->key,
		.table_schema = "public",
		.table = index->table,
		.building_pid = builder_of(s, record),
	};
}

static bool
is_index(struct memory_session *s, const struct record *record)
{
	const struct relation *r = record_see(s, record);

	return r != NULL && r->kind == RELATION_INDEX;
}

/* An INVALID one of the table with a name of PostgreSQL's making, when it is the only one. */
static void
find_nameless(struct memory_session *s, const char *table, struct index_info *out)
{
	static const char *const words[] = {"_idx", "_key", "_excl"};
	struct record *found = NULL;

	for (struct record *at = NULL; (at = record_next(s, at, RECORD_RELATION, "")) != NULL;) {
		const struct relation *r = record_see(s, at);
		if (r->kind != RELATION_INDEX || r->valid || strcmp(r->table, table) != 0 ||
		    stem(at->key, words, ARRAY_LEN(words)) == 0)
			continue;
		if (found != NULL)
			return;
		found = at;
	}
	if (found != NULL)
		describe(s, found, out);
}

bool
operation_index_find(struct memory_session *s, struct request *r)
{
	const struct sql_goal *goal = &r->goal;
	bool created = goal->kind == SQL_GOAL_INDEX_CREATED;

	r->index = (struct index_info){.state = INDEX_ABSENT};
	if (!in_public(created ? goal->table_schema : goal->schema))
		return true;
	if (created && (goal->table == NULL || relation_see(s, goal->table) == NULL))
		return true;
	if (goal->name == NULL) {
		if (created)
			find_nameless(s, goal->table, &r->index);
		return true;
	}
	struct record *record = record_of(s->db, RECORD_RELATION, "", goal->name);
	if (!is_index(s, record))
		return true;
	const struct relation *index = record_see(s, record);
	if (!created || strcmp(index->table, goal->table) == 0)
		describe(s, record, &r->index);
	return true;
}

bool
operation_index_drop(struct memory_session *s, struct request *r)
{
	size_t notices = s->notice_count; /* nobody listens to those of a statement of ours */
	bool ok = index_drop_concurrently(s, r->index.name, true);

	if (s->alive)
		lock_drop_statement(s);
	s->notice_count = notices;
	return ok;
}

struct leftovers_of {
	const char *index; /* prefix of its name counts; NULL */
	const char *table; /* NULL: of all */
};

static bool
is_leftover(struct memory_session *s, const struct record *record, const struct leftovers_of *of)
{
	static const char *const words[] = {"_ccnew", "_ccold"};
	const struct relation *r = record_see(s, record);
	size_t n = stem(record->key, words, ARRAY_LEN(words));

	if (r->kind != RELATION_INDEX || r->valid || n == 0)
		return false;
	if (of->table != NULL && strcmp(r->table, of->table) != 0)
		return false;
	return of->index == NULL || strncmp(record->key, of->index, n) == 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct index_info *)a)->name, ((const struct index_info *)b)->name);
}

bool
operation_reindex_leftovers(struct memory_session *s, struct request *r)
{
	const struct sql_goal *goal = &r->goal;
	struct leftovers_of of = {0};
	size_t cap = 0;

	if (!in_public(goal->schema) || !in_public(goal->table_schema))
		return true;
	if (goal->name != NULL && relation_see(s, goal->name) != NULL) {
		const struct relation *index = relation_see(s, goal->name);
		if (index->kind != RELATION_INDEX)
			return true;
		of = (struct leftovers_of){.index = goal->name, .table = index->table};
	} else if (goal->table != NULL && relation_see(s, goal->table) != NULL) {
		of.table = goal->table;
	} else if (goal->name != NULL || goal->table != NULL) {
		return true;
	}
	for (struct record *at = NULL; (at = record_next(s, at, RECORD_RELATION, "")) != NULL;) {
		if (!is_leftover(s, at, &of))
			continue;
		r->indexes = arena_grow(&r->arena, r->indexes, r->count, &cap, sizeof(*r->indexes));
		r->indexes[r->count] = (struct index_info){0};
		describe(s, at, &r->indexes[r->count]);
		r->indexes[r->count].building_pid = 0;
		r->count++;
	}
	if (r->count > 0)
		qsort(r->indexes, r->count, sizeof(*r->indexes), by_name);
	return true;
}

bool
operation_goal_reached(struct memory_session *s, struct request *r)
{
	const struct sql_goal *goal = &r->goal;

	if (goal->kind != SQL_GOAL_PARTITION_DETACHED) {
		bool there = memory_database(s->server, goal->name, false) != NULL;
		r->flag = there != (goal->kind == SQL_GOAL_DATABASE_DROPPED);
		return true;
	}
	const struct relation *child = in_public(goal->schema) ? relation_see(s, goal->name) : NULL;
	bool parent_there = goal->table != NULL && relation_see(s, goal->table) != NULL;
	r->flag = child != NULL && (child->parent == NULL ||
				    (parent_there && strcmp(child->parent, goal->table) != 0));
	return true;
}

/* Views, functions and keys are not modelled, and indexes belong to their table: there is nothing
 * that would break. */
bool
operation_dependents(struct memory_session *s, struct request *r)
{
	const struct sql_object *object = r->object;

	r->dependents = (struct object_dependents){0};
	if (object->name == NULL || !in_public(object->schema) ||
	    relation_see(s, object->name) == NULL)
		return true;
	r->dependents = (struct object_dependents){
		.present = true,
		.key = arena_printf(&r->arena, "relation %s", object->name),
		.schema = "public",
	};
	return true;
}

static bool
is_own(const struct memory_session *s, const char *table)
{
	const char *const own[] = {s->ledger, "confiture_fence", "confiture_lock_holder",
				   "confiture_mark", "confiture_step"};

	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		if (strcmp(own[i], table) == 0)
			return true;
	}
	return false;
}

/* Tables and indexes, which are all that there is beside rows; those of a primary key are its
 * constraint's, and columns are not modelled. */
bool
operation_structure(struct memory_session *s, struct request *r)
{
	size_t cap = 0;

	for (struct record *at = NULL; (at = record_next(s, at, RECORD_RELATION, "")) != NULL;) {
		const struct relation *relation = record_see(s, at);
		bool index = relation->kind == RELATION_INDEX;
		if (is_own(s, index ? relation->table : at->key))
			continue;
		r->objects = arena_grow(&r->arena, r->objects, r->count, &cap, sizeof(*r->objects));
		struct schema_object *o = &r->objects[r->count++];
		*o = (struct schema_object){
			.kind = index ? SCHEMA_KIND_index : SCHEMA_KIND_table,
			.name = at->key,
			.parent = index ? relation->table : NULL,
		};
		if (index && !(relation->valid && relation->ready && relation->live))
			o->address = "invalid";
	}
	return true;
}
