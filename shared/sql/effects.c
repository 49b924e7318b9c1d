/*
 * From a statement to its effects: which forms of the table it has, and their rules with the names
 * that it writes. What is of no form is said to be opaque, never taken for harmless.
 */
#include <string.h>
#include <strings.h>

#include "shared/base/compiler.h"
#include "shared/sql/effects_sink.h"
#include "shared/sql/outside.h"

#include "shared/base/banned.h"

#define F(name) SQL_FORM_##name
#define N(name) PG_QUERY__NODE__NODE_##name

/* ---- the sink ---- */

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* What is named is one relation whatever its roles. */
static bool
same_relation(const struct sql_effect *a, const struct sql_effect *b)
{
	return a->named == b->named && (a->named || a->role == b->role) &&
	       same_text(a->schema, b->schema) && same_text(a->name, b->name);
}

static bool
is_certain(const struct sql_effect *e)
{
	return e->least == e->lock && e->rewrite != SQL_MAYBE && e->scan != SQL_MAYBE;
}

static void
merge(struct sql_effect *into, const struct sql_effect *e)
{
	/* The reason of whatever is less certain than the other. */
	if (into->depends == NULL || (is_certain(into) && !is_certain(e)))
		into->depends = e->depends;
	if (e->lock > into->lock)
		into->role = e->role;
	into->least = e->least > into->least ? e->least : into->least;
	into->lock = e->lock > into->lock ? e->lock : into->lock;
	into->rewrite = e->rewrite > into->rewrite ? e->rewrite : into->rewrite;
	into->scan = e->scan > into->scan ? e->scan : into->scan;
	if (is_certain(into))
		into->depends = NULL;
}

static void
add(struct effect_sink *sink, const struct sql_effect *e)
{
	struct sql_effects *out = sink->out;

	for (size_t i = 0; i < out->count; i++) {
		if (same_relation(&out->items[i], e)) {
			merge(&out->items[i], e);
			return;
		}
	}
	out->items =
		arena_grow(sink->arena, out->items, out->count, &out->cap, sizeof(*out->items));
	out->items[out->count] = *e;
	out->items[out->count].schema = arena_str(sink->arena, e->schema);
	out->items[out->count++].name = arena_str(sink->arena, e->name);
}

/* Whom a rule is about. */
static void
bind(struct sql_effect *e, const struct effect_of *of)
{
	bool other = of->other.name != NULL && of->as == e->role;
	struct tree_name name = other || e->role == SQL_ROLE_OTHER_HEIRS ? of->other : of->self;

	e->named = name.name != NULL && (other || e->role == SQL_ROLE_SELF);
	e->schema = name.schema;
	e->name = name.name;
	if (e->role == SQL_ROLE_OTHER_HEIRS)
		e->role = SQL_ROLE_HEIRS;
}

static void
soften(struct sql_effect *e, const struct effect_of *of)
{
	static const char absent[] = "whether it is there", done[] = "whether it is so already";

	if (of->may_lack || of->may_be_done) {
		e->rewrite = e->rewrite == SQL_YES ? SQL_MAYBE : e->rewrite;
		e->scan = e->scan == SQL_YES ? SQL_MAYBE : e->scan;
	}
	if (of->may_lack)
		e->least = SQL_LOCK_NONE;
	if (!is_certain(e) && e->depends == NULL)
		e->depends = of->may_lack ? absent : of->may_be_done ? done : NULL;
}

static void
put_rule(struct effect_sink *sink, const struct sql_rule *rule, const struct effect_of *of)
{
	struct sql_effect e = {.role = rule->role,
			       .least = rule->least,
			       .lock = rule->lock,
			       .rewrite = rule->rewrite,
			       .scan = rule->scan,
			       .depends = sql_rule_depends(rule)};

	if (of->only && rule->role == SQL_ROLE_HEIRS)
		return;
	bind(&e, of);
	soften(&e, of);
	add(sink, &e);
}

static const struct sql_form *
open_form(struct effect_sink *sink, enum sql_form_id id)
{
	const struct sql_form *form = sql_form_at(id);

	if (sink->out->form == NULL)
		sink->out->form = form->words;
	sink->out->waits |= form->waits;
	return form;
}

