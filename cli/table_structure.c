/* Options, arguments and examples of the commands that read and compare structures. */
#include "cli/tables.h"

#include "shared/base/banned.h"

/* clang-format off */
#define OPTIONS_SCRATCH \
	{.name = "scratch-url", .type = OPTION_TEXT, .value = "URL", .flags = OPTION_SECRET, \
	 .help = "server to load SQL files on, in a database that is dropped again (default: a " \
		 "cluster of our own, which ends with the command)"}, \
	{.name = "no-cache", .type = OPTION_SWITCH, \
	 .help = "load SQL files although it is known what they became the last time"}
#define SOURCE_HELP \
	"environment, connection URL, snapshot (*.json), SQL file or folder of them"
/* clang-format on */

const struct argument argument_source[] = {
	{"SRC", true, false, SOURCE_HELP},
	{NULL, false, false, NULL},
};
const struct argument argument_source_or_db[] = {
	{"SRC", false, false, SOURCE_HELP},
	{NULL, false, false, NULL},
};

const struct option fingerprint_options[] = {
	OPTIONS_SCRATCH,
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_END,
};
const char *const fingerprint_examples[] = {
	"confiture fingerprint production|one hash of the whole structure",
	"confiture fingerprint production -f json|and one of each object",
	NULL,
};

const struct option introspect_options[] = {
	{.name = "db",
	 .type = OPTION_TEXT,
	 .value = "URL",
	 .flags = OPTION_SECRET,
	 .help = "in place of SRC; the document is then that of the Python tool: tables of one "
		 "schema"},
	{.name = "schema",
	 .type = OPTION_TEXT,
	 .value = "SCHEMA",
	 .fallback = "public",
	 .help = "with --db: the schema"},
	{.name = "all-tables",
	 .type = OPTION_SWITCH,
	 .help = "with --db: all tables, not only those called tb_*"},
	{.name = "hints",
	 .type = OPTION_PAIR,
	 .fallback = "true",
	 .help = "with --db: what names say: a key pk_*, a column id"},
	OPTIONS_SCRATCH,
	OPTION_FORMAT("json|yaml|text", "json"),
	OPTION_OUTPUT,
	OPTION_END,
};
const char *const introspect_examples[] = {
	"confiture introspect production -f text|tables with their columns, views, functions …",
	"confiture introspect production -o before.json|a snapshot, to compare with later",
	"confiture introspect --db production --all-tables -f yaml|tables, columns and foreign "
	"keys",
	NULL,
};

/* clang-format off */
#define OPTION_STRICT_COVERAGE \
	{.name = "strict-coverage", .type = OPTION_SWITCH, \
	 .help = "refuse when something is there that is not compared"}
#define OPTION_NO_ONLINE \
	{.name = "no-online", .type = OPTION_SWITCH, \
	 .help = "plain statements: indexes not concurrently, constraints validated at once"}
#define OPTION_RENAME \
	{.name = "rename", .type = OPTION_EACH, .value = "OLD=NEW", \
	 .help = "this was renamed, not dropped and made: public.users=public.customers, " \
		 "users.mail=users.email, or with a kind before it: 'index public.i=j'"}
/* clang-format on */

const struct option diff_options[] = {
	{.name = "from",
	 .type = OPTION_TEXT,
	 .value = "SRC",
	 .flags = OPTION_REQUIRED | OPTION_SECRET,
	 .help = SOURCE_HELP},
	{.name = "to",
	 .type = OPTION_TEXT,
	 .value = "SRC",
	 .flags = OPTION_REQUIRED | OPTION_SECRET,
	 .help = "the same, for what it is to become"},
	OPTIONS_SCRATCH,
	OPTION_NO_ONLINE,
	{.name = "allow-data-loss",
	 .type = OPTION_SWITCH,
	 .help = "with -f sql: also print statements that lose rows or values"},
	OPTION_RENAME,
	OPTION_STRICT_COVERAGE,
	OPTION_FORMAT("text|json|sql", "text"),
	OPTION_OUTPUT,
	OPTION_END,
};
const char *const diff_examples[] = {
	"confiture diff --from production --to db/schema|what production lacks",
	"confiture diff --from before.json --to production|what changed since",
	"confiture diff --from staging --to production -f json|for programs",
	"confiture diff --from production --to db/schema -f sql|a script that psql runs",
	"confiture diff --from production --to db/schema --rename users=customers|a table that "
	"has another name now",
	NULL,
};

const struct argument argument_old_new[] = {
	{"OLD", true, false, SOURCE_HELP},
	{"NEW", true, false, "the same, for what it is to become"},
	{NULL, false, false, NULL},
};

const struct option migrate_diff_options[] = {
	{.name = "generate", .type = OPTION_SWITCH, .help = "write the migration; needs --name"},
	{.name = "name",
	 .type = OPTION_TEXT,
	 .value = "NAME",
	 .help = "what it does: add_email (letters, digits, _ and -)"},
	OPTION_MIGRATIONS_DIR,
	OPTIONS_SCRATCH,
	OPTION_NO_ONLINE,
	{.name = "allow-data-loss",
	 .type = OPTION_SWITCH,
	 .help = "with --generate: also write an .up.sql that loses rows or values"},
	OPTION_RENAME,
	OPTION_STRICT_COVERAGE,
	OPTION_FORMAT("text|json|csv", "text"),
	{.name = "report",
	 .letter = 'o',
	 .type = OPTION_PATH,
	 .value = "FILE",
	 .help = "write the result, as JSON or with --format csv as CSV, to this file"},
	OPTION_END,
};
const char *const migrate_diff_examples[] = {
	"confiture migrate diff production db/schema|what differs",
	"confiture migrate diff local db/schema --generate --name add_email|and the migration of "
	"it",
	NULL,
};

const struct option drift_options[] = {
	{.name = "schema",
	 .type = OPTION_PATH,
	 .value = "FILE",
	 .help = "what the database should be: an SQL file, a folder of them, or a snapshot"},
	{.name = "schema-dir",
	 .type = OPTION_PATH,
	 .value = "DIR",
	 .help = "the same, and any drift fails"},
	{.name = "check-acls",
	 .type = OPTION_SWITCH,
	 .help = "privileges count too: those that the files grant"},
	{.name = "check-ownership",
	 .type = OPTION_SWITCH,
	 .help = "owners count too, where the files name them"},
	{.name = "warn-only",
	 .type = OPTION_SWITCH,
	 .help = "a grant that is missing is a warning, not critical"},
	{.name = "fail-on-warning", .type = OPTION_SWITCH, .help = "any drift fails"},
	OPTIONS_SCRATCH,
	OPTION_FORMAT("table|json", "table"),
	OPTION_OUTPUT,
	OPTION_END,
};
const char *const drift_examples[] = {
	"confiture drift --env production --schema-dir db/schema|is it what the files say?",
	"confiture drift --env production --schema kept.json --check-acls|or what it was, grants "
	"too",
	NULL,
};
