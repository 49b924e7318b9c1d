/* Doing one operation, and telling all that came of it: whole results, not flags. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/differential.h"

#include "shared/base/banned.h"

/* ---- what differs between two servers and means nothing ---- */

static const char *
peer_name(const struct side *side, int pid)
{
	for (size_t i = 0; i < side->peer_count; i++) {
		if (side->peers[i].pid == pid)
			return side->peers[i].name;
	}
	return pid == 0 ? "nobody" : "a stranger";
}

/* Without the place, which is another on each side. */
static void
put_without_place(struct text *out, struct target *t, const char *words)
{
	const char *place = t->ops->info(t)->place;

	for (const char *at; (at = strstr(words, place)) != NULL; words = at + strlen(place))
		text_printf(out, "%.*sPLACE", (int)(at - words), words);
	text_put(out, words);
}

/* These come with details of the moment: which process, which tuple, which oid. */
static bool
only_first_line(const struct error *err)
{
	static const char *const states[] = {"40P01", "55P03", "57014", ""};

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (strcmp(err->sqlstate, states[i]) == 0)
			return true;
	}
	return strstr(err->cause, "_nsp_index\"") != NULL;
}

static void
put_error(struct actor *a, const struct error *err)
{
	struct text *out = &a->result;

	text_printf(out, "refused %s", err->code->name);
	/* How a dead line is noticed is chance, and with it which words come with it. */
	bool lost = error_is(err, E_TARGET_005);
	if (!lost)
		text_printf(out, " %s", err->sqlstate);
	text_printf(out, "%s at %u: ", err->retryable ? " retryable" : "",
		    lost ? 0 : err->at.column);
	put_without_place(out, a->target, err->message);
	if (error_is(err, E_TARGET_005) || error_is(err, E_JOB_003))
		return;
	const char *context = strstr(err->cause, "\nCONTEXT:");
	size_t len = context ? (size_t)(context - err->cause) : strlen(err->cause);
	if (only_first_line(err))
		len = strcspn(err->cause, "\n");
	/* Two rows of one second and name: their slugs meet before their versions do. */
	if (strstr(err->cause, "_slug_key\"") != NULL ||
	    strstr(err->cause, "_version_key\"") != NULL)
		text_put(out, " [the same version, or slug]");
	else
		text_printf(out, " [%.*s]", (int)len, err->cause);
}

static void
put_ok(struct actor *a, bool ok, const struct error *err)
{
	if (ok)
		text_put(&a->result, "ok");
	else
		put_error(a, err);
}

/* A slug has the time of day in it, and more when two are of the same second. */
static void
put_slug(struct text *out, const char *slug)
{
	const char *end = slug + strnlen(slug, strlen("name_YYYYMMDD_HHMMSS"));

	for (; slug < end; slug++)
		text_put_char(out, *slug >= '0' && *slug <= '9' ? '9' : *slug);
}

static const char *
or_null(const char *s)
{
	return s ? s : "NULL";
}

/* ---- operations with results ---- */

static void
do_lock_try(struct actor *a, struct target *t, const struct op *op UNUSED)
{
	struct error err;
	bool held = false;
	bool ok = t->ops->lock_try(t, &held, &err);

	put_ok(a, ok, &err);
	if (ok)
		text_put(&a->result, held ? " held" : " not held");
}

static void
do_lock_read(struct actor *a, struct target *t, const struct op *op UNUSED)
{
	struct lock_state s;
	struct error err;
	bool ok = t->ops->lock_read(t, &a->arena, &s, &err);

	put_ok(a, ok, &err);
	if (!ok)
		return;
	text_printf(&a->result, "%s backend %s", s.held_by_us ? " by us" : "",
		    peer_name(a->side, s.backend_pid));
	if (s.has_row)
		text_printf(&a->result, " row %s %s time %d", or_null(s.user), or_null(s.command),
			    s.acquired_at != NULL && strlen(s.acquired_at) == 32);
}

