/* What a checker sees: committed state, read without a session. */
#include <string.h>

#include "tests/sim/memory/internal.h"

#include "shared/base/banned.h"

/* A session that sees nothing but what is committed. */
static struct memory_session
nobody(struct memory_db *db)
{
	return (struct memory_session){.server = db->server, .db = db};
}

static const void *
committed(struct memory_db *db, enum record_kind kind, const char *group, const char *key)
{
	memory_lock(db->server);
	const void *value = record_of(db, kind, group, key)->value;
	memory_unlock(db->server);
	return value;
}

bool
memory_db_run(struct memory_db *db, const char *sql, struct arena *arena, struct run_result *out,
	      struct error *err)
{
	struct target_factory *f = memory_factory_new("operator", 1, NULL);
	struct target_spec spec = {.url = secret_of("memory"), .application_name = "psql"};
	struct target *t;

	memory_factory_route(f, "memory", db->server, db->name);
	bool ok = f->open(f, &spec, &t, err);
	if (ok) {
		ok = t->ops->run(t, span_str(sql), NULL, NULL, arena, out, err);
		t->ops->close(t);
	}
	memory_factory_free(f);
	return ok;
}

int64_t
memory_db_number(struct memory_db *db, const char *table, const char *id)
{
	const struct row *row = committed(db, RECORD_ROW, table, id);

	return row == NULL ? INT64_MIN : row->n;
}

bool
memory_db_has_table(struct memory_db *db, const char *table)
{
	const struct relation *r = committed(db, RECORD_RELATION, "", table);

	return r != NULL && r->kind != RELATION_INDEX;
}

static enum index_state
state_of(const struct relation *r)
{
	if (r == NULL || r->kind != RELATION_INDEX)
		return INDEX_ABSENT;
	return r->valid && r->ready && r->live ? INDEX_VALID : INDEX_INVALID;
}

enum index_state
memory_db_index(struct memory_db *db, const char *index)
{
	return state_of(committed(db, RECORD_RELATION, "", index));
}

static bool
is_built(const struct memory_db *db, const struct record *index)
{
	for (const struct memory_session *s = db->server->sessions; s != NULL; s = s->next) {
		if (s->alive && s->building == index)
			return true;
	}
	return false;
}

size_t
memory_db_invalid_indexes(struct memory_db *db, struct arena *arena, const char ***out)
{
	size_t count = 0, cap = 0;

	*out = NULL;
	memory_lock(db->server);
	for (const struct record *r = db->first; r != NULL; r = r->next) {
		if (r->kind != RECORD_RELATION || state_of(r->value) != INDEX_INVALID ||
		    is_built(db, r))
			continue;
		*out = arena_grow(arena, *out, count, &cap, sizeof(**out));
		(*out)[count++] = r->key;
	}
	memory_unlock(db->server);
	return count;
}

size_t
memory_db_ledger(struct memory_db *db, struct arena *arena, const char *ledger,
		 struct ledger_row **out)
{
	struct memory_session s = nobody(db);
	size_t count = 0, cap = 0;

	*out = NULL;
	memory_lock(db->server);
	for (struct record *r = NULL;
	     (r = record_next(&s, r, RECORD_LEDGER, ledger ? ledger : "tb_confiture")) != NULL;) {
		*out = arena_grow(arena, *out, count, &cap, sizeof(**out));
		(*out)[count] = ((const struct ledger_entry *)r->value)->row;
		count++;
	}
	memory_unlock(db->server);
	return count;
}

size_t
memory_db_marks(struct memory_db *db, struct arena *arena, struct statement_mark **out)
{
	size_t count = 0, cap = 0;

	*out = NULL;
	memory_lock(db->server);
	for (const struct record *r = db->first; r != NULL; r = r->next) {
		if (r->kind != RECORD_MARK || r->value == NULL)
			continue;
		*out = arena_grow(arena, *out, count, &cap, sizeof(**out));
		(*out)[count++] = *(const struct statement_mark *)r->value;
	}
	memory_unlock(db->server);
	return count;
}

int
memory_db_lock_holder(struct memory_db *db)
{
	memory_lock(db->server);
	int pid = db->lock_holder == NULL ? 0 : db->lock_holder->info.backend_pid;
	memory_unlock(db->server);
	return pid;
}

int64_t
memory_db_token(struct memory_db *db)
{
	int64_t token = 0;

	memory_lock(db->server);
	for (const struct record *r = db->first; r != NULL; r = r->next) {
		if (r->kind == RECORD_FENCE && r->value != NULL)
			token = ((const struct fence_row *)r->value)->token;
	}
	memory_unlock(db->server);
	return token;
}

size_t
memory_db_commits(struct memory_db *db, const struct memory_commit **out)
{
	memory_lock(db->server);
	*out = db->commits;
	size_t count = db->commit_count;
	memory_unlock(db->server);
	return count;
}
