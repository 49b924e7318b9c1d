#ifndef CONFITURE_CLI_AUDIT_FILE_H
#define CONFITURE_CLI_AUDIT_FILE_H

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/wire/messages.h"

/*
 * Proves a file that `audit export` made, JSON or lines of it, without any journal. USAGE_001 when
 * it cannot be read or is no such file; what does not fit is in the report.
 */
MUST_USE bool audit_file_verify(struct arena *arena, const char *path, struct audit_report *out,
				struct error *err);

#endif