void
effect_put(struct effect_sink *sink, enum sql_form_id id, const struct effect_of *of)
{
	const struct sql_form *form = open_form(sink, id);

	for (size_t i = 0; i < SQL_FORM_RULES && form->rules[i].used; i++)
		put_rule(sink, &form->rules[i], of);
}

void
effect_put_lock(struct effect_sink *sink, const struct effect_of *of, enum sql_lock lock)
{
	const struct sql_form *form = open_form(sink, F(LOCK));

	for (size_t i = 0; i < SQL_FORM_RULES && form->rules[i].used; i++) {
		struct sql_rule rule = form->rules[i];
		rule.lock = lock;
		rule.least = rule.role == SQL_ROLE_SELF ? lock : SQL_LOCK_NONE;
		put_rule(sink, &rule, of);
	}
}

struct effect_of
effect_of_table(const PgQuery__RangeVar *table)
{
	return (struct effect_of){.self = tree_name_of_table(table),
				  .only = table != NULL && !table->inh};
}

void
effect_put_table(struct effect_sink *sink, enum sql_form_id form, const PgQuery__RangeVar *table)
{
	struct effect_of of = effect_of_table(table);

	effect_put(sink, form, &of);
}

/* ---- objects over tables ---- */

static void
put_index(struct effect_sink *sink, const PgQuery__IndexStmt *st)
{
	struct effect_of of = effect_of_table(st->relation);

	of.may_be_done = st->if_not_exists;
	effect_put(sink, st->concurrent ? F(CREATE_INDEX_CONCURRENTLY) : F(CREATE_INDEX), &of);
}

static void
put_trigger(struct effect_sink *sink, const PgQuery__CreateTrigStmt *st)
{
	struct effect_of of = {.other = tree_name_of_table(st->constrrel),
			       .as = SQL_ROLE_REFERENCED};

	effect_put_table(sink, F(CREATE_TRIGGER), st->relation);
	if (of.other.name != NULL)
		effect_put(sink, F(CONSTRAINT_TRIGGER), &of);
}

/* OLD and NEW are aliases of the table, not relations, and no RangeVar names them. */
static void
put_rewrite_rule(struct effect_sink *sink, const PgQuery__RuleStmt *st)
{
	effect_put_table(sink, F(CREATE_RULE), st->relation);
	for (size_t i = 0; i < st->n_actions; i++)
		effect_query(sink, &st->actions[i]->base, F(DEFINED_OVER));
	if (st->where_clause != NULL)
		effect_query(sink, &st->where_clause->base, F(DEFINED_OVER));
}

static void
put_policy(struct effect_sink *sink, const PgQuery__RangeVar *table, const PgQuery__Node *qual,
	   const PgQuery__Node *check)
{
	effect_put_table(sink, F(POLICY), table);
	if (qual != NULL)
		effect_query(sink, &qual->base, F(DEFINED_OVER));
	if (check != NULL)
		effect_query(sink, &check->base, F(DEFINED_OVER));
}

static void
put_view(struct effect_sink *sink, const PgQuery__ViewStmt *st)
{
	struct effect_of of = {.self = tree_name_of_table(st->view)};

	effect_put(sink, st->replace ? F(REPLACE_VIEW) : F(CREATE_VIEW), &of);
	effect_query(sink, &st->query->base, F(DEFINED_OVER));
}

static void
put_create_as(struct effect_sink *sink, const PgQuery__CreateTableAsStmt *st)
{
	bool empty = st->into != NULL && st->into->skip_data;

	effect_put(sink, F(CREATE_TABLE), &(struct effect_of){0});
	if (st->query->node_case == N(EXECUTE_STMT))
		sink->out->opaque = "a prepared statement";
	else
		effect_query(sink, &st->query->base, empty ? F(DEFINED_OVER) : F(CREATE_AS));
}

static void
put_statistics(struct effect_sink *sink, const PgQuery__CreateStatsStmt *st)
{
	for (size_t i = 0; i < st->n_relations; i++)
		if (st->relations[i]->node_case == N(RANGE_VAR))
			effect_put_table(sink, F(CREATE_STATISTICS), st->relations[i]->range_var);
}

/* ---- sequences, domains, publications, functions ---- */

