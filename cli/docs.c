/*
 * The reference pages: commands, errors, exit codes, settings and the JSON schemas. Each is printed
 * from the table that the program itself works with.
 */
#include "cli/docs.h"

#include <ctype.h>
#include <string.h>

#include "cli/args.h"
#include "cli/documents.h"
#include "cli/exit_codes.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/introspection.h"
#include "cli/project_documents.h"
#include "cli/structure_documents.h"
#include "cli/suggest.h"
#include "shared/config/config.h"
#include "shared/wire/codec.h"
#include "shared/wire/messages.h"

#include "shared/base/banned.h"

static const char printed[] =
	"<!-- Printed by `confiture --docs`; changes belong into the program's tables. -->\n\n";

/* Text in a cell of a Markdown table. */
static void
put_cell(struct text *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '|')
			text_put(out, "\\|");
		else if (*s == '\n')
			text_put(out, "<br>");
		else if (*s == '<')
			text_put(out, "&lt;");
		else
			text_put_char(out, *s);
	}
}

static void
put_option_rows(struct arena *arena, struct text *out, const struct option *rows)
{
	for (; rows != NULL && rows->name != NULL; rows++) {
		if (rows->name[0] == '\0' || !help_shows(rows))
			continue;
		const char *left = help_option_left(arena, rows);
		text_put(out, "| `");
		put_cell(out, left + strspn(left, " "));
		text_put(out, "` | ");
		put_cell(out, help_option_right(arena, rows));
		text_put(out, " |\n");
	}
}

static void
put_options(struct arena *arena, struct text *out, const struct command *c)
{
	text_put(out, "| Option | Meaning |\n|---|---|\n");
	put_option_rows(arena, out, c->options);
	for (size_t i = 0; c->option_sets != NULL && c->option_sets[i] != NULL; i++)
		put_option_rows(arena, out, c->option_sets[i]);
	text_put(out, "| `-h, --help` | show help |\n\n");
	const char *idle = help_without_effect(arena, c);
	if (idle != NULL)
		text_printf(out, "Accepted, without effect: %s\n\n", idle);
}

static void
put_examples(struct text *out, const struct command *c)
{
	if (c->examples == NULL)
		return;
	text_put(out, "```sh\n");
	for (const char *const *e = c->examples; *e != NULL; e++) {
		const char *bar = strrchr(*e, '|');
		text_printf(out, "# %s\n%.*s\n", bar + 1, (int)(bar - *e), *e);
	}
	text_put(out, "```\n\n");
}

static void
put_exit_codes(struct text *out, const char *list)
{
	struct span number;
	struct span words;
	if (list == NULL)
		return;
	text_put(out, "| Exit code | When |\n|---|---|\n");
	while (help_next_exit_code(&list, &number, &words))
		text_printf(out, "| %.*s | %.*s |\n", (int)number.len, number.ptr, (int)words.len,
			    words.ptr);
	text_put_char(out, '\n');
}

static void
put_command(struct arena *arena, struct text *out, const struct command *c)
{
	text_printf(out, "## %s\n\n`%s`\n\n%c%s.\n\n", help_full_name(arena, c),
		    help_usage(arena, c), toupper((unsigned char)c->summary[0]), c->summary + 1);
	if (c->description != NULL)
		text_printf(out, "%s\n\n", c->description);
	if (c->arguments != NULL)
		text_put(out, "| Argument | Meaning |\n|---|---|\n");
	for (const struct argument *a = c->arguments; a != NULL && a->name != NULL; a++) {
		text_printf(out, "| `%s` | ", a->name);
		put_cell(out, a->help);
		text_put(out, " |\n");
	}
	if (c->arguments != NULL)
		text_put_char(out, '\n');
	put_options(arena, out, c);
	put_examples(out, c);
	put_exit_codes(out, c->exit_codes);
}

static void
make_commands(struct text *out)
{
	struct arena arena;
	arena_init(&arena);
	text_printf(out, "# Commands\n\n%s", printed);
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i].hidden && commands[i].run != NULL)
			put_command(&arena, out, &commands[i]);
	out->ptr[--out->len] = '\0';
	arena_fini(&arena);
}

static void
make_errors(struct text *out)
{
	text_printf(out,
		    "# Error codes\n\n%s`confiture explain CODE` prints the same.\n\n"
		    "| Code | Exit | Severity | Meaning | Why | Next step |\n"
		    "|---|---|---|---|---|---|\n",
		    printed);
	const struct error_code *all[ERROR_CODE_COUNT];
	exit_codes_all(all);
	for (size_t i = 0; i < ERROR_CODE_COUNT; i++) {
		text_printf(out, "| %s | %d | %s | ", all[i]->name, all[i]->exit_code,
			    error_severity_name(all[i]->severity));
		put_cell(out, all[i]->meaning);
		text_put(out, " | ");
		put_cell(out, all[i]->why);
		text_put(out, " | ");
		put_cell(out, all[i]->remedy);
		text_put(out, " |\n");
	}
}

static void
make_exit_codes(struct text *out)
{
	text_printf(out, "# Exit codes\n\n%s", printed);
	exit_codes_markdown(out);
	text_put(out, "\nOf several targets the worst decides, in the order "
		      "9 > 8 > 3 > 7 > 6 > 5 > 4 > 2 > 1 > 10 > 0.\n");
}

