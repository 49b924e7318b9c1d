/*
 * Tables, their columns and constraints. Names that PostgreSQL chooses (t_a_key, t_id_seq …) are
 * worked out as it does (parse_utilcmd.c, makeObjectName), so that two texts which leave the same
 * name to the server are seen to meet.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint_walk.h"

#include "shared/base/banned.h"

#define N(name)	 PG_QUERY__NODE__NODE_##name
#define CT(name) PG_QUERY__CONSTR_TYPE__CONSTR_##name

enum { NAME_BYTES = 63 };

/* ---- names that the server makes ---- */

/* Not in the middle of a character. */
static size_t
clip(const char *s, size_t len)
{
	while (len > 0 && (s[len] & 0xC0) == 0x80)
		len--;
	return len;
}

const char *
footprint_server_name(struct footprint_walk *w, const char *table, const char *columns,
		      const char *label)
{
	size_t overhead = strlen(label) + 1 + (columns != NULL);
	size_t first = strlen(table), second = columns != NULL ? strlen(columns) : 0;

	while (first + second + overhead > NAME_BYTES) {
		if (first > second)
			first--;
		else
			second--;
	}
	first = clip(table, first);
	if (columns == NULL)
		return arena_printf(w->arena, "%.*s_%s", (int)first, table, label);
	second = clip(columns, second);
	return arena_printf(w->arena, "%.*s_%.*s_%s", (int)first, table, (int)second, columns,
			    label);
}

const char *
footprint_joined(struct footprint_walk *w, PgQuery__Node *const *names, size_t count,
		 const char *between)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++) {
		const char *name = tree_string(names[i]);
		if (names[i]->node_case == N(INDEX_ELEM))
			name = tree_text(names[i]->index_elem->name);
		text = arena_printf(w->arena, "%s%s%s", text, i > 0 ? between : "",
				    name != NULL ? name : "expr");
	}
	return text;
}

static struct tree_name
beside(const PgQuery__RangeVar *table, const char *name)
{
	return (struct tree_name){tree_text(table->schemaname), name};
}

/* An object that comes with a table, in its schema. */
static void
put_companion(struct footprint_walk *w, enum sql_kind kind, const PgQuery__RangeVar *table,
	      const char *name, const char *value, bool by_server)
{
	bool own, temporary;
	struct tree_name real =
		footprint_resolve(w, SQL_KIND_TABLE, tree_name_of_table(table), &own, &temporary);

	if (temporary)
		return;
	struct sql_access *a =
		footprint_put(w, SQL_MODE_CREATE, kind, (struct tree_name){real.schema, name});
	a->implied = true;
	a->named_by_server = by_server;
	a->value = value;
}

/* ---- constraints ---- */

struct constraint {
	struct footprint_walk *w;
	const PgQuery__RangeVar *table;
	const PgQuery__Constraint *c;
	const char *column; /* it was written at */
	const char *name, *value;
};

static struct tree_name
name_of(const struct constraint *c)
{
	return tree_name_of_table(c->table);
}

static void
put_constraint(const struct constraint *c)
{
	struct sql_access *a = footprint_part(c->w, SQL_MODE_CONSTRAIN, SQL_KIND_TABLE, name_of(c),
					      SQL_PART_CONSTRAINT, c->name);

	a->value = c->value;
	a->named_by_server = tree_text(c->c->conname) == NULL;
	a->refuses_rows = true;
}

static void
put_property(const struct constraint *c, const char *column, const char *aspect, const char *value)
{
	struct sql_access *a = footprint_part(c->w, SQL_MODE_ALTER, SQL_KIND_TABLE, name_of(c),
					      SQL_PART_COLUMN, column);

	a->aspect = aspect;
	a->value = value;
	a->refuses_rows = strcmp(aspect, "not null") == 0;
}

/* Columns by name, those it was written at included. */
static void
read_columns(const struct constraint *c, PgQuery__Node *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		footprint_column(c->w, SQL_BOND_KEY, c->table, tree_string(names[i]));
	if (count == 0)
		footprint_column(c->w, SQL_BOND_KEY, c->table, c->column);
}

static void
put_key(const struct constraint *c, const char *columns)
{
	struct sql_access *a = footprint_part(c->w, SQL_MODE_CONSTRAIN, SQL_KIND_TABLE, name_of(c),
					      SQL_PART_KEY, columns);

	a->implied = true;
	a->value = c->value;
	a->tolerant = true; /* one column may have several keys */
	a->refuses_rows = true;
}

