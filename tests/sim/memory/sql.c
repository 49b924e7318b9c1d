/* What a statement is, by its first words, and the statements that are neither rows nor concurrent.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory/sql.h"

#include "shared/base/banned.h"

static int
level(const struct memory_session *s)
{
	return s->transaction.savepoint_count;
}

static bool
tag(struct parse *p, const char *text)
{
	p->s->request->result.tag = text;
	return true;
}

/* An error outside of transaction_around(). */
static bool
fail(struct memory_session *s)
{
	if (s->alive && s->transaction.state == TRANSACTION_OPEN)
		transaction_fail(s);
	return false;
}

static bool
may_run_outside(struct memory_session *s, const char *what)
{
	if (s->transaction.state == TRANSACTION_FAILED)
		return refuse_aborted(s);
	if (s->transaction.state == TRANSACTION_IDLE)
		return true;
	refuse(s, "25001", "%s cannot run inside a transaction block", what);
	return fail(s);
}

/* ---- tables ---- */

static bool
create_relation(struct memory_session *s, const char *name, const struct relation *value,
		bool if_not_exists)
{
	struct record *record = record_of(s->db, RECORD_RELATION, "", name);

	if (record_see(s, record) != NULL && if_not_exists) {
		session_notice(s, "NOTICE: relation \"%s\" already exists, skipping", name);
		return true;
	}
	if (record_see(s, record) != NULL)
		return refuse(s, "42P07", "relation \"%s\" already exists", name);
	if (!lock_take(s, record, LOCK_ACCESS_EXCLUSIVE, level(s)))
		return false;
	/* Another session made it while we waited: PostgreSQL finds out by its catalogue's index.
	 */
	if (record_see(s, record) != NULL)
		return refuse(s, "23505",
			      "duplicate key value violates unique constraint "
			      "\"pg_type_typname_nsp_index\"\nDETAIL: Key (typname, "
			      "typnamespace)=(%s, 2200) already exists.",
			      name);
	return record_put(s, record, value, "table");
}

static bool
create_partition(struct parse *p, const char *name)
{
	struct memory_session *s = p->s;
	struct relation *table = arena_new(&s->db->arena, struct relation);
	const char *parent = parse_name(p), *value;

	if (parent == NULL || !parse_expect(p, "for values in (") || !parse_text(p, &value) ||
	    !parse_expect(p, ")") || !parse_end(p) ||
	    !table_lock(s, parent, 0, LOCK_ACCESS_EXCLUSIVE))
		return false;
	*table = (struct relation){
		.kind = RELATION_TABLE, .live = true, .parent = arena_str(&s->db->arena, parent)};
	return create_relation(s, name, table, false) && tag(p, "CREATE TABLE");
}

static bool
create_table(struct parse *p)
{
	static const struct relation plain = {.kind = RELATION_TABLE, .live = true};
	static const struct relation partitioned = {.kind = RELATION_PARTITIONED, .live = true};
	bool if_not_exists = parse_accept(p, "if not exists");
	const char *name = parse_name(p);

	if (name == NULL)
		return false;
	if (parse_accept(p, "partition of"))
		return create_partition(p, name);
	if (!parse_skip_parentheses(p))
		return false;
	bool parts = parse_accept(p, "partition by list ( id )");
	return parse_end(p) &&
	       create_relation(p->s, name, parts ? &partitioned : &plain, if_not_exists) &&
	       tag(p, "CREATE TABLE");
}

/* What belongs to a table goes with it. */
static bool
drop_parts(struct memory_session *s, const char *name)
{
	struct record *at = NULL;

	while ((at = record_next(s, at, RECORD_RELATION, "")) != NULL) {
		const struct relation *r = record_see(s, at);
		bool belongs = r->kind == RELATION_INDEX
				       ? strcmp(r->table, name) == 0
				       : r->parent != NULL && strcmp(r->parent, name) == 0;
		if (belongs && (!lock_take(s, at, LOCK_ACCESS_EXCLUSIVE, level(s)) ||
				!record_put(s, at, NULL, NULL)))
			return false;
	}
	while ((at = record_next(s, at, RECORD_ROW, name)) != NULL) {
		if (!record_put(s, at, NULL, NULL))
			return false;
	}
	return true;
}

static bool
is_table(struct memory_session *s, const struct relation *r, const char *name)
{
	return r == NULL || r->kind != RELATION_INDEX ||
	       refuse(s, "42809", "\"%s\" is not a table\nHINT: Use DROP INDEX to remove an index.",
		      name);
}

