#ifndef CONFITURE_CLI_BUILD_FILES_H
#define CONFITURE_CLI_BUILD_FILES_H

#include "cli/cli.h"
#include "shared/build/build.h"
#include "shared/config/config.h"

/* The files of a build, from the disk. */
enum { BUILD_FILES_MOST = 100000, BUILD_FOLDERS_DEEP = 64 };
#define BUILD_BYTES_MOST ((size_t)192 * 1024 * 1024)

struct build_tree {
	struct arena *arena;
	const char *project; /* its folder, as it was given */
	const char *output;  /* absolute; a file that is never part of a build; may be NULL */
	struct build_file *files;
	size_t count, cap;
	size_t bytes;
	const char **warnings; /* of folders that may be missing, and of files that are left out */
	size_t warning_count, warning_cap;
};

/*
 * Finds and reads them all; fills the folders of `rules`. CONFIG_005 for a folder that is not
 * there, with its place in the settings; SCHEMA_201 for a folder or file that cannot be read,
 * SCHEMA_206 for more than the limits above.
 */
MUST_USE bool build_tree_read(struct build_tree *t, const struct config_build *settings,
			      struct build_rules *rules, struct error *err);

#endif
