/*
 * The tables of settings. Every key that the Python confiture knows stands here, so that its files
 * work unedited, each with what becomes of it: read, left to another command, or accepted and
 * without effect, which is said.
 */
#include "shared/config/settings.h"

#include <stddef.h>
#include <string.h>

#include "shared/config/settings_rows.h"

#include "shared/base/banned.h"

/* clang-format off */
static const struct setting environment_rows[] = {
	TEXT("name", ELSEWHERE, NULL, "name of the environment; the name of the file counts"),
	SECRET("database_url", READ, "connection URL, postgresql://user@host:port/database; wins over `database`", .example = "postgresql://postgres@localhost:5432/postgres"),
	GROUP("database", READ, "the connection in parts, where there is no `database_url`"),
	TEXT("database.host", READ, "localhost", "server name, address, or folder of its socket"),
	INT("database.port", READ, 1, 65535, "5432", "port of the server"),
	TEXT("database.database", READ, "postgres", "name of the database"),
	TEXT("database.user", READ, "postgres", "role to connect as"),
	SECRET("database.password", READ, "its password; better kept in `password_file`", .example = "\"${DATABASE_PASSWORD}\""),
	TEXT("password_file", READ, NULL, "file whose first line is the password; a relative path starts at this file's folder", .example = "local.password"),
	GROUP("targets", READ, "the databases of an environment that has several, by name, in place of `database_url`"),
	GROUP("targets.*", READ, "one database; its target is called <environment>/<name>", .example = "eu"),
	SECRET("targets.*.database_url", READ, "its connection URL", .example = "postgresql://postgres@localhost/shop_eu"),
	TEXT("targets.*.password_file", READ, NULL, "its password file", .example = "local.password"),
	TEXT("targets.*.tracking_table", READ, NULL, "its ledger, where it differs from `migration.tracking_table`", .example = "tb_confiture"),
	BOOL("protected", READ, "false", "marks an environment that is not to be changed lightly"),
	GROUP("migration", READ, "how migrations are run"),
	TEXT("migration.tracking_table", READ, "tb_confiture", "the ledger: a table, or schema.table"),
	BOOL("migration.strict_mode", READ, "false", "a .sql file that is no migration stops `migrate up`"),
	CHOICE("migration.view_helpers", ELSEWHERE, "auto|manual|off", "auto", "whether view helper functions are installed"),
	GROUP("migration.migration_generators", ELSEWHERE, "external generators, by name"),
	GROUP("migration.migration_generators.*", ELSEWHERE, "one generator"),
	TEXT("migration.migration_generators.*.command", ELSEWHERE, NULL, "its command, with {from}, {to} and {output}"),
	TEXT("migration.migration_generators.*.description", ELSEWHERE, NULL, "what it is for"),
	BOOL("migration.snapshot_history", ELSEWHERE, "true", "keep a snapshot of the structure per migration"),
	TEXT("migration.snapshots_dir", ELSEWHERE, "db/schema_history", "where the snapshots lie"),
	BOOL("migration.live_snapshot", ELSEWHERE, "false", "take snapshots from a live database"),
	INT("migration.rebuild_threshold", ELSEWHERE, 0, 1000000, "5", "pending migrations from which a rebuild is proposed"),
	TEXT("migration.grant_dir", ELSEWHERE, "db/7_grant", "folder of the grant files"),
	BOOL("migration.allow_unsafe_under_replication", ELSEWHERE, "false", "replica findings do not fail a preflight"),
	INERT("migration.locking", GROUP, NULL, "the runner's lock; only --no-lock and --lock-timeout count"),
	INERT("migration.locking.enabled", BOOL, "true", "use --no-lock instead"),
	{.path = "migration.locking.timeout_ms", .type = SETTING_INT, .status = SETTING_INERT, .fallback = "30000",
	 .max = INT32_MAX, .meaning = "use --lock-timeout instead", .remark = NOT_IN_EFFECT},
	OPEN("include_dirs", BUILD, "folders of the schema tree: paths, or maps with `path`, `recursive` (true), `include` (**/*.sql), `exclude`, `order` (0) and `auto_discover` (true: it may be missing)"),
	TEXTS("exclude_dirs", BUILD, "folders left out of the schema tree", .example = "[db/schema/drafts]"),
	OPEN("superuser_dirs", ELSEWHERE, "folders that a superuser runs first"),
	OPEN("superuser_post_dirs", ELSEWHERE, "folders that a superuser runs last"),
	GROUP("build", BUILD, "how the schema tree is put together"),
	CHOICE("build.sort_mode", BUILD, "alphabetical|hex", "alphabetical", "order of the files: by name, or by the number in base 16 that their names and folders begin with"),
	BOOL("build.two_pass", BUILD, "false", "foreign keys after all files, so that tables need no order"),
	GROUP("build.validate_comments", BUILD, "checks of where files end"),
	BOOL("build.validate_comments.enabled", BUILD, "true", "whether they run"),
	BOOL("build.validate_comments.fail_on_unclosed_blocks", BUILD, "true", "a file that ends inside a comment, string or parenthesis is an error"),
	BOOL("build.validate_comments.fail_on_spillover", BUILD, "true", "the same, where another file follows"),
	GROUP("build.separators", BUILD, "lines between the files"),
	CHOICE("build.separators.style", BUILD, "block_comment|line_comment|mysql|custom", "block_comment", "their form; mysql is refused, since PostgreSQL does not know it"),
	{.path = "build.separators.custom_template", .type = SETTING_LINES, .status = BUILD, .meaning = "the custom form, with {file_path}", .example = "\"-- {file_path}\""},
	INERT("build.lint", GROUP, NULL, "lint during a build"),
	INERT("build.lint.enabled", BOOL, "false", "whether it runs"),
	INERT("build.lint.fail_on_error", BOOL, "true", "errors stop the build"),
	INERT("build.lint.fail_on_warning", BOOL, "false", "warnings stop the build"),
	INERT("build.lint.rules", TEXTS, NULL, "rules that run"),
	GROUP("infrastructure", ELSEWHERE, "what stands around the database"),
	TEXTS("infrastructure.replicas", ELSEWHERE, "names of replicas; with any, replica findings are errors"),
	GROUP("seed", ELSEWHERE, "seed files"),
	CHOICE("seed.execution_mode", ELSEWHERE, "concatenate|sequential", "concatenate", "how they are run"),
	INERT("seed.continue_on_error", BOOL, "false", "go on after a failed file"),
	{.path = "seed.transaction_mode", .type = SETTING_CHOICE, .status = SETTING_INERT, .choices = "savepoint|transaction",
	 .fallback = "savepoint", .meaning = "how files are separated", .remark = NOT_IN_EFFECT},
	GROUP("seed.profiles", ELSEWHERE, "selections of seed files, by name"),
	GROUP("seed.profiles.*", ELSEWHERE, "one selection"),
	TEXTS("seed.profiles.*.include", ELSEWHERE, "patterns of file names that belong to it"),
	TEXTS("seed.profiles.*.exclude", ELSEWHERE, "patterns of file names that do not"),
	OPEN("acls", ELSEWHERE, "grants that are expected"),
	OPEN("ownership", ELSEWHERE, "owners that are expected"),
	OPEN("function_coverage", ELSEWHERE, "which functions must be in migrations"),
	OPEN("security_lint", ELSEWHERE, "checks of SECURITY DEFINER functions"),
	GROUP("apply_as", ELSEWHERE, "connections of other roles, by role"),
	GROUP("apply_as.*", ELSEWHERE, "one role"),
	SECRET("apply_as.*.url", ELSEWHERE, "its connection URL"),
	OPEN("notifications", ELSEWHERE, "messages that are sent by hooks"),
	{.path = "ssh_tunnel", .type = SETTING_OPEN, .status = SETTING_INERT, .meaning = "a tunnel to the server",
	 .remark = "no tunnel is opened; start ssh -L yourself and name its local port in database_url"},
	INERT("auto_backup", BOOL, "true", "backup before a migration"),
	INERT("require_confirmation", BOOL, "true", "ask before a migration"),
	INERT("pggit", GROUP, NULL, "the pggit extension"),
	INERT("pggit.enabled", BOOL, "false", "whether it is used"),
	INERT("pggit.auto_init", BOOL, "true", "set it up at first use"),
	INERT("pggit.default_branch", TEXT, "main", "its main branch"),
	INERT("pggit.auto_commit", BOOL, "false", "commit after each migration"),
	INERT("pggit.commit_message_template", TEXT, "Migration: {migration_name}", "message of such a commit"),
	INERT("pggit.require_branch", BOOL, "false", "refuse to work without a branch"),
	INERT("pggit.protected_branches", TEXTS, NULL, "branches that are not committed to"),
	{.path = "migration_table", .type = SETTING_TEXT, .status = SETTING_REFUSED, .meaning = "former name of `migration.tracking_table`",
	 .remark = "write it as\nmigration:\n  tracking_table: NAME"},
};

