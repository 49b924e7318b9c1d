#ifndef CONFITURE_BUILD_PATHS_H
#define CONFITURE_BUILD_PATHS_H

#include "shared/base/span.h"

/* Absolute paths as lists of components. */

/* The folder that holds both: "/a/b" and "/a/bc" have "/a". */
struct span path_common(struct span a, struct span b);
/* "/a/b" has "/a"; "/" has itself. */
struct span path_parent(struct span path);
/* `path` without the folder and the "/" after it; `path` itself where it lies elsewhere. */
const char *path_below(struct span folder, const char *path);

#endif
