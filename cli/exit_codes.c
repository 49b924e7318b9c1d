/*
 * The contract of exit codes. 0 to 8 are the Python confiture's; 9 and 10 are new. Which error code
 * ends in which exit code is the error table's knowledge, so that both lists cannot differ.
 */
#include "cli/exit_codes.h"

#include <stdlib.h>
#include <string.h>

#include "shared/wire/record.h"

#include "shared/base/banned.h"

const struct exit_class exit_classes[EXIT_CLASSES] = {
	{"ok", "done, or nothing to do"},
	{"internal_error", "findings, failed SQL, or an unexpected failure"},
	{"precondition_failed", "wrong usage, or the tracking table does not exist"},
	{"db_unreachable", "no connection, or a migration failed"},
	{"schema_error", "the schema files are wrong"},
	{"invalid_config", "the configuration is wrong"},
	{"lock_contention", "somebody else holds the lock"},
	{"git_error", "git failed, or preflight has findings"},
	{"irreversible_rollback", "a rollback failed or is not possible"},
	{"outcome_unknown", "the database could not be asked what happened"},
	{"cancelled", "cancelled on request"},
};

static int
by_name(const void *a, const void *b)
{
	const struct error_code *const *x = a;
	const struct error_code *const *y = b;
	return strcmp((*x)->name, (*y)->name);
}

void
exit_codes_all(const struct error_code *out[ERROR_CODE_COUNT])
{
	for (size_t i = 0; i < ERROR_CODE_COUNT; i++)
		out[i] = error_code((enum error_id)i);
	qsort(out, ERROR_CODE_COUNT, sizeof(*out), by_name);
}

size_t
exit_codes_of(int exit_code, const struct error_code *out[ERROR_CODE_COUNT])
{
	const struct error_code *all[ERROR_CODE_COUNT];
	exit_codes_all(all);
	size_t n = 0;
	for (size_t i = 0; i < ERROR_CODE_COUNT; i++)
		if (all[i]->exit_code == exit_code)
			out[n++] = all[i];
	return n;
}

void
exit_codes_markdown(struct text *out)
{
	text_put(out, "| Exit | Class | Meaning | Error codes |\n|---|---|---|---|\n");
	for (int e = 0; e < EXIT_CLASSES; e++) {
		const struct error_code *codes[ERROR_CODE_COUNT];
		size_t n = exit_codes_of(e, codes);
		text_printf(out, "| %d | %s | %s | ", e, exit_classes[e].name,
			    exit_classes[e].meaning);
		for (size_t i = 0; i < n; i++)
			text_printf(out, "%s%s", i > 0 ? ", " : "", codes[i]->name);
		text_put(out, " |\n");
	}
}

static void
put_string(struct text *out, const char *s)
{
	json_put_string(out, span_str(s));
}

static void
put_exit_code(struct text *out, int e)
{
	const struct error_code *codes[ERROR_CODE_COUNT];
	size_t n = exit_codes_of(e, codes);
	text_printf(out, "    \"%d\": {\n      \"class\": ", e);
	put_string(out, exit_classes[e].name);
	text_put(out, ",\n      \"meaning\": ");
	put_string(out, exit_classes[e].meaning);
	text_put(out, ",\n      \"symbolic_codes\": [");
	for (size_t i = 0; i < n; i++) {
		text_put(out, i > 0 ? ",\n        " : "\n        ");
		put_string(out, codes[i]->name);
	}
	text_put(out, n > 0 ? "\n      ]\n    }" : "]\n    }");
}

void
exit_codes_json(struct text *out)
{
	/* the numbers as texts, in the order of texts */
	static const int order[EXIT_CLASSES] = {0, 1, 10, 2, 3, 4, 5, 6, 7, 8, 9};
	text_put(out, "{\n  \"classes\": [");
	for (int e = 0; e < EXIT_CLASSES; e++) {
		text_put(out, e > 0 ? ",\n    " : "\n    ");
		put_string(out, exit_classes[e].name);
	}
	text_put(out, "\n  ],\n  \"exit_codes\": {\n");
	for (int i = 0; i < EXIT_CLASSES; i++) {
		put_exit_code(out, order[i]);
		text_put(out, i + 1 < EXIT_CLASSES ? ",\n" : "\n");
	}
	text_put(out, "  },\n  \"no_ledger_error_code\": ");
	put_string(out, error_code(E_PRECON_1001)->name);
	text_put(out, "\n}\n");
}