static void
make_schema_list(struct text *out)
{
	text_printf(out, "# JSON documents\n\n%s| Schema | Printed by |\n|---|---|\n", printed);
	for (size_t i = 0; i < docs_schema_count; i++)
		text_printf(out, "| [%s](%s) | %s |\n", docs_schemas[i].file, docs_schemas[i].file,
			    docs_schemas[i].command);
	text_put(out, "\n`job attach` prints the document of the command that made the job. With "
		      "`-f ndjson` the last line is\nthe document in one line, with "
		      "`\"kind\":\"result\"` as its first key.\n");
}

const struct docs_page docs_pages[] = {
	{"commands.md", make_commands},
	{"errors.md", make_errors},
	{"exit-codes.md", make_exit_codes},
	{"protocol.md", protocol_page},
	{"settings.md", config_settings_markdown},
	{"json-schemas/README.md", make_schema_list},
};
const size_t docs_page_count = ARRAY_LEN(docs_pages);

const struct docs_schema docs_schemas[] = {
	{"init.json", &record_init_result, "`init`"},
	{"build.json", &record_build_result, "`build`"},
	{"diff.json", &record_diff_result, "`diff`"},
	{"drift.json", &record_drift_result, "`drift`"},
	{"introspect-db.json", &record_introspection_result, "`introspect --db`"},
	{"introspect.json", &record_structure, "`introspect`: a snapshot"},
	{"fingerprint.json", &record_fingerprint_result, "`fingerprint`"},
	{"migrate-up.json", &record_up_result, "`migrate up`"},
	{"migrate-down.json", &record_down_result, "`migrate down`"},
	{"migrate-down-to.json", &record_down_to_result, "`migrate down-to`"},
	{"migrate-status.json", &record_status_result, "`migrate status`"},
	{"migrate-current.json", &record_current_result, "`migrate current`"},
	{"migrate-baseline.json", &record_baseline_result, "`migrate baseline`"},
	{"migrate-preflight.json", &record_preflight_result, "`migrate preflight`"},
	{"migrate-diff.json", &record_migrate_diff_result, "`migrate diff`"},
	{"migrate-generate.json", &record_generate_result, "`migrate generate`"},
	{"migrate-verify.json", &record_verify_result, "`migrate verify`"},
	{"migrate-validate.json", &record_validate_result, "`migrate validate`"},
	{"verify-checksums.json", &record_checksum_result, "`verify-checksums`"},
	{"validate-config.json", &record_config_result, "`validate-config`"},
	{"explain.json", &record_code_page, "`explain CODE`"},
	{"explain-all.json", &record_code_list, "`explain`"},
	{"job-list.json", &record_job_list, "`job list`"},
	{"job-show.json", &record_job_shown, "`job show`"},
	{"job-info.json", &record_job_info, "`job cancel`, `job settle`, `--detach`"},
	{"worker-list.json", &record_worker_list, "`worker list`"},
	{"worker-change.json", &record_worker_change, "`worker drain`, `worker forget`"},
	{"coordinate-register.json", &record_intent_registered, "`coordinate register`"},
	{"coordinate-check.json", &record_intent_checked, "`coordinate check`"},
	{"coordinate-status.json", &record_intent_shown, "`coordinate status`"},
	{"coordinate-list-intents.json", &record_intent_list, "`coordinate list-intents`"},
	{"coordinate-conflicts.json", &record_conflicted_list, "`coordinate conflicts`"},
	{"coordinate-resolve.json", &record_conflict_resolved, "`coordinate resolve`"},
	{"coordinate-move.json", &record_intent_moved,
	 "`coordinate start`, `complete`, `merge`, `renew`, `release`, `abandon`"},
	{"coordinate-claims.json", &record_claim_list, "`coordinate claims`"},
	{"coordinate-history.json", &record_intent_events, "`coordinate history`, `watch`"},
	{"coordinate-event.json", &record_intent_event,
	 "`coordinate watch -f ndjson`: each line but the last"},
	{"coordinate-import.json", &record_registry_imported, "`coordinate import`"},
	{"audit-show.json", &record_audit_log, "`audit show`"},
	{"audit-verify.json", &record_audit_report, "`audit verify`"},
	{"audit-export.json", &record_audit_export, "`audit export`"},
	{"doctor.json", &record_doctor_result, "`doctor`"},
	{"targets.json", &record_targets_result, "any command that ran on several targets"},
	{"event.json", &record_job_event, "`-f ndjson`: each line but the last"},
	{"error.json", &record_error_envelope, "any command that failed before it had a result"},
};
const size_t docs_schema_count = ARRAY_LEN(docs_schemas);

static bool
write_page(struct arena *arena, const char *dir, const char *file, struct text *page,
	   struct error *err)
{
	return file_replace(arena_printf(arena, "%s/%s", dir, file), page->ptr, err);
}

bool
docs_write(struct arena *arena, const char *dir, struct error *err)
{
	const char *schemas = arena_printf(arena, "%s/json-schemas", dir);
	if (!folder_make(arena, schemas, err))
		return false;
	struct text page;
	text_init(&page, 0);
	bool ok = true;
	for (size_t i = 0; ok && i < docs_page_count; i++) {
		text_clear(&page);
		docs_pages[i].make(&page);
		ok = write_page(arena, dir, docs_pages[i].file, &page, err);
	}
	for (size_t i = 0; ok && i < docs_schema_count; i++) {
		text_clear(&page);
		record_schema(&page, docs_schemas[i].of, docs_schemas[i].file);
		text_put(&page, page.len > 0 && page.ptr[page.len - 1] == '\n' ? "" : "\n");
		ok = write_page(arena, schemas, docs_schemas[i].file, &page, err);
	}
	text_fini(&page);
	return ok;
}