static void
put_owning_table(struct effect_sink *sink, PgQuery__Node *const *options, size_t count)
{
	const PgQuery__DefElem *owned = tree_option(options, count, "owned_by");
	struct effect_of of = {.as = SQL_ROLE_TABLE};

	/* NONE has one part only. */
	if (owned == NULL || owned->arg == NULL || owned->arg->node_case != N(LIST) ||
	    owned->arg->list->n_items < 2)
		return;
	of.other = tree_name_of(owned->arg->list->items, owned->arg->list->n_items - 1);
	effect_put(sink, F(OWNING_TABLE), &of);
}

static void
put_alter_sequence(struct effect_sink *sink, const PgQuery__AlterSeqStmt *st)
{
	struct effect_of of = effect_of_table(st->sequence);
	bool only_owner =
		st->n_options == 1 && tree_option(st->options, st->n_options, "owned_by") != NULL;

	of.may_lack = st->missing_ok;
	effect_put(sink, only_owner ? F(SEQUENCE_OWNED) : F(ALTER_SEQUENCE), &of);
	put_owning_table(sink, st->options, st->n_options);
}

/* The letters are the parser's: C add, V validate, O set not null. */
static void
put_alter_domain(struct effect_sink *sink, const PgQuery__AlterDomainStmt *st)
{
	struct effect_of of = {.self = tree_name_of(st->type_name, st->n_type_name)};
	char what = st->subtype != NULL ? st->subtype[0] : '\0';
	bool unchecked = what == 'C' && st->def != NULL && st->def->node_case == N(CONSTRAINT) &&
			 st->def->constraint->skip_validation;

	if ((what == 'C' || what == 'V' || what == 'O') && !unchecked)
		effect_put(sink, F(DOMAIN_CONSTRAINT), &of);
	else
		effect_put(sink, F(NOTHING), &of);
}

static void
put_publication(struct effect_sink *sink, PgQuery__Node *const *objects, size_t count, bool instead)
{
	effect_put(sink, instead ? F(PUBLISH_SET) : F(NOTHING), &(struct effect_of){0});
	for (size_t i = 0; i < count; i++) {
		const PgQuery__PublicationObjSpec *o = objects[i]->publication_obj_spec;
		if (o->pubtable != NULL)
			effect_put_table(sink, F(PUBLISH), o->pubtable->relation);
	}
}

static void
put_function(struct effect_sink *sink, const PgQuery__CreateFunctionStmt *st)
{
	const PgQuery__DefElem *language = tree_option(st->options, st->n_options, "language");
	const char *name = language != NULL ? tree_string(language->arg) : NULL;

	if (st->sql_body != NULL) {
		effect_put(sink, F(NOTHING), &(struct effect_of){0});
		effect_query(sink, &st->sql_body->base, F(DEFINED_OVER));
	} else {
		bool sql = name != NULL && strcasecmp(name, "sql") == 0;
		effect_put(sink, sql ? F(FUNCTION_BODY) : F(NOTHING), &(struct effect_of){0});
	}
}

static void
put_member(struct effect_sink *sink, const PgQuery__AlterExtensionContentsStmt *st)
{
	effect_property(sink, F(MEMBER), st->objtype, NULL, st->object);
}

/* ---- rows ---- */

static void
put_copy(struct effect_sink *sink, const PgQuery__CopyStmt *st)
{
	if (st->query != NULL)
		effect_query(sink, &st->query->base, F(SELECT));
	else
		effect_put_table(sink, st->is_from ? F(COPY_FROM) : F(COPY_TO), st->relation);
}

static void
put_explain(struct effect_sink *sink, const PgQuery__ExplainStmt *st)
{
	/* Planning alone locks as much as running. */
	effect_query(sink, &st->query->base, F(SELECT));
}

static void effect_statement(struct effect_sink *sink, const PgQuery__Node *n);

static void
put_schema(struct effect_sink *sink, const PgQuery__CreateSchemaStmt *st)
{
	effect_put(sink, F(NOTHING), &(struct effect_of){0});
	for (size_t i = 0; i < st->n_schema_elts; i++)
		effect_statement(sink, st->schema_elts[i]);
}

/* ---- the statement ---- */

