#ifndef CONFITURE_CLI_PREFLIGHT_FILES_H
#define CONFITURE_CLI_PREFLIGHT_FILES_H

#include "cli/connection.h"
#include "cli/targets.h"

/*
 * What a preflight compares its end with: the files of --compare-schema, or db/schema where it is,
 * added to the bundle and to the options of the request. A static preflight compares nothing. Files
 * that cannot be read are an error only when they were asked for.
 */
MUST_USE bool preflight_files(struct cli *cli, const struct args *args, struct job_request *request,
			      struct error *err);

#endif
