/*
 * The tables themselves, and what is printed from them. To renew docs/reference/settings.md after a
 * change of the table, run this program with CONFITURE_RENEW set.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/parse.h"
#include "shared/base/text.h"
#include "shared/config/settings.h"
#include "tests/support/sample.h"
#include "tests/support/unit.h"
#include "tests/unit/config/scratch_file.h"

#include "shared/base/banned.h"

static const struct settings_table *const tables[] = {&settings_environment, &settings_project,
						      &settings_coordinator, &settings_worker};

static void
check_row(const struct settings_table *table, size_t at)
{
	const struct setting *row = &table->rows[at];
	const char *dot = strrchr(row->path, '.');
	int64_t number;
	bool yes;

	CHECK(row->meaning != NULL && row->meaning[0] != '\0');
	CHECK_INT(row->remark != NULL,
		  row->status == SETTING_INERT || row->status == SETTING_REFUSED);
	CHECK_INT(row->choices != NULL, row->type == SETTING_CHOICE);
	CHECK(setting_find(table, row->path) == row); /* no path twice */
	if (row->type == SETTING_INT)
		CHECK(row->min < row->max && parse_int(row->fallback, &number) &&
		      number >= row->min && number <= row->max);
	if (row->type == SETTING_BOOL)
		CHECK(parse_bool(row->fallback, &yes));
	if (row->type == SETTING_CHOICE)
		CHECK_HAS(row->choices, row->fallback);
	if (dot == NULL)
		return;
	char parent[128];
	snprintf(parent, sizeof(parent), "%.*s", (int)(dot - row->path), row->path);
	const struct setting *above = setting_find(table, parent);
	CHECK(above != NULL && above < row && above->type == SETTING_GROUP);
	/* what stands below a key that is not read cannot be read */
	CHECK(above != NULL && (above->status == SETTING_READ || row->status != SETTING_READ));
}

static void
the_tables_are_well_formed(void)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		for (size_t k = 0; k < tables[i]->count; k++)
			check_row(tables[i], k);
	}
}

static void
every_key_of_the_python_confiture_is_known(void)
{
	static const char *const keys[] = {
		"name",
		"database_url",
		"database.host",
		"database.port",
		"database.database",
		"database.user",
		"database.password",
		"include_dirs",
		"exclude_dirs",
		"superuser_dirs",
		"superuser_post_dirs",
		"auto_backup",
		"require_confirmation",
		"build.sort_mode",
		"build.two_pass",
		"build.validate_comments.enabled",
		"build.validate_comments.fail_on_unclosed_blocks",
		"build.validate_comments.fail_on_spillover",
		"build.separators.style",
		"build.separators.custom_template",
		"build.lint.enabled",
		"build.lint.fail_on_error",
		"build.lint.fail_on_warning",
		"build.lint.rules",
		"migration.strict_mode",
		"migration.tracking_table",
		"migration.locking.enabled",
		"migration.locking.timeout_ms",
		"migration.view_helpers",
		"migration.migration_generators.*.command",
		"migration.migration_generators.*.description",
		"migration.snapshot_history",
		"migration.snapshots_dir",
		"migration.live_snapshot",
		"migration.rebuild_threshold",
		"migration.grant_dir",
		"migration.allow_unsafe_under_replication",
		"infrastructure.replicas",
		"pggit.enabled",
		"pggit.auto_init",
		"pggit.default_branch",
		"pggit.auto_commit",
		"pggit.commit_message_template",
		"pggit.require_branch",
		"pggit.protected_branches",
		"seed.execution_mode",
		"seed.continue_on_error",
		"seed.transaction_mode",
		"seed.profiles.*.include",
		"seed.profiles.*.exclude",
		"ssh_tunnel",
		"acls",
		"ownership",
		"function_coverage",
		"security_lint",
		"apply_as.*.url",
		"notifications",
		"migration_table",
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (!CHECK(setting_find(&settings_environment, keys[i]) != NULL))
			printf("    %s\n", keys[i]);
	}
}

static char *
file_text(const char *path, struct text *out)
{
	char chunk[4096];
	size_t got;
	FILE *f = fopen(path, "r");

	while (f != NULL && (got = fread(chunk, 1, sizeof(chunk), f)) > 0)
		text_put_span(out, span_of(chunk, got));
	if (f != NULL)
		fclose(f);
	return out->ptr;
}