static bool
put_table_kind(struct effect_sink *sink, const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(ALTER_TABLE_STMT):
		effect_alter_table(sink, n->alter_table_stmt);
		return true;
	case N(ALTER_TABLE_MOVE_ALL_STMT):
		effect_put(sink, F(MOVE_ALL), &(struct effect_of){0});
		return true;
	case N(CREATE_STMT):
		effect_create_table(sink, n->create_stmt);
		return true;
	case N(CREATE_FOREIGN_TABLE_STMT):
		effect_create_table(sink, n->create_foreign_table_stmt->base_stmt);
		return true;
	case N(CREATE_TABLE_AS_STMT):
		put_create_as(sink, n->create_table_as_stmt);
		return true;
	case N(INDEX_STMT):
		put_index(sink, n->index_stmt);
		return true;
	case N(CREATE_STATS_STMT):
		put_statistics(sink, n->create_stats_stmt);
		return true;
	case N(VIEW_STMT):
		put_view(sink, n->view_stmt);
		return true;
	case N(CREATE_TRIG_STMT):
		put_trigger(sink, n->create_trig_stmt);
		return true;
	case N(RULE_STMT):
		put_rewrite_rule(sink, n->rule_stmt);
		return true;
	case N(CREATE_POLICY_STMT):
		put_policy(sink, n->create_policy_stmt->table, n->create_policy_stmt->qual,
			   n->create_policy_stmt->with_check);
		return true;
	case N(ALTER_POLICY_STMT):
		put_policy(sink, n->alter_policy_stmt->table, n->alter_policy_stmt->qual,
			   n->alter_policy_stmt->with_check);
		return true;
	default:
		return false;
	}
}

static bool
put_object(struct effect_sink *sink, const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(DROP_STMT):
		effect_drop(sink, n->drop_stmt);
		return true;
	case N(RENAME_STMT):
		effect_rename(sink, n->rename_stmt);
		return true;
	case N(ALTER_OWNER_STMT):
		effect_property(sink, F(OWNER), n->alter_owner_stmt->object_type,
				n->alter_owner_stmt->relation, n->alter_owner_stmt->object);
		return true;
	case N(ALTER_OBJECT_SCHEMA_STMT):
		effect_property(sink, F(SET_SCHEMA), n->alter_object_schema_stmt->object_type,
				n->alter_object_schema_stmt->relation,
				n->alter_object_schema_stmt->object);
		return true;
	case N(ALTER_OBJECT_DEPENDS_STMT):
		effect_property(sink, F(DEPENDS), n->alter_object_depends_stmt->object_type,
				n->alter_object_depends_stmt->relation,
				n->alter_object_depends_stmt->object);
		return true;
	case N(COMMENT_STMT):
		effect_comment(sink, n->comment_stmt->objtype, n->comment_stmt->object);
		return true;
	case N(SEC_LABEL_STMT):
		effect_comment(sink, n->sec_label_stmt->objtype, n->sec_label_stmt->object);
		return true;
	case N(ALTER_EXTENSION_CONTENTS_STMT):
		put_member(sink, n->alter_extension_contents_stmt);
		return true;
	case N(ALTER_EXTENSION_STMT):
		effect_put(sink, F(ALTER_EXTENSION),
			   &(struct effect_of){.self = {NULL, n->alter_extension_stmt->extname}});
		return true;
	case N(DROP_OWNED_STMT):
	case N(REASSIGN_OWNED_STMT):
		effect_put(sink, F(OWNED_BY_ROLE), &(struct effect_of){0});
		return true;
	default:
		return false;
	}
}