static bool
drop_table(struct parse *p)
{
	struct memory_session *s = p->s;
	bool if_exists = parse_accept(p, "if exists");
	const char *name = parse_name(p);

	if (name == NULL || !parse_end(p))
		return false;
	struct record *record = record_of(s->db, RECORD_RELATION, "", name);
	if (!is_table(s, record_see(s, record), name))
		return false;
	if (record_see(s, record) != NULL && !lock_take(s, record, LOCK_ACCESS_EXCLUSIVE, level(s)))
		return false;
	const struct relation *table = record_see(s, record);
	if (table == NULL && !if_exists)
		return refuse(s, "42P01", "table \"%s\" does not exist", name);
	if (table == NULL) {
		session_notice(s, "NOTICE: table \"%s\" does not exist, skipping", name);
		return tag(p, "DROP TABLE");
	}
	return is_table(s, table, name) && drop_parts(s, name) &&
	       record_put(s, record, NULL, NULL) && tag(p, "DROP TABLE");
}

/* ---- indexes ---- */

static bool
read_index(struct parse *p, struct index_statement *st)
{
	st->if_exists = parse_accept(p, "if not exists");
	if ((st->name = parse_name(p)) == NULL || !parse_expect(p, "on") ||
	    (st->table = parse_name(p)) == NULL || !parse_expect(p, "(") ||
	    (st->column = parse_name(p)) == NULL)
		return false;
	return parse_expect(p, ")") && parse_end(p);
}

static bool
create_index(struct parse *p)
{
	struct index_statement st = {.unique = false};

	return read_index(p, &st) && index_create(p->s, &st) && tag(p, "CREATE INDEX");
}

static bool
create_unique_index(struct parse *p)
{
	struct index_statement st = {.unique = true};

	return read_index(p, &st) && index_create(p->s, &st) && tag(p, "CREATE INDEX");
}

static bool
create_concurrently(struct parse *p)
{
	struct index_statement st = {.unique = false};

	return read_index(p, &st) && index_create_concurrently(p->s, &st) && tag(p, "CREATE INDEX");
}

static bool
create_unique_concurrently(struct parse *p)
{
	struct index_statement st = {.unique = true};

	return read_index(p, &st) && index_create_concurrently(p->s, &st) && tag(p, "CREATE INDEX");
}

static bool
drop_index(struct parse *p)
{
	struct memory_session *s = p->s;
	bool if_exists = parse_accept(p, "if exists");
	const char *name = parse_name(p);

	if (name == NULL || !parse_end(p))
		return false;
	struct record *record = record_of(s->db, RECORD_RELATION, "", name);
	const struct relation *index = record_see(s, record);
	if (index != NULL && index->kind != RELATION_INDEX)
		return refuse(s, "42809",
			      "\"%s\" is not an index\nHINT: Use DROP TABLE to remove a table.",
			      name);
	if (index != NULL && (!table_lock(s, index->table, 0, LOCK_ACCESS_EXCLUSIVE) ||
			      !lock_take(s, record, LOCK_ACCESS_EXCLUSIVE, level(s))))
		return false;
	index = record_see(s, record);
	if (index == NULL && !if_exists)
		return refuse(s, "42704", "index \"%s\" does not exist", name);
	if (index == NULL)
		session_notice(s, "NOTICE: index \"%s\" does not exist, skipping", name);
	return (index == NULL || record_put(s, record, NULL, NULL)) && tag(p, "DROP INDEX");
}

static bool
drop_concurrently(struct parse *p)
{
	bool if_exists = parse_accept(p, "if exists");
	const char *name = parse_name(p);

	return name != NULL && parse_end(p) && index_drop_concurrently(p->s, name, if_exists) &&
	       tag(p, "DROP INDEX");
}

static bool
rebuild_concurrently(struct parse *p)
{
	const char *name = parse_name(p);

	return name != NULL && parse_end(p) && index_rebuild_concurrently(p->s, name) &&
	       tag(p, "REINDEX");
}

/* Finalizing may be part of a transaction. */
static bool
alter_table(struct parse *p)
{
	const char *parent = parse_name(p), *child;

	if (parent == NULL || !parse_expect(p, "detach partition") ||
	    (child = parse_name(p)) == NULL)
		return fail(p->s);
	bool finalize = parse_accept(p, "finalize");
	if ((!finalize && !parse_expect(p, "concurrently")) || !parse_end(p))
		return fail(p->s);
	tag(p, "ALTER TABLE");
	if (finalize)
		return partition_finalize(p->s, parent, child);
	return may_run_outside(p->s, "ALTER TABLE ... DETACH CONCURRENTLY") &&
	       partition_detach_concurrently(p->s, parent, child);
}

