/*
 * Points at which a process can be stopped: before and after each operation on the target. The
 * operations that matter are those that talk to the server; info() and close() are passed through.
 */
#include "tests/system/faulty_target.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/banned.h"

struct faulty {
	struct target base;
	struct target *inner;
};

static struct target_factory *inner_factory;

static void
point(const char *operation, const char *when)
{
	static atomic_int count;
	const char *log = getenv("CONFITURE_POINTS"), *stop = getenv("CONFITURE_STOP_AT");
	int number = atomic_fetch_add(&count, 1) + 1;

	if (log != NULL) {
		FILE *file = fopen(log, "a");
		if (file != NULL) {
			fprintf(file, "%d %s %s\n", number, operation, when);
			fclose(file);
		}
	}
	if (stop != NULL && number == (int)strtol(stop, NULL, 10))
		kill(getpid(), SIGSTOP);
}

static struct target *
inner(struct target *t)
{
	return ((struct faulty *)(void *)t)->inner;
}

/* AROUND(name, return type, parameters after t, arguments after t) */
#define AROUND(name, type, params, ...)                                                            \
	static type faulty_##name params                                                           \
	{                                                                                          \
		point(#name, "before");                                                            \
		type result = inner(t)->ops->name(inner(t), __VA_ARGS__);                          \
		point(#name, "after");                                                             \
		return result;                                                                     \
	}

/* clang-format off */
AROUND(lock_try, bool, (struct target *t, bool *held, struct error *err), held, err)
AROUND(lock_announce, bool, (struct target *t, const char *c, struct error *err), c, err)
AROUND(lock_read, bool, (struct target *t, struct arena *a, struct lock_state *o, struct error *err), a, o, err)
AROUND(lock_release, bool, (struct target *t, struct error *err), err)
AROUND(ledger_read, bool, (struct target *t, struct arena *a, struct ledger *o, struct error *err), a, o, err)
AROUND(ledger_ensure, bool, (struct target *t, struct error *err), err)
AROUND(fence_read, bool, (struct target *t, struct arena *a, struct fence_owner *o, struct error *err), a, o, err)
AROUND(fence_evict, bool, (struct target *t, const struct fence_owner *o, struct error *err), o, err)
AROUND(fence_take, bool, (struct target *t, const struct fence_claim *c, struct error *err), c, err)
AROUND(steps_of, bool, (struct target *t, const char *j, int64_t n, int64_t *c, int64_t *p, struct error *err), j, n, c, p, err)
AROUND(versions_of, bool, (struct target *t, struct arena *a, const char *j, const char ***v, size_t *n, struct error *err), a, j, v, n, err)
AROUND(begin, bool, (struct target *t, struct error *err), err)
AROUND(savepoint, bool, (struct target *t, const char *n, struct error *err), n, err)
AROUND(rollback_to, bool, (struct target *t, const char *n, struct error *err), n, err)
AROUND(release, bool, (struct target *t, const char *n, struct error *err), n, err)
AROUND(step, bool, (struct target *t, const struct target_step *s, struct error *err), s, err)
AROUND(commit, enum commit_result, (struct target *t, struct error *err), err)
AROUND(rollback, bool, (struct target *t, struct error *err), err)
AROUND(clean, bool, (struct target *t, struct error *err), err)
AROUND(run, bool, (struct target *t, struct span s, copy_source c, void *cs, struct arena *a, struct run_result *o, struct error *err), s, c, cs, a, o, err)
AROUND(in_transaction, bool, (struct target *t, struct error *err), err)
AROUND(marks_read, bool, (struct target *t, struct arena *a, const char *v, const char *d, struct statement_mark **o, size_t *n, struct error *err), a, v, d, o, n, err)
AROUND(mark_write, bool, (struct target *t, const struct statement_mark *m, struct error *err), m, err)
AROUND(mark_clear, bool, (struct target *t, const char *v, const char *d, uint32_t n, struct error *err), v, d, n, err)
AROUND(marks_list, bool, (struct target *t, struct arena *a, const char ***v, size_t *n, struct error *err), a, v, n, err)
AROUND(index_find, bool, (struct target *t, struct arena *a, const struct sql_goal *g, struct index_info *o, struct error *err), a, g, o, err)
AROUND(index_drop, bool, (struct target *t, const struct index_info *i, struct error *err), i, err)
AROUND(reindex_leftovers, bool, (struct target *t, struct arena *a, const struct sql_goal *g, struct index_info **o, size_t *n, struct error *err), a, g, o, n, err)
AROUND(goal_reached, bool, (struct target *t, const struct sql_goal *g, bool *r, struct error *err), g, r, err)
AROUND(structure, bool, (struct target *t, struct schema_pool *p, struct schema_model **m, struct error *err), p, m, err)
AROUND(structure_note, bool, (struct target *t, const char *f, struct error *err), f, err)
AROUND(structure_noted, bool, (struct target *t, struct arena *a, struct structure_note *n, struct error *err), a, n, err)
AROUND(dependents, bool, (struct target *t, struct arena *a, const struct sql_object *o, struct object_dependents *d, struct error *err), a, o, d, err)
/* clang-format on */

static void
faulty_close(struct target *t)
{
	inner(t)->ops->close(inner(t));
	free(t);
}

static const struct target_info *
faulty_info(struct target *t)
{
	return inner(t)->ops->info(inner(t));
}

static bool
faulty_cancel(struct target *t, struct error *err)
{
	return inner(t)->ops->cancel(inner(t), err);
}

static size_t
faulty_notices(struct target *t, struct arena *arena, const char ***out, size_t *dropped)
{
	return inner(t)->ops->notices(inner(t), arena, out, dropped);
}

static const struct target_ops faulty_ops = {
	.close = faulty_close,
	.info = faulty_info,
	.cancel = faulty_cancel,
	.notices = faulty_notices,
#define OP(name) .name = faulty_##name
	OP(lock_try),
	OP(lock_announce),
	OP(lock_read),
	OP(lock_release),
	OP(ledger_read),
	OP(ledger_ensure),
	OP(fence_read),
	OP(fence_evict),
	OP(fence_take),
	OP(steps_of),
	OP(versions_of),
	OP(begin),
	OP(savepoint),
	OP(rollback_to),
	OP(release),
	OP(step),
	OP(commit),
	OP(rollback),
	OP(clean),
	OP(run),
	OP(in_transaction),
	OP(marks_read),
	OP(mark_write),
	OP(mark_clear),
	OP(marks_list),
	OP(index_find),
	OP(index_drop),
	OP(reindex_leftovers),
	OP(goal_reached),
	OP(dependents),
	OP(structure),
	OP(structure_note),
	OP(structure_noted),
};

/* An operation that is missing here would only be missed by the rare run that needs it. */
static void
require_whole(void)
{
	static const unsigned char none[sizeof(void (*)(void))];
	const unsigned char *at = (const unsigned char *)&faulty_ops;

	for (size_t i = 0; i < sizeof(faulty_ops); i += sizeof(none)) {
		if (memcmp(at + i, none, sizeof(none)) == 0) {
			fprintf(stderr, "faulty_target.c lacks operation %zu of target.h\n",
				i / sizeof(none) + 1);
			abort();
		}
	}
}

static bool
faulty_open(struct target_factory *f, const struct target_spec *spec, struct target **out,
	    struct error *err)
{
	struct faulty *faulty = calloc(1, sizeof(*faulty));

	(void)f;
	if (faulty == NULL)
		abort();
	faulty->base.ops = &faulty_ops;
	point("open", "before");
	bool ok = inner_factory->open(inner_factory, spec, &faulty->inner, err);
	point("open", "after");
	if (!ok) {
		free(faulty);
		return false;
	}
	*out = &faulty->base;
	return true;
}

static bool
faulty_scratch_open(struct target_factory *f, enum scratch_kind kind,
		    const struct target_spec *source, struct arena *arena, struct scratch **out,
		    struct target_spec *spec, struct error *err)
{
	(void)f;
	return inner_factory->scratch_open(inner_factory, kind, source, arena, out, spec, err);
}

static void
faulty_scratch_close(struct target_factory *f, struct scratch *scratch)
{
	(void)f;
	inner_factory->scratch_close(inner_factory, scratch);
}

struct target_factory *
faulty_target(struct target_factory *real)
{
	static struct target_factory factory = {.open = faulty_open,
						.scratch_open = faulty_scratch_open,
						.scratch_close = faulty_scratch_close};

	require_whole();
	inner_factory = real;
	return &factory;
}