static bool
put_define(struct effect_sink *sink, const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(CREATE_SCHEMA_STMT):
		put_schema(sink, n->create_schema_stmt);
		return true;
	case N(CREATE_SEQ_STMT):
		effect_put(sink, F(NOTHING), &(struct effect_of){0});
		put_owning_table(sink, n->create_seq_stmt->options, n->create_seq_stmt->n_options);
		return true;
	case N(ALTER_SEQ_STMT):
		put_alter_sequence(sink, n->alter_seq_stmt);
		return true;
	case N(ALTER_DOMAIN_STMT):
		put_alter_domain(sink, n->alter_domain_stmt);
		return true;
	case N(CREATE_FUNCTION_STMT):
		put_function(sink, n->create_function_stmt);
		return true;
	case N(CREATE_PUBLICATION_STMT):
		put_publication(sink, n->create_publication_stmt->pubobjects,
				n->create_publication_stmt->n_pubobjects, false);
		return true;
	case N(ALTER_PUBLICATION_STMT):
		put_publication(sink, n->alter_publication_stmt->pubobjects,
				n->alter_publication_stmt->n_pubobjects,
				n->alter_publication_stmt->action ==
						PG_QUERY__ALTER_PUBLICATION_ACTION__AP_SetObjects &&
					n->alter_publication_stmt->n_pubobjects > 0);
		return true;
	case N(CREATE_SUBSCRIPTION_STMT):
	case N(ALTER_SUBSCRIPTION_STMT):
		effect_put(sink, F(SUBSCRIBE), &(struct effect_of){0});
		return true;
	default:
		return false;
	}
}

static bool
put_rows(struct effect_sink *sink, const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(SELECT_STMT):
	case N(INSERT_STMT):
	case N(UPDATE_STMT):
	case N(DELETE_STMT):
	case N(MERGE_STMT):
		effect_query(sink, &n->base, F(SELECT));
		break;
	case N(DECLARE_CURSOR_STMT):
		effect_query(sink, &n->declare_cursor_stmt->query->base, F(SELECT));
		break;
	case N(PREPARE_STMT):
		effect_query(sink, &n->prepare_stmt->query->base, F(DEFINED_OVER));
		break;
	case N(EXPLAIN_STMT):
		put_explain(sink, n->explain_stmt);
		break;
	case N(COPY_STMT):
		put_copy(sink, n->copy_stmt);
		break;
	default:
		return false;
	}
	/* SELECT 1 */
	if (sink->out->form == NULL)
		sink->out->form = sql_form_at(F(SELECT))->words;
	return true;
}

/* What no table can tell. */
static bool
is_opaque(const PgQuery__Node *n, const char **why)
{
	static const struct {
		PgQuery__Node__NodeCase kind;
		const char *why;
	} table[] = {
		{N(DO_STMT), "a block of code"},
		{N(CALL_STMT), "a procedure"},
		{N(EXECUTE_STMT), "a prepared statement"},
		{N(LOAD_STMT), "a library"},
		{N(FETCH_STMT), "a cursor"},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].kind == n->node_case) {
			*why = table[i].why;
			return true;
		}
	}
	return false;
}

static void
effect_statement(struct effect_sink *sink, const PgQuery__Node *n)
{
	if (is_opaque(n, &sink->out->opaque) || put_table_kind(sink, n) || put_object(sink, n) ||
	    put_define(sink, n) || put_rows(sink, n) || effect_care(sink, n))
		return;
	/* The parser knows no other kind that touches a relation: roles, databases, servers,
	 * rights, types that are made, settings, transactions. */
	effect_put(sink, F(NOTHING), &(struct effect_of){0});
}

void
sql_effects_of(struct arena *arena, struct span statement, struct sql_effects *out)
{
	struct effect_sink sink = {arena, out};
	struct sql_facts facts = {.transactional = true};
	struct sql_tree tree;

	*out = (struct sql_effects){0};
	if (!sql_tree_parse(&tree, statement)) {
		out->opaque = "PostgreSQL 15 does not know it";
		return;
	}
	effect_statement(&sink, tree.statement);
	sql_judge_outside(arena, tree.statement, &facts);
	out->outside = !facts.transactional;
	sql_tree_free(&tree);
}

enum sql_lock
sql_effects_lock(const struct sql_effects *effects)
{
	enum sql_lock most = SQL_LOCK_NONE;

	for (size_t i = 0; i < effects->count; i++)
		most = effects->items[i].lock > most ? effects->items[i].lock : most;
	return most;
}

enum sql_certainty
sql_effects_rewrite(const struct sql_effects *effects)
{
	enum sql_certainty most = effects->opaque != NULL ? SQL_MAYBE : SQL_NO;

	for (size_t i = 0; i < effects->count; i++)
		most = effects->items[i].rewrite > most ? effects->items[i].rewrite : most;
	return most;
}
