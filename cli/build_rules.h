#ifndef CONFITURE_CLI_BUILD_RULES_H
#define CONFITURE_CLI_BUILD_RULES_H

#include "cli/cli.h"
#include "shared/build/build.h"
#include "shared/config/config.h"

/* The settings of an environment and what the options say instead, as rules of a build; all but
 * its folders. CONFIG_004 and CONFIG_011 for an environment that is not there; CONFIG_005 for a
 * separator that cannot be used. Warns of unknown keys. */
MUST_USE bool build_rules_read(struct cli *cli, const struct args *args,
			       struct config_build *settings, struct build_rules *rules,
			       struct error *err);

#endif