static void
put_primary(const struct constraint *c)
{
	struct sql_access *a = footprint_part(c->w, SQL_MODE_CONSTRAIN, SQL_KIND_TABLE, name_of(c),
					      SQL_PART_KEY, "PRIMARY");

	a->implied = true;
	for (size_t i = 0; i < c->c->n_keys; i++)
		put_property(c, tree_string(c->c->keys[i]), "not null", "yes");
	if (c->c->n_keys == 0 && c->column != NULL)
		put_property(c, c->column, "not null", "yes");
}

/* ADD CONSTRAINT … USING INDEX: the index becomes the constraint's, by its name. */
static void
take_index(const struct constraint *c)
{
	struct tree_name index = beside(c->table, c->c->indexname);

	if (tree_text(c->c->conname) != NULL && strcmp(c->c->conname, c->c->indexname) != 0)
		footprint_rename(c->w, SQL_KIND_INDEX, index, NULL, c->c->conname);
	else
		footprint_alter(c->w, SQL_KIND_INDEX, index, "constraint", c->value);
}

static void
unique_constraint(struct constraint *c, bool primary)
{
	const char *columns = c->c->n_keys > 0
				      ? footprint_joined(c->w, c->c->keys, c->c->n_keys, "_")
				      : c->column;
	bool by_index = tree_text(c->c->indexname) != NULL;

	if (c->name == NULL && by_index)
		c->name = c->c->indexname;
	if (c->name == NULL)
		c->name = footprint_server_name(c->w, c->table->relname, primary ? NULL : columns,
						primary ? "pkey" : "key");
	put_constraint(c);
	if (by_index)
		take_index(c);
	else
		put_companion(c->w, SQL_KIND_INDEX, c->table, c->name, c->value,
			      tree_text(c->c->conname) == NULL);
	if (!by_index)
		put_key(c, c->c->n_keys > 0 ? footprint_joined(c->w, c->c->keys, c->c->n_keys, ",")
					    : c->column);
	read_columns(c, c->c->keys, c->c->n_keys);
	for (size_t i = 0; i < c->c->n_including; i++)
		footprint_column(c->w, SQL_BOND_KEY, c->table, tree_string(c->c->including[i]));
	if (primary)
		put_primary(c);
}

struct only_column {
	const char *name;
	bool several;
};

static void
see_column(void *self, const ProtobufCMessage *m)
{
	struct only_column *only = self;

	if (m->descriptor != &pg_query__column_ref__descriptor)
		return;
	const PgQuery__ColumnRef *ref = (const PgQuery__ColumnRef *)m;
	const char *name = ref->n_fields > 0 ? tree_string(ref->fields[ref->n_fields - 1]) : NULL;
	if (name == NULL || (only->name != NULL && strcmp(only->name, name) != 0))
		only->several = true;
	only->name = name;
}

static void
check_constraint(struct constraint *c)
{
	struct only_column only = {0};

	if (c->c->raw_expr == NULL)
		return;
	sql_tree_walk(&c->c->raw_expr->base, see_column, &only);
	if (c->name == NULL)
		c->name = footprint_server_name(c->w, c->table->relname,
						only.several ? NULL : only.name, "check");
	put_constraint(c);
	footprint_expression(c->w, SQL_BOND_KEY, c->table, &c->c->raw_expr->base);
}

static void
foreign_key(struct constraint *c)
{
	const char *columns =
		c->c->n_fk_attrs > 0 ? footprint_joined(c->w, c->c->fk_attrs, c->c->n_fk_attrs, "_")
				     : c->column;

	if (c->name == NULL)
		c->name = footprint_server_name(c->w, c->table->relname, columns, "fkey");
	put_constraint(c);
	size_t from = c->w->out->count;
	read_columns(c, c->c->fk_attrs, c->c->n_fk_attrs);
	if (c->c->pktable == NULL)
		return;
	struct tree_name target = tree_name_of_table(c->c->pktable);
	footprint_read(c->w, SQL_BOND_KEY, SQL_KIND_TABLE, target);
	for (size_t i = 0; i < c->c->n_pk_attrs; i++)
		footprint_column(c->w, SQL_BOND_KEY, c->c->pktable, tree_string(c->c->pk_attrs[i]));
	for (size_t i = from; i < c->w->out->count; i++)
		c->w->out->items[i].aspect = "foreign key";
	const char *key = c->c->n_pk_attrs > 0
				  ? footprint_joined(c->w, c->c->pk_attrs, c->c->n_pk_attrs, ",")
				  : "PRIMARY";
	footprint_part(c->w, SQL_MODE_READ, SQL_KIND_TABLE, target, SQL_PART_KEY, key)->bond =
		SQL_BOND_FIRM;
}

