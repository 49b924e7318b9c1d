#ifndef CONFITURE_SQL_SANDBOX_IO_H
#define CONFITURE_SQL_SANDBOX_IO_H

#include <stdint.h>

#include "shared/base/text.h"

/* Whole messages over the socket between a daemon and its parser: a length, then the bytes. */

enum sandbox_io { SANDBOX_DONE, SANDBOX_CLOSED, SANDBOX_LATE };

/* `remaining_ms` is asked before each wait; a result of 0 is too late. NULL waits for ever. */
struct sandbox_clock {
	uint64_t (*remaining_ms)(void *self);
	void *self;
};

enum sandbox_io sandbox_send(int fd, struct span message, const struct sandbox_clock *clock);
/* Into `out`, which is cleared first; a message above its limit counts as closed. */
enum sandbox_io sandbox_receive(int fd, struct text *out, const struct sandbox_clock *clock);

#endif
