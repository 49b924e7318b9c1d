#ifndef CONFITURE_TESTS_MEMORY_OPERATIONS_H
#define CONFITURE_TESTS_MEMORY_OPERATIONS_H

#include "tests/sim/memory/internal.h"

/* Operations of worker/target.h as a backend does them, within a transaction. Arguments and results
 * are in the request; false with its refusal. */
typedef bool (*backend_fn)(struct memory_session *s, struct request *r);

/* SELECT … WHERE token = ours FOR SHARE: waits for a run that is about to take it. */
MUST_USE bool fence_is_ours(struct memory_session *s, bool *ours);

/* own.c: the runner's lock, the ledger, the fence, steps */
bool operation_lock_try(struct memory_session *s, struct request *r);
bool operation_lock_announce(struct memory_session *s, struct request *r);
bool operation_lock_read(struct memory_session *s, struct request *r);
bool operation_lock_release(struct memory_session *s, struct request *r);
bool operation_ledger_read(struct memory_session *s, struct request *r);
bool operation_ledger_ensure(struct memory_session *s, struct request *r);
bool operation_fence_read(struct memory_session *s, struct request *r);
bool operation_fence_evict(struct memory_session *s, struct request *r);
bool operation_fence_take(struct memory_session *s, struct request *r);
/* step.c: steps and marks */
bool operation_steps_of(struct memory_session *s, struct request *r);
bool operation_versions_of(struct memory_session *s, struct request *r);
bool operation_step(struct memory_session *s, struct request *r);
bool operation_marks_read(struct memory_session *s, struct request *r);
bool operation_mark_write(struct memory_session *s, struct request *r);
bool operation_mark_clear(struct memory_session *s, struct request *r);
bool operation_marks_list(struct memory_session *s, struct request *r);
bool operation_structure_note(struct memory_session *s, struct request *r);
bool operation_structure_noted(struct memory_session *s, struct request *r);
/* catalogue.c */
bool operation_index_find(struct memory_session *s, struct request *r);
bool operation_index_drop(struct memory_session *s, struct request *r);
bool operation_reindex_leftovers(struct memory_session *s, struct request *r);
bool operation_goal_reached(struct memory_session *s, struct request *r);
bool operation_dependents(struct memory_session *s, struct request *r);
bool operation_structure(struct memory_session *s, struct request *r);

#endif
