#ifndef CONFITURE_NET_NNG_PIPES_H
#define CONFITURE_NET_NNG_PIPES_H

#include <nng/nng.h>

#include "shared/net/nng.h"

/*
 * The connections of one server, by NNG's id of the pipe. Not locked: the server's mutex guards it,
 * but entries are only freed by pipes_drop_gone(), which the loop thread alone calls, so that the
 * loop thread may keep a pointer until then.
 */
struct pipe_entry {
	struct pipe_entry *chain; /* in its bucket, or in the list of those that are gone */
	nng_pipe pipe;
	uint64_t last_ns;      /* when something last arrived or was answered */
	uint64_t close_at_ns;  /* close it then; 0 = it may stay */
	uint64_t closed_ns;    /* when we closed it; 0 = not yet */
	uint32_t outstanding;  /* requests not answered yet */
	bool known;	       /* authenticate was asked: `peer` or `refusal` holds */
	struct error *refusal; /* NULL: it is `peer` */
	struct net_peer peer;  /* in `arena`, as the refusal */
	struct arena arena;
};

enum { PIPE_BUCKETS = 1024 };

struct pipes {
	struct pipe_entry *buckets[PIPE_BUCKETS];
	struct pipe_entry *gone;
	uint32_t count;
	uint64_t added;
	uint64_t removed;
	uint64_t stuck;
};

void pipes_add(struct pipes *p, nng_pipe pipe, uint64_t now_ns);
/* From the table into the list of those that are gone; nothing when it is not there. */
void pipes_remove(struct pipes *p, nng_pipe pipe);
struct pipe_entry *pipes_find(struct pipes *p, int id);
void pipes_drop_gone(struct pipes *p);
void pipes_fini(struct pipes *p);

/* Puts the pipes that are to be closed now into `out` and marks them as closed; counts those that
 * stay although they were. Returns how many. */
size_t pipes_sweep(struct pipes *p, uint64_t now_ns, uint64_t idle_ns, nng_pipe *out, size_t room);
/* Every pipe that is not closed, at most `room`. */
size_t pipes_all(const struct pipes *p, struct pipe_entry **out, size_t room);

#endif
