/* Operations by chance, from few names, so that the two sessions meet. */
#include <string.h>

#include "tests/sim/differential.h"

#include "shared/base/banned.h"

/* splitmix64 */
uint64_t
random_next(uint64_t *seed)
{
	uint64_t z = *seed += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static size_t
below(uint64_t *seed, size_t n)
{
	return (size_t)(random_next(seed) % n);
}

#define PICK(seed, list) ((list)[below((seed), ARRAY_LEN(list))])

static const char *const statements[] = {
	"CREATE TABLE u (id text PRIMARY KEY, n bigint)",
	"CREATE TABLE IF NOT EXISTS u (id text PRIMARY KEY, n bigint)",
	"DROP TABLE u",
	"DROP TABLE IF EXISTS u",
	"DROP TABLE i",
	"INSERT INTO t VALUES ('a', 0)",
	"INSERT INTO t VALUES ('c', 2)",
	"INSERT INTO t (id, n) VALUES ('c', 2), ('d', -3) ON CONFLICT DO NOTHING",
	"INSERT INTO u VALUES ('a', 0), ('b', 0)",
	"INSERT INTO u VALUES ('a', 7)",
	"UPDATE t SET n = n + 1 WHERE id = 'a'",
	"UPDATE t SET n = n + 1 WHERE id = 'b'",
	"UPDATE t SET n = n + 1 WHERE id = 'a'",
	"UPDATE t SET n = 5 WHERE id = 'c'",
	"UPDATE u SET n = n + 10",
	"DELETE FROM t WHERE id = 'c'",
	"DELETE FROM u",
	"SELECT n FROM t WHERE id = 'a'",
	"SELECT count(*) FROM t",
	"SELECT count(*) FROM u",
	"SELECT n FROM nowhere WHERE id = 'a'",
	"SELECT 1",
	"SELECT 1/0",
	"SELEC 1",
	"INSERT INTO t",
	"CREATE INDEX i ON t (n)",
	"CREATE INDEX IF NOT EXISTS i ON t (n)",
	"CREATE INDEX k ON t (no_such)",
	"CREATE UNIQUE INDEX i ON u (n)",
	"DROP INDEX i",
	"DROP INDEX IF EXISTS i",
	"DROP INDEX t",
	"CREATE INDEX CONCURRENTLY i ON t (n)",
	"CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (n)",
	"CREATE INDEX CONCURRENTLY i ON nowhere (n)",
	"CREATE UNIQUE INDEX CONCURRENTLY j ON u (n)",
	"CREATE UNIQUE INDEX CONCURRENTLY i ON t (n)",
	"DROP INDEX CONCURRENTLY i",
	"DROP INDEX CONCURRENTLY IF EXISTS i",
	"DROP INDEX CONCURRENTLY j",
	"DROP INDEX CONCURRENTLY t",
	"REINDEX INDEX CONCURRENTLY i",
	"REINDEX INDEX CONCURRENTLY j",
	"REINDEX INDEX CONCURRENTLY t",
	"VACUUM t",
	"VACUUM nowhere",
	"SET lock_timeout = '0'",
	"CREATE TABLE p (id text, n bigint) PARTITION BY LIST (id)",
	"CREATE TABLE q PARTITION OF p FOR VALUES IN ('a')",
	"ALTER TABLE p DETACH PARTITION q CONCURRENTLY",
	"ALTER TABLE p DETACH PARTITION q FINALIZE",
	"DROP TABLE q",
	"BEGIN",
	"COMMIT",
	"ROLLBACK",
	"SAVEPOINT x",
	"ROLLBACK TO x",
	"RELEASE x",
};

/*
 * Left out is what no engine does and the real make does not promise: tables of ours are made, and
 * first looked for, outside transactions; a step or a mark is the last thing in one; and who else
 * is there is asked outside of them too, since PostgreSQL shows a transaction one and the same
 * picture of the other backends.
 */
enum when {
	WHEN_EVER = 0,
	WHEN_IDLE = 1,	  /* no transaction is open */
	WHEN_KNOWN = 2,	  /* in one only when our tables are known */
	WHEN_ENSURED = 4, /* our tables are known */
	WHEN_CLAIMED = 8,
	WHEN_UNSEALED = 16
};

static const struct {
	unsigned weight; /* how often it is taken; 0: it happens to a session that waits */
	unsigned when;
	const char *name;
} kinds[OP_COUNT] = {
	[OP_LOCK_TRY] = {4, WHEN_EVER, "lock_try"},
	[OP_LOCK_ANNOUNCE] = {2, WHEN_IDLE | WHEN_ENSURED, "lock_announce"},
	[OP_LOCK_READ] = {2, WHEN_IDLE, "lock_read"},
	[OP_LOCK_RELEASE] = {2, WHEN_IDLE | WHEN_ENSURED, "lock_release"},
	[OP_LEDGER_READ] = {3, WHEN_KNOWN, "ledger_read"},
	[OP_LEDGER_ENSURE] = {4, WHEN_IDLE, "ledger_ensure"},
	[OP_FENCE_READ] = {3, WHEN_IDLE, "fence_read"},
	[OP_FENCE_EVICT] = {1, WHEN_IDLE, "fence_evict"},
	[OP_FENCE_TAKE] = {4, WHEN_IDLE, "fence_take"},
	[OP_STEPS_OF] = {3, WHEN_KNOWN, "steps_of"},
	[OP_VERSIONS_OF] = {2, WHEN_KNOWN, "versions_of"},
	[OP_BEGIN] = {14, WHEN_UNSEALED, "begin"},
	[OP_SAVEPOINT] = {3, WHEN_UNSEALED, "savepoint"},
	[OP_ROLLBACK_TO] = {3, WHEN_UNSEALED, "rollback_to"},
	[OP_RELEASE] = {2, WHEN_UNSEALED, "release"},
	[OP_STEP] = {10, WHEN_EVER, "step"},
	[OP_COMMIT] = {10, WHEN_EVER, "commit"},
	[OP_ROLLBACK] = {4, WHEN_EVER, "rollback"},
	[OP_CLEAN] = {3, WHEN_IDLE, "clean"},
	[OP_RUN] = {50, WHEN_UNSEALED, "run"},
	[OP_IN_TRANSACTION] = {3, WHEN_EVER, "in_transaction"},
	[OP_MARKS_READ] = {2, WHEN_KNOWN, "marks_read"},
	[OP_MARK_WRITE] = {5, WHEN_EVER, "mark_write"},
	[OP_MARK_CLEAR] = {2, WHEN_CLAIMED, "mark_clear"},
	[OP_MARKS_LIST] = {1, WHEN_KNOWN, "marks_list"},
	[OP_INDEX_FIND] = {3, WHEN_IDLE, "index_find"},
	[OP_INDEX_DROP] = {2, WHEN_IDLE, "index_drop"},
	[OP_LEFTOVERS] = {2, WHEN_UNSEALED, "reindex_leftovers"},
	[OP_GOAL] = {2, WHEN_UNSEALED, "goal_reached"},
	[OP_STRUCTURE] = {3, WHEN_EVER, "structure"},
	[OP_STRUCTURE_NOTE] = {2, WHEN_IDLE | WHEN_ENSURED, "structure_note"},
	[OP_STRUCTURE_NOTED] = {2, WHEN_IDLE, "structure_noted"},
	[OP_REOPEN] = {2, WHEN_EVER, "reopen"},
	[OP_CANCEL] = {0, WHEN_EVER, "cancel"},
	[OP_TERMINATE] = {1, WHEN_EVER, "terminate"},
};

static enum op_kind
random_kind(uint64_t *seed)
{
	unsigned total = 0;

	for (int i = 0; i < OP_COUNT; i++)
		total += kinds[i].weight;
	size_t at = below(seed, total);
	int kind = 0;
	while (at >= kinds[kind].weight)
		at -= kinds[kind++].weight;
	return (enum op_kind)kind;
}

static bool
sensible(const struct op *op, const struct known *k)
{
	unsigned when = kinds[op->kind].when;

	return !((when & WHEN_IDLE && k->open) || (when & WHEN_KNOWN && k->open && !k->ensured) ||
		 (when & WHEN_ENSURED && !k->ensured) || (when & WHEN_CLAIMED && !k->claimed) ||
		 (when & WHEN_UNSEALED && k->sealed));
}

static void
fill(struct op *op, uint64_t *seed)
{
	static const char *const versions[] = {"001", "002"}, *const jobs[] = {"job-1", "job-2"};
	static const char *const actions[] = {"up", "up", "down", "statement", "fix"};
	static const char *const savepoints[] = {"x", "y", "odd \"name\""};
	static const char *const indexes[] = {"i", "j", "t", NULL};
	static const enum ledger_change changes[] = {LEDGER_INSERT, LEDGER_INSERT, LEDGER_DELETE,
						     LEDGER_CHECKSUM, LEDGER_NOTHING};
	static const enum sql_goal_kind goals[] = {SQL_GOAL_INDEX_CREATED, SQL_GOAL_INDEX_CREATED,
						   SQL_GOAL_INDEX_DROPPED, SQL_GOAL_INDEX_REBUILT};

	op->name = PICK(seed, savepoints);
	op->sql = PICK(seed, statements);
	op->job = PICK(seed, jobs);
	op->attempt = 1 + (int64_t)below(seed, 2);
	op->step = (struct target_step){.number = 1 + (uint32_t)below(seed, 3),
					.planned = 3,
					.action = PICK(seed, actions),
					.version = PICK(seed, versions),
					.change = PICK(seed, changes),
					.name = "name",
					.checksum = below(seed, 2) ? "abc" : NULL,
					.execution_time_ms = 17,
					.slug_suffix = "",
					.record_user = below(seed, 2) == 0};
	op->mark = (struct statement_mark){.version = PICK(seed, versions),
					   .direction = below(seed, 4) ? "up" : "down",
					   .statement = 1 + (uint32_t)below(seed, 3),
					   .sha256 = "00",
					   .state = below(seed, 2) ? MARK_DONE : MARK_STARTED,
					   .job = op->job};
	op->goal = (struct sql_goal){.kind = PICK(seed, goals), .name = PICK(seed, indexes)};
	op->goal.table = below(seed, 2) ? "t" : "u";
	if (op->goal.kind == SQL_GOAL_INDEX_DROPPED && op->goal.name == NULL)
		op->goal.name = "i";
	if (op->goal.kind != SQL_GOAL_INDEX_CREATED && op->goal.name != NULL)
		op->goal.table = NULL;
}

struct op
op_random(uint64_t *seed, const struct known known[SESSIONS], int session)
{
	int other = 1 - session;
	struct op op = {.session = session};

	if (known[other].waits && below(seed, 8) == 0)
		return (struct op){.kind = below(seed, 3) ? OP_CANCEL : OP_TERMINATE,
				   .session = other};
	/* Without our tables and the token little can be done. */
	bool hurry = !known[session].open && below(seed, 4) == 0;
	do {
		op.kind = random_kind(seed);
		if (hurry && !known[session].claimed)
			op.kind = known[session].ensured ? OP_FENCE_TAKE : OP_LEDGER_ENSURE;
		fill(&op, seed);
	} while (!sensible(&op, &known[session]));
	return op;
}

static const char *
or_dash(const char *s)
{
	return s ? s : "-";
}

void
op_print(const struct op *op, struct text *out)
{
	text_printf(out, "session %d: %s", op->session, kinds[op->kind].name);
	switch (op->kind) {
	case OP_RUN:
		text_printf(out, " %s", op->sql);
		break;
	case OP_FENCE_TAKE:
	case OP_STEPS_OF:
	case OP_VERSIONS_OF:
		text_printf(out, " %s attempt %d", op->job, (int)op->attempt);
		break;
	case OP_SAVEPOINT:
	case OP_ROLLBACK_TO:
	case OP_RELEASE:
		text_printf(out, " %s", op->name);
		break;
	case OP_STEP:
		text_printf(out, " %u %s %s change %d", op->step.number, op->step.action,
			    op->step.version, (int)op->step.change);
		break;
	case OP_MARKS_READ:
	case OP_MARK_WRITE:
	case OP_MARK_CLEAR:
		text_printf(out, " %s %s %u state %d", op->mark.version, op->mark.direction,
			    op->mark.statement, (int)op->mark.state);
		break;
	case OP_INDEX_FIND:
	case OP_INDEX_DROP:
	case OP_LEFTOVERS:
		text_printf(out, " kind %d %s on %s", (int)op->goal.kind, or_dash(op->goal.name),
			    or_dash(op->goal.table));
		break;
	default:
		break;
	}
}
