#ifndef CONFITURE_WORKER_POSTGRES_LOCAL_CLUSTER_H
#define CONFITURE_WORKER_POSTGRES_LOCAL_CLUSTER_H

#include <stdbool.h>

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/secret.h"
#include "shared/pg/connection.h"

/*
 * An empty PostgreSQL cluster on this machine for a while: initdb, then postgres on a private
 * socket, no TCP, superuser "postgres" without a password. As root it runs as the user postgres.
 * Its folder holds a lock file; a folder whose lock is free belongs to a run that died, and is
 * removed by the next one. The server itself is told by the system when we die.
 */
struct local_cluster {
	char folder[128];
	int owner_fd;	/* the lock that says we are alive; -1 = none */
	int postmaster; /* its process; 0 = none */
};

/* `bin` is the folder of the server programs (program_folder()), `encoding` one of PostgreSQL's.
 * *out is a session with the database postgres. On false nothing is left. */
MUST_USE bool local_cluster_open(struct local_cluster *c, const char *bin, const char *encoding,
				 struct arena *arena, struct pg_conn **out, struct error *err);
struct secret local_cluster_url(const struct local_cluster *c, struct arena *arena);
/* Ends the server and removes the folder. One that was never opened (zeroed, owner_fd -1) is fine.
 */
void local_cluster_close(struct local_cluster *c);

#endif
