/*
 * Locks of tables and rows, and all other waits. Everybody who waits wakes with every change and
 * looks again: with a handful of sessions that is simple and quick enough. Who would wait for ever
 * (a circle) is refused at once, where PostgreSQL takes a second to notice.
 */
#include "tests/sim/memory/internal.h"

#include "shared/base/banned.h"

/* PostgreSQL's table of conflicting lock modes. */
bool
lock_conflicts(enum lock_mode a, enum lock_mode b)
{
#define M(mode) (1u << LOCK_##mode)
	static const unsigned conflicts[] = {
		[LOCK_ACCESS_SHARE] = M(ACCESS_EXCLUSIVE),
		[LOCK_ROW_SHARE] = M(EXCLUSIVE) | M(ACCESS_EXCLUSIVE),
		[LOCK_ROW_EXCLUSIVE] =
			M(SHARE) | M(SHARE_ROW_EXCLUSIVE) | M(EXCLUSIVE) | M(ACCESS_EXCLUSIVE),
		[LOCK_SHARE_UPDATE_EXCLUSIVE] = M(SHARE_UPDATE_EXCLUSIVE) | M(SHARE) |
						M(SHARE_ROW_EXCLUSIVE) | M(EXCLUSIVE) |
						M(ACCESS_EXCLUSIVE),
		[LOCK_SHARE] = M(ROW_EXCLUSIVE) | M(SHARE_UPDATE_EXCLUSIVE) |
			       M(SHARE_ROW_EXCLUSIVE) | M(EXCLUSIVE) | M(ACCESS_EXCLUSIVE),
		[LOCK_SHARE_ROW_EXCLUSIVE] = M(ROW_EXCLUSIVE) | M(SHARE_UPDATE_EXCLUSIVE) |
					     M(SHARE) | M(SHARE_ROW_EXCLUSIVE) | M(EXCLUSIVE) |
					     M(ACCESS_EXCLUSIVE),
		[LOCK_EXCLUSIVE] = M(ROW_SHARE) | M(ROW_EXCLUSIVE) | M(SHARE_UPDATE_EXCLUSIVE) |
				   M(SHARE) | M(SHARE_ROW_EXCLUSIVE) | M(EXCLUSIVE) |
				   M(ACCESS_EXCLUSIVE),
		[LOCK_ACCESS_EXCLUSIVE] = ~0u,
	};
#undef M

	return (conflicts[a] >> b & 1u) != 0;
}

static bool
held_against(const struct record *record, const struct memory_session *holder, enum lock_mode mode)
{
	for (const struct lock *l = record->locks; l != NULL; l = l->next) {
		if (l->holder == holder && lock_conflicts(l->mode, mode))
			return true;
	}
	return false;
}

/* Tables are granted in turn; whoever already holds what the other waits for need not queue behind
 * him. */
static bool
queues_before(const struct memory_session *other, const struct memory_session *s,
	      const struct awaited *want)
{
	const struct awaited *o = &other->awaited;

	return other->waiting && o->record == want->record &&
	       want->record->kind == RECORD_RELATION && o->turn < want->turn &&
	       lock_conflicts(o->mode, want->mode) && !held_against(want->record, s, o->mode);
}

/* Whether `s`, which wants that, has to wait for `other`. */
static bool
waits_for(const struct memory_session *s, const struct awaited *want,
	  const struct memory_session *other)
{
	if (other == s || !other->alive || other->db != s->db)
		return false;
	if (want->record == NULL)
		return want->other_pid == other->info.backend_pid &&
		       other->transaction.number == want->transaction &&
		       other->transaction.state != TRANSACTION_IDLE;
	return held_against(want->record, other, want->mode) || queues_before(other, s, want);
}

static bool
is_blocked(const struct memory_session *s, const struct awaited *want)
{
	for (const struct memory_session *o = s->server->sessions; o != NULL; o = o->next) {
		if (waits_for(s, want, o))
			return true;
	}
	return false;
}

/* Does a chain of waits lead from `at` back to `s`? */
static bool
leads_back(struct memory_session *at, const struct memory_session *s, uint64_t search)
{
	at->searched = search;
	for (struct memory_session *o = s->server->sessions; o != NULL; o = o->next) {
		if (!waits_for(at, &at->awaited, o))
			continue;
		if (o == s || (o->waiting && o->searched != search && leads_back(o, s, search)))
			return true;
	}
	return false;
}

