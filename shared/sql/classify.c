/*
 * What one statement is, as far as running it safely needs to know. The parse tree answers; what
 * it does not take is judged by its words (keywords.c). Facts about the whole tree (does it modify,
 * lock, call what drops our lock) come from one walk over every node there is, so that no place to
 * hide a call can be forgotten.
 */
#include "shared/sql/classify.h"

#include <string.h>
#include <strings.h>

#include "shared/base/compiler.h"
#include "shared/sql/body.h"
#include "shared/sql/keywords.h"
#include "shared/sql/outside.h"
#include "shared/sql/tag.h"
#include "shared/sql/tree.h"

#include "shared/base/banned.h"

#define N(name) PG_QUERY__NODE__NODE_##name
#define T(name) PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_##name

static const enum sql_transaction_control controls[] = {
	[T(BEGIN)] = SQL_BEGIN,
	[T(START)] = SQL_BEGIN,
	[T(COMMIT)] = SQL_COMMIT,
	[T(ROLLBACK)] = SQL_ROLLBACK,
	[T(SAVEPOINT)] = SQL_SAVEPOINT,
	[T(RELEASE)] = SQL_SAVEPOINT,
	[T(ROLLBACK_TO)] = SQL_SAVEPOINT,
	[T(PREPARE)] = SQL_TWO_PHASE,
	[T(COMMIT_PREPARED)] = SQL_TWO_PHASE,
	[T(ROLLBACK_PREPARED)] = SQL_TWO_PHASE,
};

/* What the walk over a tree finds. */
struct findings {
	struct arena *arena;
	const char *unlock;
	bool modifies, locks, into;
};

static const char *
unlocking_call(struct findings *f, const PgQuery__FuncCall *call)
{
	const char *name = tree_name_of(call->funcname, call->n_funcname).name;

	if (name == NULL)
		return NULL;
	return strncasecmp(name, "pg_advisory_unlock", 18) == 0 ? arena_str(f->arena, name) : NULL;
}

static void
find(void *self, const ProtobufCMessage *m)
{
	static const ProtobufCMessageDescriptor *const modifying[] = {
		&pg_query__insert_stmt__descriptor,
		&pg_query__update_stmt__descriptor,
		&pg_query__delete_stmt__descriptor,
		&pg_query__merge_stmt__descriptor,
	};
	struct findings *f = self;

	for (size_t i = 0; i < ARRAY_LEN(modifying); i++)
		f->modifies = f->modifies || m->descriptor == modifying[i];
	f->locks = f->locks || m->descriptor == &pg_query__locking_clause__descriptor;
	f->into = f->into || m->descriptor == &pg_query__into_clause__descriptor;
	if (f->unlock == NULL && m->descriptor == &pg_query__func_call__descriptor)
		f->unlock = unlocking_call(f, (const PgQuery__FuncCall *)m);
}

/* ---- bodies ---- */

struct body_facts {
	const char *unlock;
	bool commits;
};

/* The body of DO or of a function: the option AS, a string or a list of them. */
static void
look_into_body(struct arena *arena, PgQuery__Node *const *options, size_t count,
	       struct body_facts *out)
{
	const PgQuery__DefElem *as = tree_option(options, count, "as");
	const PgQuery__DefElem *language = tree_option(options, count, "language");
	const char *name = language != NULL ? tree_string(language->arg) : NULL;
	const char *body;

	if (as == NULL || as->arg == NULL)
		return;
	if (as->arg->node_case == N(LIST))
		body = as->arg->list->n_items > 0 ? tree_string(as->arg->list->items[0]) : NULL;
	else
		body = tree_string(as->arg);
	if (body == NULL)
		return;
	out->unlock = sql_body_unlocks(arena, span_str(body), true);
	out->commits =
		sql_body_commits(span_str(body), name == NULL || strcasecmp(name, "plpgsql") == 0);
}

static void
judge_body(struct arena *arena, const PgQuery__Node *n, struct sql_facts *out)
{
	struct body_facts body = {0};

	if (n->node_case == N(DO_STMT)) {
		look_into_body(arena, n->do_stmt->args, n->do_stmt->n_args, &body);
		out->transactional = !body.commits;
		out->settle = body.commits ? SQL_SETTLE_NEVER : SQL_SETTLE_TRANSACTION;
	} else if (n->node_case == N(CREATE_FUNCTION_STMT)) {
		look_into_body(arena, n->create_function_stmt->options,
			       n->create_function_stmt->n_options, &body);
	}
	if (out->drops_lock_by == NULL)
		out->drops_lock_by = body.unlock;
}

/* ---- one statement ---- */

static void
judge_rows(const PgQuery__Node *n, const struct findings *f, struct sql_facts *out)
{
	switch (n->node_case) {
	case N(INSERT_STMT):
	case N(UPDATE_STMT):
	case N(DELETE_STMT):
	case N(MERGE_STMT):
		out->counts_rows = true;
		break;
	case N(COPY_STMT):
		out->counts_rows = n->copy_stmt->is_from;
		out->copy_from_stdin = n->copy_stmt->is_from && !n->copy_stmt->is_program &&
				       tree_text(n->copy_stmt->filename) == NULL;
		break;
	case N(SELECT_STMT):
		out->read_only_query = !f->modifies && !f->locks && !f->into;
		break;
	default:
		break;
	}
}

static void
judge_kind(const PgQuery__Node *n, struct sql_facts *out)
{
	if (n->node_case == N(TRANSACTION_STMT))
		out->control = controls[n->transaction_stmt->kind];
	if (n->node_case == N(ALTER_ENUM_STMT))
		out->adds_enum_value = tree_text(n->alter_enum_stmt->old_val) == NULL;
	if (n->node_case == N(DISCARD_STMT) &&
	    n->discard_stmt->target == PG_QUERY__DISCARD_MODE__DISCARD_ALL)
		out->drops_lock_by = "discard all";
	/* A procedure may commit, which only the server can tell: in a transaction it then fails in
	 * words, so that is where it runs; outside one nothing could settle it. */
	if (n->node_case == N(CALL_STMT))
		out->settle = SQL_SETTLE_NEVER;
}

static void
judge_tree(struct arena *arena, const PgQuery__Node *n, struct sql_facts *out)
{
	struct findings f = {.arena = arena};

	sql_tree_walk(&n->base, find, &f);
	out->parsed = true;
	out->tag = sql_tag_of(arena, n);
	out->drops_lock_by = f.unlock;
	sql_judge_outside(arena, n, out);
	judge_kind(n, out);
	judge_rows(n, &f, out);
	judge_body(arena, n, out);
	out->drops_lock = out->drops_lock_by != NULL;
}

void
sql_classify(struct arena *arena, struct span statement, struct sql_facts *out)
{
	struct sql_tree tree;

	*out = (struct sql_facts){.tag = "", .transactional = true};
	if (sql_tree_parse(&tree, statement)) {
		judge_tree(arena, tree.statement, out);
		sql_tree_free(&tree);
	} else {
		sql_judge_words(arena, statement, out);
	}
}
