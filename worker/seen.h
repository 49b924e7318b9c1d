#ifndef CONFITURE_WORKER_SEEN_H
#define CONFITURE_WORKER_SEEN_H

#include "worker/worker.h"

/*
 * What the coordinator last said of its audit chain. It is shown with each greeting, so that a
 * chain which does not contain it any more is found out, and it outlives the worker in its memory.
 * Thread-safe.
 */
struct seen;

/* `memory` NULL: only as long as this lives. */
struct seen *seen_new(struct runtime *rt, struct worker_memory *memory);
void seen_free(struct seen *s);
/* A copy; NULL: nothing was seen yet. */
struct chain_head *seen_head(struct seen *s, struct arena *a);
/* AUDIT_002 when the chain is shorter than it was, or another one of the same length; then what was
 * seen stays. NULL is fine: an older coordinator says nothing. */
MUST_USE bool seen_note(struct seen *s, const struct chain_head *now, struct error *err);

#endif
