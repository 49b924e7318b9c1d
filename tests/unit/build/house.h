#ifndef CONFITURE_TESTS_UNIT_BUILD_HOUSE_H
#define CONFITURE_TESTS_UNIT_BUILD_HOUSE_H

#include "shared/build/build.h"

/* Builds of a few files below /p/db/schema, given as name, text, name, text, …, NULL. */
struct house {
	struct arena arena;
	struct build_dir dir;
	struct build_rules rules; /* to be changed before a build */
	struct build b;
	struct error err;
	struct text text;
};

void house_open(struct house *h);
void house_close(struct house *h);

/* The build as one text without its header; NULL with h->err when it failed. */
const char *house_build(struct house *h, const char *const *files);
/* Its warnings, one a line. */
const char *house_warnings(struct house *h);

#endif
