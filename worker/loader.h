#ifndef CONFITURE_WORKER_LOADER_H
#define CONFITURE_WORKER_LOADER_H

#include "shared/base/secret.h"
#include "shared/schema/model.h"

#include "shared/base/error.h"

/*
 * Makes a structure of schema files, by loading them into an empty database that is gone
 * afterwards. The make is in worker/ddl; a worker without one compares nothing with files.
 */
struct schema_text {
	const char *path; /* for errors and notes */
	struct span text;
};

struct schema_request {
	const struct schema_text *files;
	size_t count;
	/* Where to make the database: nowhere else than on `scratch` when that is given; else on
	 * `server`, where the role may; else in a cluster of our own, of that major version at
	 * least. */
	struct secret scratch, server;
	int major;
};

struct schema_loaded {
	struct schema_model *model; /* the pool's */
	const char *role;	    /* who loaded: the owner of what names none */
	const char *place;	    /* where, in words */
	const char **notes;	    /* what the author of the files may want to know */
	size_t note_count;
};

struct schema_loader {
	/* Texts in `arena`. Errors: those of ddl_place_open(), ddl_load() and catalog_read(). */
	bool (*load)(struct schema_loader *l, const struct schema_request *request,
		     struct schema_pool *pool, struct arena *arena, struct schema_loaded *out,
		     struct error *err);
};

/* The make that asks PostgreSQL; from worker/ddl. */
struct schema_loader *schema_loader_postgres(void);

#endif
