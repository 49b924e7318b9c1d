#ifndef CONFITURE_WORKER_POSTGRES_SCRATCH_H
#define CONFITURE_WORKER_POSTGRES_SCRATCH_H

#include "shared/pg/connection.h"
#include "worker/postgres/local_cluster.h"
#include "worker/postgres/temporary.h"
#include "worker/target.h"

/* Scratch copies of a database: target_factory's scratch_open and scratch_close. */
bool postgres_scratch_open(struct target_factory *f, enum scratch_kind kind,
			   const struct target_spec *source, struct arena *arena,
			   struct scratch **out, struct target_spec *spec, struct error *err);
void postgres_scratch_close(struct target_factory *f, struct scratch *scratch);

/* The two kinds, each in a file of its own. `admin` is a session on the source's server. */
struct scratch {
	enum scratch_kind kind;
	struct pg_conn *admin;
	char clone[TEMPORARY_NAME];
	struct local_cluster cluster; /* of a throwaway */
};

bool clone_make(struct scratch *s, const struct target_spec *source, struct arena *arena,
		struct target_spec *spec, struct error *err);
void clone_drop(struct scratch *s);

bool throwaway_make(struct scratch *s, const struct target_spec *source, struct arena *arena,
		    struct target_spec *spec, struct error *err);
void throwaway_drop(struct scratch *s);

#endif