static void
do_ledger_read(struct actor *a, struct target *t, const struct op *op UNUSED)
{
	struct ledger l;
	struct error err;
	bool ok = t->ops->ledger_read(t, &a->arena, &l, &err);

	put_ok(a, ok, &err);
	for (size_t i = 0; ok && i < l.count; i++) {
		const struct ledger_row *r = &l.rows[i];
		text_printf(&a->result, "\n  %s %s %zu %s %lld %s ", r->version, r->name,
			    strlen(r->applied_at), or_null(r->checksum),
			    (long long)r->execution_time_ms, or_null(r->applied_by));
		put_slug(&a->result, r->slug);
	}
	if (ok)
		text_printf(&a->result, " in %s", l.present ? l.resolved : "nothing");
}

static bool
read_fence(struct actor *a, struct target *t, struct fence_owner *out)
{
	struct error err;
	bool ok = t->ops->fence_read(t, &a->arena, out, &err);

	put_ok(a, ok, &err);
	return ok;
}

static void
do_fence_read(struct actor *a, struct target *t, const struct op *op UNUSED)
{
	struct fence_owner o;

	if (!read_fence(a, t, &o) || !o.present)
		return;
	text_printf(&a->result, " token %lld of %s %s %s %lld%s%s%s", (long long)o.token,
		    peer_name(a->side, o.backend_pid), o.journal, o.job, (long long)o.attempt,
		    o.alive ? " alive" : "", o.active ? " active" : "",
		    o.holds_lock ? " holds the lock" : "");
}

static void
do_fence_evict(struct actor *a, struct target *t, const struct op *op UNUSED)
{
	struct fence_owner o;
	struct error err;

	/* Nobody evicts himself; and one that waits in a statement is active, which is a race here.
	 */
	if (!read_fence(a, t, &o) || !o.present || o.backend_pid == t->ops->info(t)->backend_pid)
		return;
	bool ok = t->ops->fence_evict(t, &o, &err);
	put_ok(a, ok, &err);
}

static void
do_steps_of(struct actor *a, struct target *t, const struct op *op)
{
	int64_t committed, planned;
	struct error err;
	bool ok = t->ops->steps_of(t, op->job, op->attempt, &committed, &planned, &err);

	put_ok(a, ok, &err);
	if (ok)
		text_printf(&a->result, " %lld of %lld", (long long)committed, (long long)planned);
}

static void
do_commit(struct actor *a, struct target *t, const struct op *op UNUSED)
{
	static const char *const words[] = {"done", "rolled back", "unknown"};
	struct error err;
	enum commit_result r = t->ops->commit(t, &err);

	text_printf(&a->result, "%s ", words[r]);
	if (r != COMMIT_DONE)
		put_error(a, &err);
}

static void
do_run(struct actor *a, struct target *t, const struct op *op)
{
	struct run_result r;
	struct error err;
	const char **notices;
	size_t dropped;
	bool ok = t->ops->run(t, span_str(op->sql), NULL, NULL, &a->arena, &r, &err);

	put_ok(a, ok, &err);
	if (ok)
		text_printf(&a->result, " %s %lld", r.tag, (long long)r.rows);
	if (ok && r.has_value)
		text_printf(&a->result, " value %s %s", or_null(r.value), r.type);
	size_t count = t->ops->notices(t, &a->arena, &notices, &dropped);
	for (size_t i = 0; i < count; i++)
		text_printf(&a->result, "\n  %s", notices[i]);
}

static void
do_marks_read(struct actor *a, struct target *t, const struct op *op)
{
	struct statement_mark *marks;
	struct error err;
	size_t count;
	bool ok = t->ops->marks_read(t, &a->arena, op->mark.version, op->mark.direction, &marks,
				     &count, &err);

	put_ok(a, ok, &err);
	for (size_t i = 0; ok && i < count; i++)
		text_printf(&a->result, "\n  %s %s %u %s %d %s", marks[i].version,
			    marks[i].direction, marks[i].statement, marks[i].sha256,
			    (int)marks[i].state, marks[i].job);
}

static void
put_texts(struct actor *a, bool ok, const char *const *texts, size_t count, struct error *err)
{
	put_ok(a, ok, err);
	for (size_t i = 0; ok && i < count; i++)
		text_printf(&a->result, " %s", texts[i]);
}

