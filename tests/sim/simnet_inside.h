#ifndef CONFITURE_TESTS_SIM_SIMNET_INSIDE_H
#define CONFITURE_TESTS_SIM_SIMNET_INSIDE_H

#include "shared/base/text.h"
#include "tests/sim/simnet.h"

/* What the files of the simulated net share. Nobody else includes it. */

struct pipe {
	struct simnet *net;
	struct sim_client *client;
	struct sim_server *server;
	bool client_end, server_end; /* believes in the connection */
	uint32_t outstanding;
	uint64_t last_ns[2]; /* the newest delivery in each direction */
	struct frame *frames, **frames_end;
	struct pipe *next;
};

/* A message under way. */
struct frame {
	struct pipe *pipe;
	bool to_server;
	uint32_t id;
	size_t len;
	struct timer timer;
	struct frame *next;
	char bytes[];
};

/* One call; on its caller's stack. */
struct exchange {
	uint32_t id;
	enum { EXCHANGE_WAITS, EXCHANGE_ANSWERED, EXCHANGE_LOST } state;
	char *bytes;
	size_t len;
	struct wait_list changed;
	struct exchange *next, **link;
};

struct sim_client {
	struct net_client base; /* first */
	struct simnet *net;
	struct process *process;
	int place;
	struct net_peer peer;
	uint32_t first_contact_ms;
	bool reached, connecting;
	struct pipe *pipe;
	struct wait_list changed; /* the pipe */
	struct exchange *exchanges;
	uint32_t last_id;
	struct sim_client *next;
};

struct sim_request {
	struct net_request r; /* first */
	struct pipe *pipe;
	uint32_t id;
	struct frame *frame; /* until it is decoded */
	struct sim_request *link;
};

struct sim_server {
	struct net_server base; /* first */
	struct simnet *net;
	struct process *process;
	struct sim_request *queue, **queue_end;
	size_t outstanding;
	struct wait_list arrived;
	bool woken;
};

struct simnet {
	struct world *world;
	struct simnet_rules rules;
	struct simnet_watch watch;
	struct sim_server *server; /* NULL: nobody listens */
	bool host_off;		   /* and nobody refuses either */
	struct sim_client *clients;
	struct pipe *pipes;
	uint64_t parted_ns[SIMNET_PLACES];
};

/* ---- simnet.c ---- */
uint64_t simnet_now(const struct simnet *n);
bool simnet_parted(const struct simnet *n, int place);
/* How long the next message takes. */
uint64_t simnet_delay(struct simnet *n);
void simnet_open(struct sim_client *c);
void simnet_send(struct pipe *p, bool to_server, uint32_t id, struct span bytes);

#endif
