/*
 * Options, arguments and examples of `confiture migrate …`. Names and defaults are the Python
 * confiture's; what it accepted and never used is accepted here too and said to do nothing.
 */
#include "cli/tables.h"

#include "shared/base/banned.h"

const struct argument argument_revision[] = {
	{"REVISION", true, false, "version that stays the newest applied one"},
	{NULL, false, false, NULL},
};
const struct argument argument_new_name[] = {
	{"NAME", true, false, "what the migration does: add_users (letters, digits, _ and -)"},
	{NULL, false, false, NULL},
};

const struct option migrate_up_options[] = {
	OPTION_MIGRATIONS_DIR,
	{.name = "target",
	 .letter = 't',
	 .type = OPTION_TEXT,
	 .value = "VERSION",
	 .help = "stop after this version"},
	OPTION_DRY_RUN("show what would run; nothing is touched"),
	{.name = "dry-run-execute",
	 .type = OPTION_SWITCH,
	 .help = "run it in a transaction that is always rolled back"},
	{.name = "strict",
	 .type = OPTION_SWITCH,
	 .help = "fail when a .sql file in the folder is no migration"},
	{.name = "force",
	 .type = OPTION_SWITCH,
	 .help = "run every file again, also those that are applied; skips the checksums"},
	{.name = "require-reversible",
	 .type = OPTION_SWITCH,
	 .help = "fail when a migration has no .down.sql"},
	{.name = "verify-checksums",
	 .type = OPTION_PAIR,
	 .fallback = "true",
	 .help = "compare applied files with the ledger first"},
	{.name = "on-checksum-mismatch",
	 .type = OPTION_CHOICE,
	 .value = "WHAT",
	 .choices = "fail|warn|ignore",
	 .fallback = "fail",
	 .help = "what an edited file means"},
	{.name = "structural-diff",
	 .type = OPTION_SWITCH,
	 .help = "read the structure before and behind each migration, tell what changed, and "
		 "record its fingerprint for migrate status"},
	OPTION_LOCK_TIMEOUT,
	OPTION_NO_LOCK,
	OPTION_FOREIGN_JOURNAL,
	OPTION_OVERRIDE_CLAIM,
	OPTION_REASON("--foreign-journal or --override-claim"),
	OPTION_VERBOSE,
	OPTION_FORMAT("text|json|ndjson", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_IDEMPOTENCY_KEY,
	OPTION_DETACH,
	{.name = "batched", .type = OPTION_SWITCH, .flags = OPTION_NO_EFFECT, .help = ""},
	{.name = "batch-size",
	 .type = OPTION_INT,
	 .value = "ROWS",
	 .flags = OPTION_NO_EFFECT,
	 .help = ""},
	{.name = "batch-sleep",
	 .type = OPTION_TEXT,
	 .value = "SECONDS",
	 .flags = OPTION_NO_EFFECT,
	 .help = ""},
	OPTION_END,
};
const char *const migrate_up_examples[] = {
	"confiture migrate up|apply all that is pending",
	"confiture migrate up --dry-run|show what would run",
	"confiture migrate up --target 20260102120000|stop after one version",
	"confiture migrate up --env staging,production -f json|several databases, one document",
	NULL,
};

const struct option migrate_down_options[] = {
	OPTION_MIGRATIONS_DIR,
	{.name = "steps",
	 .letter = 'n',
	 .type = OPTION_INT,
	 .value = "N",
	 .choices = "1",
	 .fallback = "1",
	 .help = "how many to undo, newest first"},
	OPTION_DRY_RUN("show what would be undone; nothing is touched"),
	OPTION_LOCK_TIMEOUT,
	OPTION_NO_LOCK,
	OPTION_FOREIGN_JOURNAL,
	OPTION_OVERRIDE_CLAIM,
	OPTION_REASON("--foreign-journal or --override-claim"),
	OPTION_VERBOSE,
	OPTION_FORMAT("text|json|ndjson", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_IDEMPOTENCY_KEY,
	OPTION_DETACH,
	OPTION_END,
};
const char *const migrate_down_examples[] = {
	"confiture migrate down|undo the newest migration",
	"confiture migrate down --steps 3 --dry-run|show the three that would go",
	NULL,
};

const struct option migrate_down_to_options[] = {
	OPTION_MIGRATIONS_DIR,
	OPTION_DRY_RUN("show what would be undone; nothing is touched"),
	OPTION_LOCK_TIMEOUT,
	OPTION_NO_LOCK,
	OPTION_FOREIGN_JOURNAL,
	OPTION_OVERRIDE_CLAIM,
	OPTION_REASON("--foreign-journal or --override-claim"),
	OPTION_VERBOSE,
	OPTION_FORMAT("text|json|ndjson", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_IDEMPOTENCY_KEY,
	OPTION_DETACH,
	OPTION_END,
};
const char *const migrate_down_to_examples[] = {
	"confiture migrate down-to 20260102120000|undo all that came after it",
	NULL,
};

const struct option migrate_status_options[] = {
	OPTION_MIGRATIONS_DIR,
	{.name = "check-structure",
	 .type = OPTION_SWITCH,
	 .help = "whether the structure is still what the last migrate up --structural-diff left"},
	OPTION_FORMAT("table|json|csv", "table"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const migrate_status_examples[] = {
	"confiture migrate status --env local|what is applied and what is pending",
	"confiture migrate status --env production -f json|the same for a program",
	NULL,
};

const struct option migrate_current_options[] = {
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const migrate_current_examples[] = {
	"confiture migrate current|print the newest applied version",
	NULL,
};

const struct option migrate_baseline_options[] = {
	{.name = "through",
	 .letter = 't',
	 .type = OPTION_TEXT,
	 .value = "VERSION",
	 .help = "record every file up to this version as applied"},
	{.name = "from-db",
	 .type = OPTION_TEXT,
	 .value = "URL",
	 .flags = OPTION_SECRET,
	 .help = "copy the rows of another database's ledger instead"},
	{.name = "source-table",
	 .type = OPTION_TEXT,
	 .value = "NAME",
	 .help = "name of that other ledger"},
	OPTION_MIGRATIONS_DIR,
	OPTION_DRY_RUN("show what would be recorded; nothing is touched"),
	OPTION_LOCK_TIMEOUT,
	OPTION_FOREIGN_JOURNAL,
	OPTION_REASON("--foreign-journal"),
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_IDEMPOTENCY_KEY,
	OPTION_DETACH,
	OPTION_END,
};
const char *const migrate_baseline_examples[] = {
	"confiture migrate baseline --through 004|the database already has migrations up to 004",
	NULL,
};

const struct option migrate_preflight_options[] = {
	OPTION_MIGRATIONS_DIR,
	{.name = "against",
	 .type = OPTION_TEXT,
	 .value = "URL",
	 .flags = OPTION_SECRET,
	 .help = "replay on this database, in savepoints that are rolled back"},
	{.name = "clone",
	 .type = OPTION_SWITCH,
	 .help = "replay on a copy made with CREATE DATABASE … TEMPLATE; nobody else may be "
		 "connected to the database while it is copied"},
	{.name = "throwaway",
	 .type = OPTION_SWITCH,
	 .help = "replay on a fresh local server that holds the live structure without rows"},
	{.name = "since",
	 .type = OPTION_TEXT,
	 .value = "VERSION",
	 .help = "without a ledger to ask: replay from this version on"},
	{.name = "check-down",
	 .type = OPTION_SWITCH,
	 .help = "replay the .down.sql files too: each must bring back the structure before it"},
	{.name = "compare-schema",
	 .type = OPTION_PATH,
	 .value = "DIR",
	 .help = "behind the replay, compare the structure with these schema files (default: "
		 "db/schema, where it has statements); a difference fails"},
	{.name = "no-compare-schema", .type = OPTION_SWITCH, .help = "do not compare it"},
	{.name = "scratch-url",
	 .type = OPTION_TEXT,
	 .value = "URL",
	 .flags = OPTION_SECRET,
	 .help = "where to load them, in a database that is dropped again (default: the replay's "
		 "server where the role may, else a cluster of our own)"},
	{.name = "allow-non-transactional",
	 .type = OPTION_SWITCH,
	 .help = "also run what cannot be rolled back; the copy is used up"},
	{.name = "check-dependents",
	 .type = OPTION_CHOICE,
	 .value = "WHAT",
	 .choices = "off|fail|warn",
	 .fallback = "off",
	 .help = "list what depends on replaced and dropped objects in the live database"},
	{.name = "strict", .type = OPTION_SWITCH, .help = "warnings fail too"},
	OPTION_FORMAT("table|json|ndjson", "table"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const migrate_preflight_examples[] = {
	"confiture migrate preflight|read the files only",
	"confiture migrate preflight --env production --throwaway --check-down|replay what is "
	"pending on a fresh copy of the structure",
	"confiture migrate preflight --against postgresql://copy/app -f json|replay on a copy "
	"that exists",
	NULL,
};

const struct option migrate_verify_options[] = {
	OPTION_MIGRATIONS_DIR,
	{.name = "version", .type = OPTION_TEXT, .value = "VERSION", .help = "only this one"},
	{.name = "allow-uninitialized",
	 .type = OPTION_SWITCH,
	 .help = "a database without a ledger is no failure"},
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const migrate_verify_examples[] = {
	"confiture migrate verify --env production|run the .verify.sql checks",
	NULL,
};

const struct option migrate_generate_options[] = {
	OPTION_MIGRATIONS_DIR,
	OPTION_DRY_RUN("show the names and the template; nothing is written"),
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	{.name = "python", .type = OPTION_SWITCH, .flags = OPTION_HIDDEN, .help = ""},
	{.name = "snapshot", .type = OPTION_PAIR, .flags = OPTION_NO_EFFECT, .help = ""},
	{.name = "live-snapshot", .type = OPTION_PAIR, .flags = OPTION_NO_EFFECT, .help = ""},
	{.name = "snapshots-dir",
	 .type = OPTION_PATH,
	 .value = "DIR",
	 .flags = OPTION_NO_EFFECT,
	 .help = ""},
	{.name = "force", .type = OPTION_SWITCH, .flags = OPTION_NO_EFFECT, .help = ""},
	{.name = "verbose",
	 .letter = 'v',
	 .type = OPTION_SWITCH,
	 .flags = OPTION_NO_EFFECT,
	 .help = ""},
	{.name = "config",
	 .letter = 'c',
	 .type = OPTION_PATH,
	 .value = "FILE",
	 .flags = OPTION_NO_EFFECT,
	 .help = ""},
	OPTION_END,
};
const char *const migrate_generate_examples[] = {
	"confiture migrate generate add_users|make <time>_add_users.up.sql and .down.sql",
	NULL,
};

const struct option migrate_validate_options[] = {
	OPTION_MIGRATIONS_DIR,
	{.name = "fix-naming",
	 .type = OPTION_SWITCH,
	 .help = "rename <version>_<name>.sql to <version>_<name>.up.sql"},
	OPTION_DRY_RUN("with --fix-naming: show the renames only"),
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_END,
};
const char *const migrate_validate_examples[] = {
	"confiture migrate validate|check the names of all files",
	"confiture migrate validate --fix-naming --dry-run|show how wrong names would be mended",
	NULL,
};
