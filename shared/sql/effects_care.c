/* Statements that keep tables in shape, or only lock them: VACUUM, CLUSTER, REINDEX and the like.
 */
#include "shared/base/compiler.h"
#include "shared/sql/effects_sink.h"

#include "shared/base/banned.h"

#define F(name) SQL_FORM_##name
#define N(name) PG_QUERY__NODE__NODE_##name

static void
vacuum(struct effect_sink *sink, const PgQuery__VacuumStmt *st)
{
	bool full = tree_option_bool(st->options, st->n_options, "full", false);
	enum sql_form_id form = !st->is_vacuumcmd ? F(ANALYZE) : full ? F(VACUUM_FULL) : F(VACUUM);

	if (st->n_rels == 0)
		effect_put(sink, full ? F(VACUUM_FULL_ALL) : F(VACUUM_ALL), &(struct effect_of){0});
	for (size_t i = 0; i < st->n_rels; i++)
		effect_put_table(sink, form, st->rels[i]->vacuum_relation->relation);
}

static void
reindex(struct effect_sink *sink, const PgQuery__ReindexStmt *st)
{
	bool concurrent = tree_option_bool(st->params, st->n_params, "concurrently", false);
	struct effect_of of = effect_of_table(st->relation);

	switch (st->kind) {
	case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX:
		effect_put(sink, concurrent ? F(REINDEX_INDEX_CONCURRENTLY) : F(REINDEX_INDEX),
			   &of);
		break;
	case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_TABLE:
		effect_put(sink, concurrent ? F(REINDEX_TABLE_CONCURRENTLY) : F(REINDEX_TABLE),
			   &of);
		break;
	default:
		/* Of a database it is all there is. */
		if (st->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA)
			of.self = (struct tree_name){NULL, tree_text(st->name)};
		effect_put(sink, concurrent ? F(REINDEX_ALL_CONCURRENTLY) : F(REINDEX_ALL), &of);
		break;
	}
}

static void
truncate_tables(struct effect_sink *sink, const PgQuery__TruncateStmt *st)
{
	for (size_t i = 0; i < st->n_relations; i++) {
		effect_put_table(sink, F(TRUNCATE), st->relations[i]->range_var);
		if (st->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE)
			effect_put_table(sink, F(TRUNCATE_CASCADE), st->relations[i]->range_var);
	}
}

static void
lock(struct effect_sink *sink, const PgQuery__LockStmt *st)
{
	/* The numbers are those of storage/lockdefs.h, and the order of ours. */
	enum sql_lock mode = st->mode > 0 && st->mode < SQL_LOCK_COUNT ? (enum sql_lock)st->mode
								       : SQL_LOCK_ACCESS_EXCLUSIVE;

	for (size_t i = 0; i < st->n_relations; i++) {
		struct effect_of of = effect_of_table(st->relations[i]->range_var);
		effect_put_lock(sink, &of, mode);
	}
}

static void
cluster(struct effect_sink *sink, const PgQuery__ClusterStmt *st)
{
	if (st->relation == NULL)
		effect_put(sink, F(VACUUM_FULL_ALL), &(struct effect_of){0});
	else
		effect_put_table(sink, F(CLUSTER), st->relation);
}

static void
refresh(struct effect_sink *sink, const PgQuery__RefreshMatViewStmt *st)
{
	struct effect_of of = effect_of_table(st->relation);

	effect_put(sink, st->concurrent ? F(REFRESH_CONCURRENTLY) : F(REFRESH), &of);
}

bool
effect_care(struct effect_sink *sink, const PgQuery__Node *n)
{
	switch (n->node_case) {
	case N(VACUUM_STMT):
		vacuum(sink, n->vacuum_stmt);
		return true;
	case N(REINDEX_STMT):
		reindex(sink, n->reindex_stmt);
		return true;
	case N(TRUNCATE_STMT):
		truncate_tables(sink, n->truncate_stmt);
		return true;
	case N(LOCK_STMT):
		lock(sink, n->lock_stmt);
		return true;
	case N(CLUSTER_STMT):
		cluster(sink, n->cluster_stmt);
		return true;
	case N(REFRESH_MAT_VIEW_STMT):
		refresh(sink, n->refresh_mat_view_stmt);
		return true;
	default:
		return false;
	}
}
