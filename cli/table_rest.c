/* Options, arguments and examples of the commands outside `confiture migrate`. */
#include "cli/tables.h"

#include "shared/base/banned.h"

const struct argument argument_project_path[] = {
	{"PATH", false, false, "folder of the project (default: the current one)"},
	{NULL, false, false, NULL},
};
const struct argument argument_code[] = {
	{"CODE", false, false, "LOCK_1300, MIGR_106, …; without it all codes are listed"},
	{NULL, false, false, NULL},
};
const struct argument argument_shell[] = {
	{"SHELL", true, false, "bash, zsh or fish"},
	{NULL, false, false, NULL},
};
const struct argument argument_job[] = {
	{"ID", true, false, "id of the job, or enough of its start to be unique"},
	{NULL, false, false, NULL},
};

const struct argument argument_worker[] = {
	{"NAME", true, false, "name of the worker"},
	{NULL, false, false, NULL},
};
const struct argument argument_worker_or_target[] = {
	{"NAME", true, false, "name of the worker or of the target"},
	{NULL, false, false, NULL},
};

const struct option root_options[] = {
	{.name = "version", .type = OPTION_SWITCH, .help = "print the version"},
	{.name = "exit-codes", .type = OPTION_SWITCH, .help = "print all exit codes (Markdown)"},
	{.name = "exit-codes-json",
	 .type = OPTION_SWITCH,
	 .help = "print all exit codes and error codes (JSON)"},
	{.name = "man",
	 .type = OPTION_PATH,
	 .value = "DIR",
	 .flags = OPTION_HIDDEN,
	 .help = "write the man pages"},
	{.name = "docs",
	 .type = OPTION_PATH,
	 .value = "DIR",
	 .flags = OPTION_HIDDEN,
	 .help = "write the reference pages"},
	OPTION_END,
};
const char *const root_examples[] = {
	"confiture init|start a project",
	"confiture migrate status --env local|see what is pending",
	"confiture migrate up|apply it",
	"confiture explain LOCK_1300|what an error code means",
	NULL,
};

const struct option init_options[] = {
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_END,
};
const char *const init_examples[] = {
	"confiture init|make db/ here",
	NULL,
};

const struct option validate_config_options[] = {
	{.name = "config",
	 .letter = 'c',
	 .type = OPTION_PATH,
	 .value = "FILE",
	 .help = "environment file (default: db/environments/local.yaml)"},
	{.name = "env",
	 .type = OPTION_LIST,
	 .value = "NAME[,NAME…]",
	 .help = "environments: db/environments/NAME.yaml"},
	{.name = "database-url",
	 .letter = 'd',
	 .type = OPTION_TEXT,
	 .value = "URL",
	 .flags = OPTION_SECRET,
	 .help = "check this address instead of a file"},
	{.name = "migrations-path",
	 .type = OPTION_PATH,
	 .value = "DIR",
	 .fallback = "db/migrations",
	 .help = "folder of the migration files"},
	{.name = "strict",
	 .type = OPTION_SWITCH,
	 .help = "unknown settings are errors, not warnings"},
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_END,
};
const char *const validate_config_examples[] = {
	"confiture validate-config --env production --strict|check a file before a release",
	NULL,
};

const struct option explain_options[] = {
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_END,
};
const char *const explain_examples[] = {
	"confiture explain MIGR_106|what it means and what to do",
	"confiture explain|list all codes",
	NULL,
};

const struct option completion_options[] = {OPTION_END};
const char *const completion_examples[] = {
	"source <(confiture completion bash)|for this shell",
	"confiture completion zsh > ~/.zfunc/_confiture|for zsh",
	"confiture completion fish > ~/.config/fish/completions/confiture.fish|for fish",
	NULL,
};

