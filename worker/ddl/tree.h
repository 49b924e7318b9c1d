#ifndef CONFITURE_WORKER_DDL_TREE_H
#define CONFITURE_WORKER_DDL_TREE_H

#include "shared/digest/digest.h"
#include "worker/ddl/load.h"

/*
 * The files of a schema: every *.sql below a folder, or one file. Names that begin with a dot are
 * passed over. Links are followed; a folder that is met again, by a link in a circle or by two
 * ways, is read once.
 */
enum {
	DDL_TREE_FILES = 100000,
	DDL_TREE_FOLDERS = 10000,
	DDL_TREE_DEPTH = 64,
	DDL_TREE_FILE_BYTES = 64 * 1024 * 1024,
	DDL_TREE_BYTES = 256 * 1024 * 1024
};

struct ddl_tree {
	struct ddl_file *files; /* sorted by their path below the folder, by codepoint */
	size_t count;
	size_t bytes;
	char sha256[SHA256_HEX]; /* over "<path below the folder> NUL <sha256 of it> NL" of each */
};

/*
 * Everything lives in the arena. No file at all is no error. Errors: SCHEMA_201 it is not there, or
 * something in it cannot be read or is no file · SCHEMA_200 bytes or a name that are not UTF-8,
 * with the place · SCHEMA_206 beyond a limit above.
 */
MUST_USE bool ddl_tree_read(const char *path, struct arena *arena, struct ddl_tree *out,
			    struct error *err);

/* There is not one statement in them: only comments, as in a project that was just made. */
bool ddl_tree_is_bare(const struct ddl_tree *tree);

#endif
