#ifndef CONFITURE_CLI_BUILD_APPLY_H
#define CONFITURE_CLI_BUILD_APPLY_H

#include "cli/cli.h"
#include "cli/project_documents.h"
#include "shared/base/secret.h"
#include "shared/build/build.h"

/*
 * Whether every statement can run in one transaction of ours, before anything runs: SCHEMA_200 for
 * a file that cannot be cut into statements (psql's own lines among them), SCHEMA_207 for a
 * statement that ends the transaction or refuses to be in one; each with its place.
 */
MUST_USE bool build_apply_check(struct cli *cli, const struct build *b, struct error *err);

/*
 * Builds a fresh database: all files, and what comes later, in one transaction. TARGET_006 when
 * somebody has made something in it; LOCK_1300 while another run holds its lock; SCHEMA_205 with
 * file, line, column and the server's words. Nothing is left behind by an error, but for JOB_003:
 * the connection was lost at COMMIT.
 */
MUST_USE bool build_apply(struct cli *cli, const struct build *b, struct secret url,
			  struct build_applied *out, struct error *err);

#endif