/* ---- what is not of one database ---- */

static bool
create_database(struct parse *p)
{
	const char *name = parse_name(p);

	if (name == NULL || !parse_end(p))
		return false;
	if (memory_database(p->s->server, name, false) != NULL)
		return refuse(p->s, "42P04", "database \"%s\" already exists", name);
	(void)memory_database(p->s->server, name, true);
	return tag(p, "CREATE DATABASE");
}

static bool
drop_database(struct parse *p)
{
	bool if_exists = parse_accept(p, "if exists");
	const char *name = parse_name(p);

	if (name == NULL || !parse_end(p))
		return false;
	struct memory_db *db = memory_database(p->s->server, name, false);
	if (db == NULL && !if_exists)
		return refuse(p->s, "3D000", "database \"%s\" does not exist", name);
	if (db == NULL)
		session_notice(p->s, "NOTICE: database \"%s\" does not exist, skipping", name);
	for (struct memory_session *o = p->s->server->sessions; db != NULL && o != NULL;
	     o = o->next) {
		if (o->alive && o->db == db)
			return refuse(p->s, "55006",
				      "database \"%s\" is being accessed by other users", name);
	}
	if (db != NULL)
		db->dropped = true;
	return tag(p, "DROP DATABASE");
}

static bool
vacuum(struct parse *p)
{
	const char *name = parse_name(p);

	return name != NULL && parse_end(p) &&
	       table_lock(p->s, name, 0, LOCK_SHARE_UPDATE_EXCLUSIVE) && tag(p, "VACUUM");
}

/* ---- settings ---- */

static bool
read_milliseconds(struct parse *p, int64_t *out)
{
	const char *text;
	char *unit;

	if (parse_peek(p)->kind == TOKEN_NUMBER)
		return parse_number(p, out) && parse_end(p);
	if (!parse_text(p, &text) || !parse_end(p))
		return false;
	*out = strtoll(text, &unit, 10);
	if (strcmp(unit, "s") == 0)
		*out *= 1000;
	else if (strcmp(unit, "min") == 0)
		*out *= 60000;
	return true;
}

static bool
skip_value(struct parse *p)
{
	while (parse_peek(p)->kind != TOKEN_END)
		p->at++;
	return true;
}

/* Only lock_timeout means something here. */
static bool
set(struct parse *p)
{
	struct memory_session *s = p->s;
	bool local = parse_accept(p, "local");
	int64_t ms;

	if (!parse_accept(p, "lock_timeout ="))
		return parse_name(p) != NULL && parse_expect(p, "=") && skip_value(p) &&
		       parse_end(p) && tag(p, "SET");
	if (!read_milliseconds(p, &ms))
		return false;
	s->lock_timeout_ms = ms;
	if (!local)
		s->lock_timeout_session = ms;
	return tag(p, "SET");
}

static bool
reset(struct parse *p)
{
	struct memory_session *s = p->s;

	if (parse_accept(p, "lock_timeout"))
		s->lock_timeout_ms = s->lock_timeout_session = 0;
	else if (parse_name(p) == NULL)
		return false;
	return parse_end(p) && tag(p, "RESET");
}

/* ---- transaction control in a body ---- */

static bool
begin(struct parse *p)
{
	struct transaction *t = &p->s->transaction;

	if (!parse_end(p))
		return false;
	if (t->state == TRANSACTION_FAILED)
		return refuse_aborted(p->s);
	if (t->state == TRANSACTION_OPEN)
		session_notice(p->s, "WARNING: there is already a transaction in progress");
	else
		transaction_start(p->s);
	return tag(p, "BEGIN");
}

static bool
end(struct parse *p, bool commit)
{
	enum transaction_state state = p->s->transaction.state;

	if (!parse_end(p))
		return false;
	if (state == TRANSACTION_IDLE)
		session_notice(p->s, "WARNING: there is no transaction in progress");
	else
		transaction_finish(p->s, commit && state == TRANSACTION_OPEN);
	return tag(p, commit && state != TRANSACTION_FAILED ? "COMMIT" : "ROLLBACK");
}

static bool
commit(struct parse *p)
{
	return end(p, true);
}

static bool
rollback(struct parse *p)
{
	return end(p, false);
}