const struct option doctor_options[] = {
	OPTION_MIGRATIONS_DIR,
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const doctor_examples[] = {
	"confiture doctor --env production|check settings, journal, connection and rights",
	NULL,
};

const struct option verify_checksums_options[] = {
	OPTION_MIGRATIONS_DIR,
	{.name = "fix", .type = OPTION_SWITCH, .help = "record what the files hold now"},
	OPTION_FOREIGN_JOURNAL,
	OPTION_REASON("--foreign-journal"),
	{.name = "allow-uninitialized",
	 .type = OPTION_SWITCH,
	 .help = "a database without a ledger is no failure"},
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_IDEMPOTENCY_KEY,
	OPTION_END,
};
const char *const verify_checksums_examples[] = {
	"confiture verify-checksums --env production|was an applied file edited?",
	NULL,
};

const struct option job_list_options[] = {
	{.name = "limit",
	 .type = OPTION_INT,
	 .value = "N",
	 .choices = "1",
	 .fallback = "50",
	 .help = "how many, newest first"},
	{.name = "open", .type = OPTION_SWITCH, .help = "only jobs that have not ended"},
	OPTION_FORMAT("table|json", "table"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const job_list_examples[] = {
	"confiture job list --open|what is running or unknown",
	NULL,
};

const struct option job_show_options[] = {
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const job_show_examples[] = {
	"confiture job show 0197|what it was and how it ended",
	NULL,
};

const struct option job_attach_options[] = {
	{.name = "since",
	 .type = OPTION_INT,
	 .value = "SEQ",
	 .choices = "0",
	 .fallback = "0",
	 .help = "number of the last event that was seen"},
	OPTION_FORMAT("text|json|ndjson", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const job_attach_examples[] = {
	"confiture job attach 0197 -f ndjson|its events, one a line, then its result",
	NULL,
};

const struct option job_cancel_options[] = {
	{.name = "reason", .type = OPTION_TEXT, .value = "TEXT", .help = "kept in the journal"},
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const job_cancel_examples[] = {
	"confiture job cancel 0197 --reason \"wrong branch\"|ask it to stop",
	NULL,
};

const struct option job_settle_options[] = {
	{.name = "state",
	 .type = OPTION_CHOICE,
	 .value = "STATE",
	 .choices = "succeeded|failed",
	 .help = "settle by hand, after looking at the database; needs --note"},
	{.name = "note", .type = OPTION_TEXT, .value = "TEXT", .help = "kept in the journal"},
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const job_settle_examples[] = {
	"confiture job settle 0197 --env production|ask the database what happened",
	"confiture job settle 0197 --state failed --note \"index is not there\"|by hand",
	NULL,
};

const struct option worker_list_options[] = {
	OPTION_FORMAT("table|json", "table"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const worker_list_examples[] = {
	"confiture worker list|who serves which databases, and who is away",
	NULL,
};

const struct option worker_drain_options[] = {
	{.name = "undo", .type = OPTION_SWITCH, .help = "let it take jobs again"},
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const worker_drain_examples[] = {
	"confiture worker drain eu1|before its machine is taken down",
	"confiture worker drain eu1 --undo|when it is back",
	NULL,
};

const struct option worker_forget_options[] = {
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const worker_forget_examples[] = {
	"confiture worker forget production/us|that database is no more",
	NULL,
};

const struct option audit_show_options[] = {
	{.name = "since",
	 .type = OPTION_INT,
	 .value = "SEQ",
	 .choices = "0",
	 .fallback = "0",
	 .help = "only events after this number"},
	{.name = "limit",
	 .type = OPTION_INT,
	 .value = "N",
	 .choices = "1",
	 .fallback = "100",
	 .help = "how many"},
	OPTION_FORMAT("table|json", "table"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const audit_show_examples[] = {
	"confiture audit show --limit 20|the journal's events",
	NULL,
};

const struct argument argument_audit_file[] = {
	{.name = "FILE", .help = "made by `audit export`; without it the journal itself"},
	{.name = NULL},
};

const struct option audit_verify_options[] = {
	{.name = "full", .type = OPTION_SWITCH, .help = "also check every page of the file"},
	{.name = "contained",
	 .type = OPTION_SWITCH,
	 .help = "with FILE: the journal must still contain its newest event"},
	OPTION_FORMAT("text|json", "text"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const audit_verify_examples[] = {
	"confiture audit verify|is every event as it was written?",
	"confiture audit verify kept.json --contained|was the journal cut or rewritten since?",
	NULL,
};

const struct option audit_export_options[] = {
	OPTION_FORMAT("json|ndjson", "json"),
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_END,
};
const char *const audit_export_examples[] = {
	"confiture audit export > kept.json|the whole chain, to be kept elsewhere",
	NULL,
};
