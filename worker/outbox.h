#ifndef CONFITURE_WORKER_OUTBOX_H
#define CONFITURE_WORKER_OUTBOX_H

#include "worker/control.h"

/*
 * Events of one job on their way to the coordinator: bounded, in order, dropped only when they are
 * acknowledged. A coordinator that is slow makes outbox_put() wait: it slows the work instead of
 * losing events.
 */
enum { OUTBOX_BATCH = 256, OUTBOX_BATCHES = 4, OUTBOX_BATCH_BYTES = 256 * 1024 };

struct outbox;

/* Starts the thread that sends. `target` goes into every event. */
struct outbox *outbox_start(struct job_control *control, const char *target);
/* Fills in seq, time, job, attempt and target; copies. Waits while the box is full. */
void outbox_put(struct outbox *o, const struct job_event *event);
/* Waits until everything is acknowledged. False when the coordinator refused, or could not be
 * reached for so long that the events are lost with the lease. */
MUST_USE bool outbox_flush(struct outbox *o, struct error *err);
void outbox_stop(struct outbox *o);

#endif