static bool
savepoint(struct parse *p)
{
	const char *name = parse_name(p);

	return name != NULL && parse_end(p) && savepoint_set(p->s, name) && tag(p, "SAVEPOINT");
}

static bool
rollback_to(struct parse *p)
{
	const char *name = parse_name(p);

	return name != NULL && parse_end(p) && savepoint_back(p->s, name) && tag(p, "ROLLBACK");
}

static bool
release(struct parse *p)
{
	const char *name = parse_name(p);

	return name != NULL && parse_end(p) && savepoint_release(p->s, name) && tag(p, "RELEASE");
}

/* ---- the table ---- */

typedef bool (*rule_fn)(struct parse *p);

enum rule_kind {
	RULE_WITHIN,  /* in the open transaction, or in one of its own */
	RULE_OUTSIDE, /* refused inside a transaction, with `outside` as its name */
	RULE_CONTROL  /* ends or begins one: works in a failed transaction too */
};

/* The first whose words fit counts. */
static const struct rule {
	const char *words;
	rule_fn fn;
	enum rule_kind kind;
	const char *outside;
} rules[] = {
	{"create table", create_table, RULE_WITHIN, NULL},
	{"drop table", drop_table, RULE_WITHIN, NULL},
	{"insert", rows_insert, RULE_WITHIN, NULL},
	{"update", rows_update, RULE_WITHIN, NULL},
	{"delete", rows_delete, RULE_WITHIN, NULL},
	{"select", rows_select, RULE_WITHIN, NULL},
	{"create index concurrently", create_concurrently, RULE_OUTSIDE,
	 "CREATE INDEX CONCURRENTLY"},
	{"create unique index concurrently", create_unique_concurrently, RULE_OUTSIDE,
	 "CREATE INDEX CONCURRENTLY"},
	{"create unique index", create_unique_index, RULE_WITHIN, NULL},
	{"create index", create_index, RULE_WITHIN, NULL},
	{"drop index concurrently", drop_concurrently, RULE_OUTSIDE, "DROP INDEX CONCURRENTLY"},
	{"drop index", drop_index, RULE_WITHIN, NULL},
	{"reindex index concurrently", rebuild_concurrently, RULE_OUTSIDE, "REINDEX CONCURRENTLY"},
	{"alter table", alter_table, RULE_CONTROL, NULL},
	{"create database", create_database, RULE_OUTSIDE, "CREATE DATABASE"},
	{"drop database", drop_database, RULE_OUTSIDE, "DROP DATABASE"},
	{"vacuum", vacuum, RULE_OUTSIDE, "VACUUM"},
	{"set", set, RULE_WITHIN, NULL},
	{"reset", reset, RULE_WITHIN, NULL},
	{"begin", begin, RULE_CONTROL, NULL},
	{"commit", commit, RULE_CONTROL, NULL},
	{"rollback to", rollback_to, RULE_CONTROL, NULL},
	{"rollback", rollback, RULE_CONTROL, NULL},
	{"savepoint", savepoint, RULE_CONTROL, NULL},
	{"release", release, RULE_CONTROL, NULL},
};

struct running {
	struct parse *parse;
	const struct rule *rule;
};

static bool
run_rule(struct memory_session *s, void *arg)
{
	struct running *r = arg;

	(void)s;
	return r->rule->fn(r->parse);
}

/* VACUUM is one transaction here; the others make their own, one per part. */
static bool
outside(struct parse *p, const struct rule *rule)
{
	struct running r = {p, rule};

	if (!may_run_outside(p->s, rule->outside))
		return false;
	return rule->fn == vacuum ? transaction_around(p->s, run_rule, &r) : rule->fn(p);
}

bool
sql_run(struct memory_session *s)
{
	struct parse p;
	size_t i = 0;

	s->request->result = (struct run_result){.tag = ""};
	if (!parse_start(&p, s, s->request->sql))
		return fail(s);
	while (i < ARRAY_LEN(rules) && !parse_accept(&p, rules[i].words))
		i++;
	if (i == ARRAY_LEN(rules)) {
		parse_syntax_error(&p);
		return fail(s);
	}
	struct running r = {&p, &rules[i]};
	if (rules[i].kind == RULE_OUTSIDE && s->transaction.state != TRANSACTION_FAILED)
		return outside(&p, &rules[i]);
	p.control = rules[i].kind == RULE_CONTROL;
	if (p.control || s->transaction.state == TRANSACTION_FAILED)
		return rules[i].fn(&p);
	return transaction_around(s, run_rule, &r);
}
