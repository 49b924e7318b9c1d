#ifndef CONFITURE_CLI_STRUCTURE_H
#define CONFITURE_CLI_STRUCTURE_H

#include "cli/cli.h"
#include "shared/schema/model.h"

/*
 * The structure of what a word of the command line names: an environment ("production", or
 * "production/eu" for one target of it), a connection URL, a snapshot (*.json, made by introspect),
 * an SQL file or a folder of them. Our own tables are left out of databases; rows are never read.
 *
 * Files of SQL are loaded into an empty database: on the server of --scratch-url, or in a cluster
 * of our own on this machine that ends with the command.
 */
enum structure_from { STRUCTURE_DATABASE, STRUCTURE_SNAPSHOT, STRUCTURE_FILES };

struct structure_source {
	const char *option; /* "--from", "SRC": for messages */
	const char *word;   /* as typed; may hold a password */
	const char *target; /* a database that the session knows already; NULL: the word says */
	enum structure_from from;
	const char *shown; /* never with a password */
	/* Who owns what nobody gave an owner: the role that loaded the files, or that reads the
	 * database. NULL: a snapshot. */
	const char *role;
	const char *database; /* its name; NULL: none was read */
	struct schema_model *model;
};

/* Everything of one command: all models are of one pool, all files go to one place. */
struct structures {
	struct cli *cli;
	struct schema_pool *pool;
	const char *scratch_url;	 /* NULL */
	struct ddl_place *place;	 /* NULL until files are loaded */
	struct structure_opened *opened; /* structure_database.c */
	int major;			 /* of the newest server that was read; 0 */
	bool cached; /* what files became before may be used (structure_cache.h) */
};

void structures_open(struct structures *s, struct cli *cli, const struct args *args);
void structures_close(struct structures *s);

/*
 * Reads them all; what the words mean is judged first, and files are loaded last. Between files and
 * something else, owners that the files do not name are those of the other side
 * (structure_owners.h). Errors: CONFIG_003, CONFIG_007 and CONFIG_011 the word · SCHEMA_201 no such
 * file · DIFFER_400 the snapshot · those of pg_open(), catalog_read(), ddl_tree_read() and
 * ddl_load().
 */
MUST_USE bool structures_read(struct structures *s, struct structure_source *sources, size_t count,
			      struct error *err);

/* CONFIG_011: several databases where one is wanted. */
bool structure_several(struct cli *cli, const char *word, const struct connections *found,
		       struct error *err);

/* ---- the makes: each fills shown, role and model; of a database the model comes with all others,
 * which are read at the same time ---- */
MUST_USE bool structures_read_databases(struct structures *s, struct error *err);
void structures_close_databases(struct structures *s);
MUST_USE bool structure_of_target(struct structures *s, struct structure_source *source,
				  struct error *err);
MUST_USE bool structure_of_environment(struct structures *s, struct structure_source *source,
				       struct error *err);
/* The same two where a coordinator elsewhere knows the databases: a job of kind introspect. */
MUST_USE bool structure_of_remote(struct structures *s, struct structure_source *source,
				  struct error *err);
MUST_USE bool structure_of_remote_environment(struct structures *s, struct structure_source *source,
					      struct error *err);
MUST_USE bool structure_of_url(struct structures *s, struct structure_source *source,
			       struct error *err);
MUST_USE bool structure_of_snapshot(struct structures *s, struct structure_source *source,
				    struct error *err);
MUST_USE bool structure_of_files(struct structures *s, struct structure_source *source,
				 struct error *err);

#endif
