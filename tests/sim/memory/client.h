#ifndef CONFITURE_TESTS_MEMORY_CLIENT_H
#define CONFITURE_TESTS_MEMORY_CLIENT_H

#include "tests/sim/memory/internal.h"

/* What the two files of client operations share. */

/* One round trip of a statement of ours. */
MUST_USE bool memory_ask(struct memory_session *s, struct request *r, struct error *err);
/* A statement that this client cancelled failed for that reason: JOB_004. Returns false. */
bool memory_failed(struct memory_session *s, struct error *err);

bool client_lock_try(struct target *t, bool *held, struct error *err);
bool client_lock_announce(struct target *t, const char *command, struct error *err);
bool client_lock_read(struct target *t, struct arena *arena, struct lock_state *out,
		      struct error *err);
bool client_lock_release(struct target *t, struct error *err);
bool client_ledger_read(struct target *t, struct arena *arena, struct ledger *out,
			struct error *err);
bool client_ledger_ensure(struct target *t, struct error *err);
bool client_fence_read(struct target *t, struct arena *arena, struct fence_owner *out,
		       struct error *err);
bool client_fence_evict(struct target *t, const struct fence_owner *owner, struct error *err);
bool client_fence_take(struct target *t, const struct fence_claim *claim, struct error *err);
bool client_steps_of(struct target *t, const char *job, int64_t attempt, int64_t *committed,
		     int64_t *planned, struct error *err);
bool client_versions_of(struct target *t, struct arena *arena, const char *job,
			const char ***versions, size_t *count, struct error *err);
bool client_marks_read(struct target *t, struct arena *arena, const char *version,
		       const char *direction, struct statement_mark **out, size_t *count,
		       struct error *err);
bool client_mark_write(struct target *t, const struct statement_mark *mark, struct error *err);
bool client_mark_clear(struct target *t, const char *version, const char *direction,
		       uint32_t statement, struct error *err);
bool client_marks_list(struct target *t, struct arena *arena, const char ***versions, size_t *count,
		       struct error *err);
bool client_index_find(struct target *t, struct arena *arena, const struct sql_goal *goal,
		       struct index_info *out, struct error *err);
bool client_index_drop(struct target *t, const struct index_info *index, struct error *err);
bool client_reindex_leftovers(struct target *t, struct arena *arena, const struct sql_goal *goal,
			      struct index_info **out, size_t *count, struct error *err);
bool client_goal_reached(struct target *t, const struct sql_goal *goal, bool *reached,
			 struct error *err);
bool client_dependents(struct target *t, struct arena *arena, const struct sql_object *object,
		       struct object_dependents *out, struct error *err);
bool client_structure(struct target *t, struct schema_pool *pool, struct schema_model **out,
		      struct error *err);
bool client_structure_note(struct target *t, const char *fingerprint, struct error *err);
bool client_structure_noted(struct target *t, struct arena *arena, struct structure_note *out,
			    struct error *err);

#endif