static void
exclusion(struct constraint *c)
{
	PgQuery__Node *const *pairs = c->c->exclusions;
	const char *columns = "";

	for (size_t i = 0; i < c->c->n_exclusions; i++) {
		if (pairs[i]->node_case != N(LIST) || pairs[i]->list->n_items == 0)
			continue;
		columns = arena_printf(c->w->arena, "%s%s%s", columns, i > 0 ? "_" : "",
				       footprint_joined(c->w, pairs[i]->list->items, 1, ""));
		footprint_index_element(c->w, c->table, pairs[i]->list->items[0]);
	}
	if (c->name == NULL)
		c->name = footprint_server_name(c->w, c->table->relname, columns, "excl");
	put_constraint(c);
	put_companion(c->w, SQL_KIND_INDEX, c->table, c->name, c->value,
		      tree_text(c->c->conname) == NULL);
	if (c->c->where_clause != NULL)
		footprint_expression(c->w, SQL_BOND_KEY, c->table, &c->c->where_clause->base);
}

static void
property(struct constraint *c)
{
	switch (c->c->contype) {
	case CT(NOTNULL):
		put_property(c, c->column, "not null", "yes");
		break;
	case CT(DEFAULT):
		put_property(c, c->column, "default", c->value);
		break;
	case CT(IDENTITY):
		put_property(c, c->column, "identity", c->value);
		put_companion(c->w, SQL_KIND_SEQUENCE, c->table,
			      footprint_server_name(c->w, c->table->relname, c->column, "seq"),
			      c->value, true);
		break;
	case CT(GENERATED):
		put_property(c, c->column, "expression", c->value);
		break;
	default:
		return;
	}
	if (c->c->raw_expr != NULL)
		footprint_expression(c->w, SQL_BOND_FIRM, c->table, &c->c->raw_expr->base);
}

void
footprint_constraint(struct footprint_walk *w, const PgQuery__RangeVar *table,
		     const PgQuery__Constraint *constraint, const char *column)
{
	struct constraint c = {
		.w = w,
		.table = table,
		.c = constraint,
		.column = column,
		.name = tree_text(constraint->conname),
		.value = footprint_value(w, &constraint->base),
	};

	switch (constraint->contype) {
	case CT(CHECK):
		check_constraint(&c);
		break;
	case CT(PRIMARY):
	case CT(UNIQUE):
		unique_constraint(&c, constraint->contype == CT(PRIMARY));
		break;
	case CT(EXCLUSION):
		exclusion(&c);
		break;
	case CT(FOREIGN):
		foreign_key(&c);
		break;
	default:
		if (column != NULL)
			property(&c);
		break;
	}
}

/* ---- columns ---- */

static bool
is_serial(const PgQuery__TypeName *type)
{
	static const char *const serials[] = {"serial",	 "bigserial", "smallserial",
					      "serial2", "serial4",   "serial8"};
	const char *name = type != NULL ? tree_name_of(type->names, type->n_names).name : NULL;

	for (size_t i = 0; name != NULL && i < ARRAY_LEN(serials); i++) {
		if (strcmp(name, serials[i]) == 0)
			return true;
	}
	return false;
}

/* Rows that are there get no value from a column like this. */
static bool
refuses_rows(const PgQuery__ColumnDef *column)
{
	bool strict = false;

	if (is_serial(column->type_name))
		return false;
	for (size_t i = 0; i < column->n_constraints; i++) {
		if (column->constraints[i]->node_case != N(CONSTRAINT))
			continue;
		PgQuery__ConstrType type = column->constraints[i]->constraint->contype;
		if (type == CT(DEFAULT) || type == CT(IDENTITY) || type == CT(GENERATED))
			return false;
		strict = strict || type == CT(NOTNULL) || type == CT(PRIMARY);
	}
	return strict;
}

