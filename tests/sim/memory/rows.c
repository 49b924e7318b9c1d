/* INSERT, UPDATE, DELETE and SELECT over tables (id text PRIMARY KEY, n bigint). */
#include <string.h>

#include "tests/sim/memory/sql.h"

#include "shared/base/banned.h"

static int
level(const struct memory_session *s)
{
	return s->transaction.savepoint_count;
}

static struct run_result *
result_of(struct parse *p)
{
	return &p->s->request->result;
}

bool
table_lock(struct memory_session *s, const char *name, uint32_t position, enum lock_mode mode)
{
	struct record *table = record_of(s->db, RECORD_RELATION, "", name);

	if (record_see(s, table) != NULL && !lock_take(s, table, mode, level(s)))
		return false;
	const struct relation *r = record_see(s, table);
	if (r == NULL)
		return refuse_at(s, position, "42P01", "relation \"%s\" does not exist", name);
	if (r->kind == RELATION_INDEX)
		return refuse(s, "42809",
			      "cannot open relation \"%s\"\nDETAIL: This operation is "
			      "not supported for indexes.",
			      name);
	return true;
}

static const char *
take_table(struct parse *p, enum lock_mode mode)
{
	uint32_t position = parse_peek(p)->position;
	const char *name = parse_name(p);

	return name != NULL && table_lock(p->s, name, position, mode) ? name : NULL;
}

/* The oldest unique index over n that must hold; NULL = none. */
static const char *
unique_index(struct memory_session *s, const char *table)
{
	const struct relation *oldest = NULL;
	const char *name = NULL;

	for (struct record *i = NULL; (i = record_next(s, i, RECORD_RELATION, "")) != NULL;) {
		const struct relation *index = record_see(s, i);
		if (index->kind != RELATION_INDEX || !index->unique || !index->ready ||
		    strcmp(index->table, table) != 0 || strcmp(index->column, "n") != 0)
			continue;
		if (oldest == NULL || index->born < oldest->born) {
			oldest = index;
			name = i->key;
		}
	}
	return name;
}

static bool
has_number(const struct row *row, int64_t n)
{
	return row != NULL && row->n == n;
}

/* Somebody is about to give that number to this row, or to take it away: who. */
static struct memory_session *
undecided(const struct memory_session *s, const struct record *record, int64_t n)
{
	for (const struct lock *l = record->locks; l != NULL; l = l->next) {
		const struct transaction *t = &l->holder->transaction;
		bool touches = false, changes = false;

		for (size_t i = 0; i < t->change_count; i++) {
			if (t->changes[i].record != record)
				continue;
			changes = true;
			touches = touches || has_number(t->changes[i].value, n);
		}
		if (l->holder != s && changes && (touches || has_number(record->value, n)))
			return l->holder;
	}
	return NULL;
}

/* *index: the unique index over n that another row holds against this value; NULL = none. Waits for
 * transactions that have not decided yet. */
static bool
find_violated(struct memory_session *s, const char *table, const struct record *self, int64_t n,
	      const char **index)
{
	const char *unique = unique_index(s, table);
	struct record *at = unique ? s->db->first : NULL;

	*index = NULL;
	while (at != NULL) {
		bool other = at->kind == RECORD_ROW && at != self && strcmp(at->group, table) == 0;
		struct memory_session *who = other ? undecided(s, at, n) : NULL;
		if (who != NULL && !lock_await_end(s, who))
			return false;
		if (other && who == NULL && has_number(record_see(s, at), n)) {
			*index = unique;
			return true;
		}
		at = who != NULL ? s->db->first : at->next;
	}
	return true;
}

static bool
put_row(struct memory_session *s, const char *table, struct record *record, int64_t n)
{
	struct arena *arena = &s->db->arena;
	struct row *row = arena_new(arena, struct row);
	const char *index;

	if (!find_violated(s, table, record, n, &index))
		return false;
	if (index != NULL)
		return refuse(s, "23505",
			      "duplicate key value violates unique constraint \"%s\"\nDETAIL: Key "
			      "(n)=(%lld) already exists.",
			      index, (long long)n);
	*row = (struct row){record->key, n};
	return record_put(s, record, row, arena_printf(arena, "%lld", (long long)n));
}

static bool
insert_one(struct parse *p, const char *table, const char *id, int64_t n, bool or_nothing)
{
	struct memory_session *s = p->s;
	struct record *record = record_of(s->db, RECORD_ROW, table, id);

	if (!lock_take(s, record, LOCK_EXCLUSIVE, level(s)))
		return false;
	if (record_see(s, record) != NULL)
		return or_nothing ||
		       refuse(s, "23505",
			      "duplicate key value violates unique constraint \"%s_pkey\"\n"
			      "DETAIL: Key (id)=(%s) already exists.",
			      table, id);
	if (or_nothing) {
		const char *index;
		if (!find_violated(s, table, record, n, &index))
			return false;
		if (index != NULL)
			return true;
	}
	result_of(p)->rows++;
	return put_row(s, table, record, n);
}

enum { INSERT_MOST = 64 };

