#ifndef CONFITURE_CLI_JOURNAL_PLACE_H
#define CONFITURE_CLI_JOURNAL_PLACE_H

#include "shared/base/arena.h"
#include "shared/base/error.h"

/* Where the journal of a project lies. Nothing is made by asking. */
struct journal_place {
	const char *file;   /* …/journal.db */
	const char *folder; /* that it lies in; may not exist yet */
	/* Why it does not lie beside the project, in words for the user; NULL when it does. */
	const char *moved;
};

/*
 * <git common dir>/confiture/journal.db, so that all worktrees share it; without git
 * .confiture/journal.db in `project`. Where that cannot be written or lies on a network file
 * system: $XDG_STATE_HOME/confiture/<hash of the place>/journal.db. JRNL_001 when there is no home
 * for that either.
 */
MUST_USE bool journal_place_find(struct arena *arena, const char *project,
				 struct journal_place *out, struct error *err);

/* Makes the folder with its parents, mode 0700. */
MUST_USE bool journal_place_make(const struct journal_place *place, struct error *err);

/* The common git directory of `path` or of a folder above it; NULL when there is none. */
const char *git_common_dir(struct arena *arena, const char *path);

/* The worktree that `path` is in, and the branch that is checked out there (NULL: none). False
 * outside git. */
struct git_place {
	const char *worktree;
	const char *branch;
};
MUST_USE bool git_place_find(struct arena *arena, const char *path, struct git_place *out);

/* The same for where this process stands; outside git that folder counts as a worktree. */
void git_place_here(struct arena *arena, struct git_place *out);

/* SQLite's locks and shared memory cannot be trusted there. `type` is statfs' f_type. */
bool journal_place_remote(long type);

#endif
