#ifndef CONFITURE_TESTS_SIM_PROJECT_H
#define CONFITURE_TESTS_SIM_PROJECT_H

#include "shared/migration/migration.h"

/*
 * What lies on the real disk, once for a process of the simulator: migration files, the workers'
 * spools, and a place for the journal, whose bytes are in memory. Every file of a project begins
 * with the same three migrations.
 */
enum project_files {
	PROJECT_PLAIN,	 /* in transactions */
	PROJECT_OUTSIDE, /* with statements outside transactions */
	PROJECT_FAILING, /* its last one fails */
	PROJECT_KINDS
};

enum { PROJECT_VERSIONS = 6, PROJECT_SPOOLS = 3, PROJECT_PATH = 96, PROJECT_OLD_JOURNALS = 16 };

struct simdisk;

struct project {
	char folder[PROJECT_PATH];
	char journal[PROJECT_PATH + 16];
	char spools[PROJECT_SPOOLS][PROJECT_PATH + 16];
	char migrations[PROJECT_KINDS][PROJECT_PATH + 16];
	struct arena arena;
	struct bundle_info bundles[PROJECT_KINDS];
	struct simdisk *image; /* a journal that was made, with the files in it */
	struct simdisk *old[PROJECT_OLD_JOURNALS]; /* empty ones of earlier versions, from 1 */
	size_t old_count;
};

/* Ends the program when the disk will not have it. */
void project_open(struct project *p);
/* The spools are empty again. */
void project_reset(const struct project *p);
void project_close(struct project *p);

/* Version i (from 0), the same in all projects that have it. */
const char *project_version(size_t i);
size_t project_version_count(enum project_files files);
/* The number in its database that a migration counts up. */
#define PROJECT_TABLE "effect"

#endif
