#ifndef CONFITURE_CLI_CSV_H
#define CONFITURE_CLI_CSV_H

#include "cli/cli.h"
#include "shared/base/text.h"

/* Tables for spreadsheets (RFC 4180). */

/* One cell, in quotes where it needs them, and what stands behind it: ',' or '\n'. */
void csv_cell(struct text *out, const char *value, char end);
/* To `file`, which is made or replaced, or to standard output. */
MUST_USE bool csv_show(struct cli *cli, const struct text *csv, const char *file,
		       struct error *err);

#endif