static void
the_reference_page_is_the_table(void)
{
	struct text made, kept;

	text_init(&made, 0);
	text_init(&kept, 0);
	config_settings_markdown(&made);
	for (size_t i = 0; i < settings_environment.count; i++) {
		char cell[128];
		snprintf(cell, sizeof(cell), "| `%s` |", settings_environment.rows[i].path);
		CHECK_HAS(made.ptr, cell);
	}
	if (getenv("CONFITURE_RENEW") != NULL) {
		FILE *f = fopen(SETTINGS_PAGE, "w");
		REQUIRE(f != NULL);
		fputs(made.ptr, f);
		CHECK_INT(fclose(f), 0);
	}
	CHECK_STR(file_text(SETTINGS_PAGE, &kept), made.ptr);
	text_fini(&made);
	text_fini(&kept);
}

static void
the_sample_is_a_file_that_loads_without_a_remark(void)
{
	struct arena arena;
	struct config_environment env;
	struct config_warnings warnings = {0};
	struct error err = {0};
	struct text t;

	arena_init(&arena);
	text_init(&t, 0);
	config_sample_environment(&t);
	for (size_t i = 0; i < settings_environment.count; i++) {
		const struct setting *row = &settings_environment.rows[i];
		const char *dot = strrchr(row->path, '.');
		const char *key = dot != NULL ? dot + 1 : row->path;
		if (row->status == SETTING_READ || row->status == SETTING_BUILD)
			CHECK_HAS(t.ptr, strcmp(key, "*") == 0 ? row->example : key);
	}
	CHECK(config_environment_load(&arena, scratch_file("local.yaml", t.ptr), &env, &warnings,
				      &err));
	CHECK_INT(warnings.count, 0);
	REQUIRE(env.target_count == 1);
	CHECK_STR(env.targets[0].name, "local");
	CHECK_STR(secret_reveal(env.targets[0].url),
		  "postgresql://postgres@localhost:5432/postgres");
	text_fini(&t);
	arena_fini(&arena);
	scratch_clean();
}

/* Each line that is commented out is a setting that works when its "#" is taken away. */
static void
check_switched_on(const struct settings_table *table, const struct text *sample)
{
	static const char *const none[] = {NULL};
	struct arena arena;
	struct node root;
	struct config_warnings warnings = {0};
	struct error err = {0};
	struct settings_check check = {&arena, table->file, &warnings, &err};
	struct text on;

	arena_init(&arena);
	text_init(&on, 0);
	sample_switch_on(sample->ptr, none, &on);
	bool ok = document_parse(&arena, table->file, text_span(&on), &root, &err) &&
		  settings_check_build(&check, table, &root);
	CHECK_STR(ok ? "" : err.message, "");
	CHECK_INT(warnings.count, 0);
	for (size_t i = 0; ok && i < table->count; i++) {
		const struct setting *row = &table->rows[i];
		if ((row->status != SETTING_READ && row->status != SETTING_BUILD) ||
		    strchr(row->path, '*') != NULL)
			continue;
		const struct node *node = document_get(&root, row->path);
		CHECK(node != NULL);
		if (node != NULL && node->kind == NODE_TEXT)
			CHECK_STR(node->text, row->fallback ? row->fallback : node->text);
	}
	text_fini(&on);
	arena_fini(&arena);
}

static void
every_line_of_the_samples_can_be_switched_on(void)
{
	struct text t;

	(void)!setenv("DATABASE_PASSWORD", "secret", 1);
	(void)!setenv("WORKER_TOKEN", "secret", 1);
	text_init(&t, 0);
	config_sample_environment(&t);
	check_switched_on(&settings_environment, &t);
	text_clear(&t);
	settings_print_sample(&t, &settings_coordinator);
	check_switched_on(&settings_coordinator, &t);
	text_clear(&t);
	settings_print_sample(&t, &settings_worker);
	check_switched_on(&settings_worker, &t);
	text_fini(&t);
}

static const struct unit_case cases[] = {
	CASE(the_tables_are_well_formed),
	CASE(every_key_of_the_python_confiture_is_known),
	CASE(the_reference_page_is_the_table),
	CASE(the_sample_is_a_file_that_loads_without_a_remark),
	CASE(every_line_of_the_samples_can_be_switched_on),
};

int
main(int argc, char **argv)
{
	return unit_main("config settings", cases, ARRAY_LEN(cases), argc, argv);
}