static void
do_marks_list(struct actor *a, struct target *t, const struct op *op UNUSED)
{
	const char **versions;
	struct error err;
	size_t count;
	bool ok = t->ops->marks_list(t, &a->arena, &versions, &count, &err);

	put_texts(a, ok, versions, count, &err);
}

static void
do_versions_of(struct actor *a, struct target *t, const struct op *op)
{
	const char **versions;
	struct error err;
	size_t count;
	bool ok = t->ops->versions_of(t, &a->arena, op->job, &versions, &count, &err);

	put_texts(a, ok, versions, count, &err);
}

static void
put_index(struct actor *a, const struct index_info *i)
{
	static const char *const states[] = {"absent", "valid", "invalid"};

	text_printf(&a->result, " %s", states[i->state]);
	if (i->state != INDEX_ABSENT)
		text_printf(&a->result, " %s.%s on %s.%s built by %s", i->schema, i->name,
			    i->table_schema, i->table, peer_name(a->side, i->building_pid));
}

static void
do_index_find(struct actor *a, struct target *t, const struct op *op)
{
	struct index_info index;
	struct error err;
	bool ok = t->ops->index_find(t, &a->arena, &op->goal, &index, &err);

	put_ok(a, ok, &err);
	if (ok)
		put_index(a, &index);
	if (!ok || op->kind != OP_INDEX_DROP || index.state != INDEX_INVALID)
		return;
	ok = t->ops->index_drop(t, &index, &err);
	put_ok(a, ok, &err);
}

static void
do_leftovers(struct actor *a, struct target *t, const struct op *op)
{
	struct index_info *items;
	struct error err;
	size_t count;
	bool ok = t->ops->reindex_leftovers(t, &a->arena, &op->goal, &items, &count, &err);

	put_ok(a, ok, &err);
	for (size_t i = 0; ok && i < count; i++)
		put_index(a, &items[i]);
}

static void
do_goal(struct actor *a, struct target *t, const struct op *op UNUSED)
{
	static const struct sql_goal goal = {
		.kind = SQL_GOAL_PARTITION_DETACHED, .name = "q", .table = "p"};
	struct error err;
	bool reached = false;
	bool ok = t->ops->goal_reached(t, &goal, &reached, &err);

	put_ok(a, ok, &err);
	if (ok)
		text_put(&a->result, reached ? " reached" : " not reached");
}

/* As far as the one in memory has it. */
static void
do_structure(struct actor *a, struct target *t, const struct op *op UNUSED)
{
	struct schema_pool *pool = schema_pool_new();
	struct schema_model *m;
	struct error err = {0};
	bool ok = t->ops->structure(t, pool, &m, &err);

	put_ok(a, ok, &err);
	for (size_t i = 0; ok && i < m->count; i++) {
		const struct schema_object *o = &m->objects[i];
		bool index = o->kind == SCHEMA_KIND_index;
		if (index || o->kind == SCHEMA_KIND_table)
			text_printf(&a->result, " %s %s of %s%s", schema_kind_info(o->kind)->name,
				    o->address, o->parent ? o->parent : "nothing",
				    index && o->values[SCHEMA_index_invalid] ? " invalid" : "");
	}
	schema_pool_free(pool);
}

static void
do_structure_noted(struct actor *a, struct target *t, const struct op *op UNUSED)
{
	struct structure_note note;
	struct error err = {0};
	bool ok = t->ops->structure_noted(t, &a->arena, &note, &err);

	put_ok(a, ok, &err);
	if (ok)
		text_printf(&a->result, " %s%s", note.present ? note.fingerprint : "nothing",
			    note.current ? " current" : "");
}

/* ---- sessions ---- */

void
actor_open(struct actor *a)
{
	struct target_spec spec = {
		.name = "here", .url = a->side->url, .application_name = "confiture test"};
	struct side *side = a->side;
	struct error err;

	if (!side->factory->open(side->factory, &spec, &a->target, &err)) {
		fprintf(stderr, "%s: %s: %s\n", side->name, err.message, err.cause);
		abort();
	}
	size_t at = atomic_fetch_add(&side->peer_count, 1);
	if (at >= PEERS_MOST)
		abort();
	struct peer *peer = &side->peers[at];
	peer->pid = a->target->ops->info(a->target)->backend_pid;
	atomic_store(&a->pid, peer->pid);
	snprintf(peer->name, sizeof(peer->name), "session %d.%d", a->number, a->generation++);
}