static uint64_t
nearer(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool
wait_changed(struct memory_session *s)
{
	struct runtime *rt = s->server->rt;

	rt->ops->cond_wait(rt, s->server->changed, s->server->lock,
			   nearer(s->lock_deadline_ns, s->statement_deadline_ns));
	if (!session_go_on(s))
		return false;
	if (runtime_boot_ns(rt) >= s->lock_deadline_ns)
		return refuse(s, "55P03", "canceling statement due to lock timeout");
	return true;
}

static bool
await(struct memory_session *s, const struct awaited *want)
{
	bool ok = true;

	if (!is_blocked(s, want))
		return true;
	s->awaited = *want;
	s->waiting = true;
	s->lock_deadline_ns =
		s->lock_timeout_ms > 0
			? runtime_deadline(s->server->rt, (uint64_t)s->lock_timeout_ms)
			: RUNTIME_FOREVER;
	if (leads_back(s, s, ++s->server->searches))
		ok = refuse(s, "40P01", "deadlock detected");
	while (ok && is_blocked(s, want))
		ok = wait_changed(s);
	s->waiting = false;
	s->lock_deadline_ns = RUNTIME_FOREVER;
	/* Those who queued behind it look again. */
	s->server->rt->ops->cond_wake(s->server->rt, s->server->changed);
	return ok;
}

static void
grant(struct memory_session *s, struct record *record, enum lock_mode mode, int level)
{
	struct lock *l = s->db->free_locks;

	if (l != NULL)
		s->db->free_locks = l->next;
	else
		l = arena_new(&s->db->arena, struct lock);
	*l = (struct lock){.next = record->locks,
			   .mine = s->locks,
			   .record = record,
			   .holder = s,
			   .mode = mode,
			   .level = level};
	record->locks = l;
	s->locks = l;
}

bool
lock_take(struct memory_session *s, struct record *record, enum lock_mode mode, int level)
{
	for (const struct lock *l = record->locks; l != NULL; l = l->next) {
		if (l->holder == s && l->mode == mode && l->level != LEVEL_STATEMENT)
			return true;
	}
	const struct awaited want = {
		.record = record, .mode = mode, .turn = s->server->next_turn++};
	if (!await(s, &want))
		return false;
	grant(s, record, mode, level);
	return true;
}

static void
unlink_from_record(struct lock *l)
{
	struct lock **at = &l->record->locks;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
}

static void
drop(struct memory_session *s, int from, int to)
{
	for (struct lock **at = &s->locks; *at != NULL;) {
		struct lock *l = *at;
		if (l->level < from || l->level > to) {
			at = &l->mine;
			continue;
		}
		*at = l->mine;
		unlink_from_record(l);
		l->next = s->db->free_locks;
		s->db->free_locks = l;
	}
	s->server->rt->ops->cond_wake(s->server->rt, s->server->changed);
}

void
lock_drop(struct memory_session *s, int level)
{
	drop(s, level, SAVEPOINTS_MOST);
}

void
lock_drop_statement(struct memory_session *s)
{
	drop(s, LEVEL_STATEMENT, LEVEL_STATEMENT);
}

void
lock_lower(struct memory_session *s, int level)
{
	for (struct lock *l = s->locks; l != NULL; l = l->mine) {
		if (l->level > level)
			l->level = level;
	}
}

/* The transactions of a moment, waited for one after another. */
static bool
await_all(struct memory_session *s, const int *others, const uint64_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct awaited want = {.other_pid = others[i], .transaction = numbers[i]};
		if (!await(s, &want))
			return false;
	}
	return true;
}

enum { OTHERS_MOST = 256 };

bool
lock_await_holders(struct memory_session *s, struct record *record, enum lock_mode mode)
{
	int others[OTHERS_MOST];
	uint64_t numbers[OTHERS_MOST];
	size_t count = 0;

	for (const struct lock *l = record->locks; l != NULL && count < OTHERS_MOST; l = l->next) {
		if (l->holder == s || !lock_conflicts(l->mode, mode))
			continue;
		others[count] = l->holder->info.backend_pid;
		numbers[count++] = l->holder->transaction.number;
	}
	return await_all(s, others, numbers, count);
}

bool
lock_await_snapshots(struct memory_session *s)
{
	int others[OTHERS_MOST];
	uint64_t numbers[OTHERS_MOST];
	size_t count = 0;

	for (struct memory_session *o = s->server->sessions; o != NULL && count < OTHERS_MOST;
	     o = o->next) {
		if (o == s || !o->alive || o->db != s->db || !o->snapshot)
			continue;
		others[count] = o->info.backend_pid;
		numbers[count++] = o->transaction.number;
	}
	return await_all(s, others, numbers, count);
}

bool
lock_await_end(struct memory_session *s, const struct memory_session *other)
{
	const struct awaited want = {.other_pid = other->info.backend_pid,
				     .transaction = other->transaction.number};

	return await(s, &want);
}

bool
lock_await_time(struct memory_session *s, uint64_t ns)
{
	struct runtime *rt = s->server->rt;
	uint64_t end = runtime_boot_ns(rt) + ns;

	while (runtime_boot_ns(rt) < end) {
		rt->ops->cond_wait(rt, s->server->changed, s->server->lock,
				   nearer(end, s->statement_deadline_ns));
		if (!session_go_on(s))
			return false;
	}
	return true;
}