void
footprint_column_def(struct footprint_walk *w, const PgQuery__RangeVar *table,
		     const PgQuery__ColumnDef *column, bool added)
{
	if (is_serial(column->type_name))
		put_companion(w, SQL_KIND_SEQUENCE, table,
			      footprint_server_name(w, table->relname, column->colname, "seq"),
			      footprint_value(w, &column->base), true);
	footprint_type(w, SQL_BOND_FIRM, column->type_name);
	if (column->coll_clause != NULL)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_COLLATION,
			       tree_name_of(column->coll_clause->collname,
					    column->coll_clause->n_collname));
	if (column->raw_default != NULL)
		footprint_expression(w, SQL_BOND_FIRM, table, &column->raw_default->base);
	for (size_t i = 0; i < column->n_constraints; i++) {
		size_t from = w->out->count;
		if (column->constraints[i]->node_case == N(CONSTRAINT))
			footprint_label_of(
				w, column->type_name,
				footprint_constant(column->constraints[i]->constraint->raw_expr));
		if (column->constraints[i]->node_case == N(CONSTRAINT))
			footprint_constraint(w, table, column->constraints[i]->constraint,
					     column->colname);
		footprint_settle_column(w, from, column->colname, added);
	}
}

/* What a new column's own constraints say about that column goes with the column. */
void
footprint_settle_column(struct footprint_walk *w, size_t from, const char *column, bool added)
{
	for (size_t i = from; added && i < w->out->count; i++) {
		struct sql_access *a = &w->out->items[i];
		if (a->part_kind == SQL_PART_COLUMN && a->part != NULL &&
		    strcmp(a->part, column) == 0)
			a->own = true;
	}
}

struct sql_access *
footprint_add_column(struct footprint_walk *w, enum sql_kind kind, const PgQuery__RangeVar *table,
		     const PgQuery__ColumnDef *column)
{
	struct sql_access *a = footprint_part(w, SQL_MODE_EXTEND, kind, tree_name_of_table(table),
					      SQL_PART_COLUMN, column->colname);

	a->value = footprint_value(w, &column->base);
	a->refuses_rows = refuses_rows(column);
	return a;
}

/* ---- partition bounds ---- */

static void
add_datum(struct footprint_walk *w, const char **text, const PgQuery__Node *n)
{
	const PgQuery__AConst *c = n->node_case == N(A_CONST) ? n->a_const : NULL;
	const char *word = n->node_case == N(COLUMN_REF) && n->column_ref->n_fields == 1
				   ? tree_string(n->column_ref->fields[0])
				   : NULL;

	if (c != NULL && c->val_case == PG_QUERY__A__CONST__VAL_SVAL)
		word = arena_printf(w->arena, "'%s", c->sval->sval);
	else if (c != NULL && c->val_case == PG_QUERY__A__CONST__VAL_IVAL)
		word = arena_printf(w->arena, "%d", (int)c->ival->ival);
	else if (c != NULL && c->val_case == PG_QUERY__A__CONST__VAL_FVAL)
		word = c->fval->fval;
	else if (word == NULL)
		word = arena_printf(w->arena, "?%s", footprint_value(w, &n->base));
	*text = arena_printf(w->arena, "%s\n%s", *text, word);
}

/* One value a line: "list" and its values; "range", the lower values, "to", the upper ones;
 * "default"; "hash", the modulus, the remainder. Strings begin with a quote, what is no constant
 * with a question mark. */
const char *
footprint_bound(struct footprint_walk *w, const PgQuery__PartitionBoundSpec *b)
{
	const char *text;

	if (b->is_default)
		return "default";
	if (b->strategy != NULL && *b->strategy == 'h')
		return arena_printf(w->arena, "hash\n%d\n%d", (int)b->modulus, (int)b->remainder);
	text = b->n_listdatums > 0 ? "list" : "range";
	for (size_t i = 0; i < b->n_listdatums; i++)
		add_datum(w, &text, b->listdatums[i]);
	for (size_t i = 0; i < b->n_lowerdatums; i++)
		add_datum(w, &text, b->lowerdatums[i]);
	if (b->n_listdatums == 0)
		text = arena_printf(w->arena, "%s\nto", text);
	for (size_t i = 0; i < b->n_upperdatums; i++)
		add_datum(w, &text, b->upperdatums[i]);
	return text;
}