bool
rows_insert(struct parse *p)
{
	const char *ids[INSERT_MOST];
	int64_t numbers[INSERT_MOST];
	size_t count = 0;

	if (!parse_expect(p, "into"))
		return false;
	size_t name_at = p->at;
	if (parse_name(p) == NULL)
		return false;
	(void)parse_accept(p, "( id , n )");
	if (!parse_expect(p, "values"))
		return false;
	do {
		if (count == INSERT_MOST || !parse_expect(p, "(") || !parse_text(p, &ids[count]) ||
		    !parse_expect(p, ",") || !parse_number(p, &numbers[count]) ||
		    !parse_expect(p, ")"))
			return false;
		count++;
	} while (parse_accept(p, ","));
	bool or_nothing = parse_accept(p, "on conflict do nothing");
	if (!parse_end(p))
		return false;
	p->at = name_at;
	const char *table = take_table(p, LOCK_ROW_EXCLUSIVE);
	result_of(p)->tag = "INSERT";
	for (size_t i = 0; table != NULL && i < count; i++) {
		if (!insert_one(p, table, ids[i], numbers[i], or_nothing))
			return false;
	}
	return table != NULL;
}

/* WHERE id = '…', or nothing for all. */
static bool
where(struct parse *p, const char **id)
{
	*id = NULL;
	if (parse_accept(p, "where") && (!parse_expect(p, "id =") || !parse_text(p, id)))
		return false;
	return parse_end(p);
}

struct update {
	const char *table, *id;
	bool delete, add;
	int64_t n;
};

static bool
change_row(struct parse *p, const struct update *u, struct record *record)
{
	struct memory_session *s = p->s;

	if (!lock_take(s, record, LOCK_EXCLUSIVE, level(s)))
		return false;
	/* It may have gone while we waited, and counts as it is now. */
	const struct row *row = record_see(s, record);
	if (row == NULL)
		return true;
	result_of(p)->rows++;
	if (u->delete)
		return record_put(s, record, NULL, NULL);
	return put_row(s, u->table, record, u->add ? row->n + u->n : u->n);
}

static bool
change_rows(struct parse *p, const struct update *u)
{
	struct memory_session *s = p->s;

	for (struct record *at = NULL; (at = record_next(s, at, RECORD_ROW, u->table)) != NULL;) {
		if ((u->id == NULL || strcmp(at->key, u->id) == 0) && !change_row(p, u, at))
			return false;
	}
	return true;
}

bool
rows_update(struct parse *p)
{
	struct update u = {0};
	size_t name_at = p->at;

	if (parse_name(p) == NULL || !parse_expect(p, "set n ="))
		return false;
	u.add = parse_accept(p, "n +");
	if (!parse_number(p, &u.n) || !where(p, &u.id))
		return false;
	p->at = name_at;
	u.table = take_table(p, LOCK_ROW_EXCLUSIVE);
	result_of(p)->tag = "UPDATE";
	return u.table != NULL && change_rows(p, &u);
}

bool
rows_delete(struct parse *p)
{
	struct update u = {.delete = true};

	if (!parse_expect(p, "from"))
		return false;
	size_t name_at = p->at;
	if (parse_name(p) == NULL || !where(p, &u.id))
		return false;
	p->at = name_at;
	u.table = take_table(p, LOCK_ROW_EXCLUSIVE);
	result_of(p)->tag = "DELETE";
	return u.table != NULL && change_rows(p, &u);
}

static void
give_number(struct parse *p, int64_t n, const char *type)
{
	struct run_result *r = result_of(p);

	r->has_value = true;
	r->type = type;
	r->value = arena_printf(&p->s->request->arena, "%lld", (long long)n);
	r->rows = 1;
}

static bool
select_rows(struct parse *p, bool counted)
{
	struct memory_session *s = p->s;
	const char *id;
	size_t name_at = p->at;
	int64_t count = 0;

	if (parse_name(p) == NULL || !where(p, &id))
		return false;
	p->at = name_at;
	const char *table = take_table(p, LOCK_ACCESS_SHARE);
	if (table == NULL)
		return false;
	for (struct record *at = NULL; (at = record_next(s, at, RECORD_ROW, table)) != NULL;) {
		if (id != NULL && strcmp(at->key, id) != 0)
			continue;
		if (!counted && count == 0)
			give_number(p, ((const struct row *)record_see(s, at))->n, "int8");
		count++;
	}
	if (counted)
		give_number(p, count, "int8");
	else
		result_of(p)->rows = count;
	return true;
}

static bool
select_sleep(struct parse *p)
{
	const struct token *t = parse_peek(p);
	double seconds, unit = 1;

	if (t->kind != TOKEN_NUMBER)
		return parse_syntax_error(p);
	seconds = (double)t->number;
	p->at++;
	/* 0.25 is a number, a dot and a number. */
	if (parse_accept(p, ".")) {
		t = parse_peek(p);
		if (t->kind != TOKEN_NUMBER)
			return parse_syntax_error(p);
		for (size_t i = 0; i < strlen(t->text); i++)
			unit /= 10;
		seconds += (double)t->number * unit;
		p->at++;
	}
	if (!parse_expect(p, ")") || !parse_end(p) ||
	    !lock_await_time(p->s, (uint64_t)(seconds * 1e9)))
		return false;
	*result_of(p) = (struct run_result){
		.tag = "SELECT", .rows = 1, .has_value = true, .value = "", .type = "void"};
	return true;
}

bool
rows_select(struct parse *p)
{
	int64_t n;

	result_of(p)->tag = "SELECT";
	if (parse_accept(p, "n from"))
		return select_rows(p, false);
	if (parse_accept(p, "count ( * ) from"))
		return select_rows(p, true);
	if (parse_accept(p, "pg_sleep ("))
		return select_sleep(p);
	if (!parse_number(p, &n))
		return false;
	if (parse_accept(p, "/ 0") && parse_end(p))
		return refuse(p->s, "22012", "division by zero");
	if (!parse_end(p))
		return false;
	give_number(p, n, "int4");
	return true;
}