static const struct setting project_rows[] = {
	TEXTS("coordinator", READ, "address of the coordinator that runs this project's jobs, wss://HOST or ws://HOST:PORT; several are tried in turn", .example = "wss://confiture.example.com/rpc"),
	GROUP("groups", READ, "names for several environments or targets at once, for --group"),
	TEXTS("groups.*", READ, "the environments and targets of one group"),
};
/* clang-format on */

const struct settings_table settings_environment = {
	.title = "An environment",
	.file = "db/environments/<name>.yaml",
	.rows = environment_rows,
	.count = ARRAY_LEN(environment_rows),
};

/* The Python confiture takes an environment's keys here too, as the default of some commands. */
const struct settings_table settings_project = {
	.title = "The project",
	.file = "confiture.yaml",
	.rows = project_rows,
	.count = ARRAY_LEN(project_rows),
	.strict = true,
	.also = &settings_environment,
};

const struct setting *
setting_find(const struct settings_table *table, const char *path)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->rows[i].path, path) == 0)
			return &table->rows[i];
	}
	return NULL;
}

const char *
setting_type_name(enum setting_type type)
{
	static const char *const names[] = {
		[SETTING_GROUP] = "map",
		[SETTING_TEXT] = "text",
		[SETTING_SECRET] = "secret text",
		[SETTING_CHOICE] = "choice",
		[SETTING_BOOL] = "true or false",
		[SETTING_INT] = "number",
		[SETTING_TEXTS] = "list of texts",
		[SETTING_OPEN] = "map or list",
		[SETTING_LINES] = "text, also of several lines",
	};

	return names[type];
}