void
actor_close(struct actor *a)
{
	int pid = a->target->ops->info(a->target)->backend_pid;

	a->target->ops->close(a->target);
	while (a->side->alive(pid))
		;
}

/* do_<name>(): an operation without a result. */
#define SIMPLE(name, ...)                                                                          \
	static void do_##name(struct actor *a, struct target *t, const struct op *op UNUSED)       \
	{                                                                                          \
		struct error err;                                                                  \
		bool ok = t->ops->name(t, __VA_ARGS__);                                            \
                                                                                                   \
		put_ok(a, ok, &err);                                                               \
	}

/* clang-format off */
SIMPLE(lock_announce, "migrate up", &err)
SIMPLE(lock_release, &err)
SIMPLE(ledger_ensure, &err)
SIMPLE(begin, &err)
SIMPLE(savepoint, op->name, &err)
SIMPLE(rollback_to, op->name, &err)
SIMPLE(release, op->name, &err)
SIMPLE(step, &op->step, &err)
SIMPLE(structure_note, op->job, &err)
SIMPLE(rollback, &err)
SIMPLE(clean, &err)
SIMPLE(in_transaction, &err)
SIMPLE(mark_write, &op->mark, &err)
SIMPLE(mark_clear, op->mark.version, op->mark.direction, op->mark.statement, &err)
/* clang-format on */

static void
do_fence_take(struct actor *a, struct target *t, const struct op *op)
{
	struct fence_claim claim = {.journal = "j", .job = op->job, .attempt = op->attempt};
	struct error err;
	bool ok = t->ops->fence_take(t, &claim, &err);

	put_ok(a, ok, &err);
}

static void
do_reopen(struct actor *a, struct target *t UNUSED, const struct op *op UNUSED)
{
	actor_close(a);
	actor_open(a);
	text_put(&a->result, "ok");
}

typedef void (*do_fn)(struct actor *a, struct target *t, const struct op *op);
static const do_fn doers[OP_COUNT] = {
	[OP_LOCK_TRY] = do_lock_try,
	[OP_LOCK_ANNOUNCE] = do_lock_announce,
	[OP_LOCK_READ] = do_lock_read,
	[OP_LOCK_RELEASE] = do_lock_release,
	[OP_LEDGER_READ] = do_ledger_read,
	[OP_LEDGER_ENSURE] = do_ledger_ensure,
	[OP_FENCE_READ] = do_fence_read,
	[OP_FENCE_EVICT] = do_fence_evict,
	[OP_FENCE_TAKE] = do_fence_take,
	[OP_STEPS_OF] = do_steps_of,
	[OP_VERSIONS_OF] = do_versions_of,
	[OP_BEGIN] = do_begin,
	[OP_SAVEPOINT] = do_savepoint,
	[OP_ROLLBACK_TO] = do_rollback_to,
	[OP_RELEASE] = do_release,
	[OP_STEP] = do_step,
	[OP_COMMIT] = do_commit,
	[OP_ROLLBACK] = do_rollback,
	[OP_CLEAN] = do_clean,
	[OP_RUN] = do_run,
	[OP_IN_TRANSACTION] = do_in_transaction,
	[OP_MARKS_READ] = do_marks_read,
	[OP_MARK_WRITE] = do_mark_write,
	[OP_MARK_CLEAR] = do_mark_clear,
	[OP_MARKS_LIST] = do_marks_list,
	[OP_INDEX_FIND] = do_index_find,
	[OP_INDEX_DROP] = do_index_find,
	[OP_LEFTOVERS] = do_leftovers,
	[OP_GOAL] = do_goal,
	[OP_STRUCTURE] = do_structure,
	[OP_STRUCTURE_NOTE] = do_structure_note,
	[OP_STRUCTURE_NOTED] = do_structure_noted,
	[OP_REOPEN] = do_reopen,
};

void
op_do(struct actor *a, const struct op *op)
{
	text_clear(&a->result);
	arena_reset(&a->arena);
	doers[op->kind](a, a->target, op);
}
