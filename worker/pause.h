#ifndef CONFITURE_WORKER_PAUSE_H
#define CONFITURE_WORKER_PAUSE_H

#include "shared/base/runtime.h"

/* Pauses between tries: doubling from `first_ms` to `most_ms`, each between half and all of it, so
 * that many who wait for the same thing do not come back together. */
struct pause {
	uint32_t first_ms;
	uint32_t most_ms;
	uint32_t next_ms;
};

static inline uint64_t
pause_next_ms(struct runtime *rt, struct pause *p)
{
	uint32_t dice;
	uint32_t full = p->next_ms == 0 ? p->first_ms : p->next_ms;

	rt->ops->random(rt, &dice, sizeof(dice));
	p->next_ms = full * 2 < p->most_ms ? full * 2 : p->most_ms;
	return full / 2 + dice % (full / 2 + 1);
}

static inline void
pause_wait(struct runtime *rt, struct pause *p)
{
	rt->ops->sleep_ns(rt, pause_next_ms(rt, p) * NS_PER_MS);
}

#endif