/* ---- CREATE TABLE ---- */

static void
put_parents(struct footprint_walk *w, const PgQuery__CreateStmt *st)
{
	for (size_t i = 0; i < st->n_inh_relations; i++) {
		if (st->inh_relations[i]->node_case != N(RANGE_VAR))
			continue;
		const PgQuery__RangeVar *parent = st->inh_relations[i]->range_var;
		struct tree_name name = tree_name_of_table(parent);
		struct sql_access *a;
		if (st->partbound != NULL) {
			a = footprint_part(w, SQL_MODE_EXTEND, SQL_KIND_TABLE, name,
					   SQL_PART_PARTITION, st->relation->relname);
			a->value = footprint_bound(w, st->partbound);
		}
		a = footprint_read(w, SQL_BOND_KEY, SQL_KIND_TABLE, name);
		a->aspect = "parent";
	}
}

static void
put_elements(struct footprint_walk *w, const PgQuery__CreateStmt *st)
{
	for (size_t i = 0; i < st->n_table_elts; i++) {
		const PgQuery__Node *n = st->table_elts[i];
		if (n->node_case == N(COLUMN_DEF)) {
			footprint_column_def(w, st->relation, n->column_def, false);
		} else if (n->node_case == N(CONSTRAINT)) {
			footprint_constraint(w, st->relation, n->constraint, NULL);
		} else if (n->node_case == N(TABLE_LIKE_CLAUSE)) {
			const PgQuery__RangeVar *like = n->table_like_clause->relation;
			footprint_read(w, SQL_BOND_COPY, SQL_KIND_RELATION,
				       tree_name_of_table(like))
				->aspect = n->table_like_clause->options != 0 ? "like" : NULL;
			footprint_column(w, SQL_BOND_COPY, like, "*");
		}
	}
}

static void
put_partition_key(struct footprint_walk *w, const PgQuery__CreateStmt *st)
{
	for (size_t i = 0; st->partspec != NULL && i < st->partspec->n_part_params; i++) {
		const PgQuery__Node *n = st->partspec->part_params[i];
		if (n->node_case == N(PARTITION_ELEM) && n->partition_elem->expr != NULL)
			footprint_expression(w, SQL_BOND_KEY, st->relation,
					     &n->partition_elem->expr->base);
	}
}

static bool
is_temporary(const PgQuery__RangeVar *table)
{
	return table->relpersistence != NULL && strcmp(table->relpersistence, "t") == 0;
}

static void
create_table(struct footprint_walk *w, const PgQuery__CreateStmt *st, enum sql_kind kind)
{
	struct tree_name name = tree_name_of_table(st->relation);
	bool temporary = is_temporary(st->relation);
	const char *value = footprint_value(w, &st->base);
	struct sql_access *a = footprint_make(w, kind, name, temporary);
	struct sql_access made;

	a->tolerant = st->if_not_exists;
	a->value = value;
	made = *a;
	footprint_own(w, &made);
	footprint_row_type(w, &made);
	put_parents(w, st);
	put_elements(w, st);
	for (size_t i = 0; i < st->n_constraints; i++) {
		if (st->constraints[i]->node_case == N(CONSTRAINT))
			footprint_constraint(w, st->relation, st->constraints[i]->constraint, NULL);
	}
	put_partition_key(w, st);
	if (st->of_typename != NULL) {
		struct tree_name type =
			tree_name_of(st->of_typename->names, st->of_typename->n_names);
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_TYPE, type)->aspect = "row type";
	}
	if (tree_text(st->tablespacename) != NULL)
		footprint_read(w, SQL_BOND_FIRM, SQL_KIND_TABLESPACE,
			       bare_name(st->tablespacename));
}

void
footprint_create_table(struct footprint_walk *w, const void *statement)
{
	create_table(w, statement, SQL_KIND_TABLE);
}

void
footprint_create_foreign_table(struct footprint_walk *w, const void *statement)
{
	const PgQuery__CreateForeignTableStmt *st = statement;

	create_table(w, st->base_stmt, SQL_KIND_FOREIGN_TABLE);
	footprint_read(w, SQL_BOND_FIRM, SQL_KIND_SERVER, bare_name(st->servername));
}
