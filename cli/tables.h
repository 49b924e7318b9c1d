#ifndef CONFITURE_CLI_TABLES_H
#define CONFITURE_CLI_TABLES_H

#include "cli/cli.h"

/*
 * The pieces that the rows of the command table point to: one table_<group>.c for each group of
 * commands, and option rows that several commands share word for word.
 */
/* clang-format off */
#define OPTION_END {.name = NULL}
#define OPTION_MIGRATIONS_DIR \
	{.name = "migrations-dir", .type = OPTION_PATH, .value = "DIR", .fallback = "db/migrations", \
	 .help = "folder of the migration files"}
#define OPTION_FORMAT(choice_list, first) \
	{.name = "format", .letter = 'f', .type = OPTION_CHOICE, .value = "FORMAT", \
	 .choices = (choice_list), .fallback = (first), .help = "how the result is printed"}
#define OPTION_OUTPUT \
	{.name = "output", .letter = 'o', .type = OPTION_PATH, .value = "FILE", \
	 .help = "write the JSON document to this file"}
#define OPTION_TIMEOUT \
	{.name = "timeout", .type = OPTION_DURATION, .value = "DURATION", \
	 .help = "give up waiting after this long: 500ms, 30s, 10m; of several databases, for each"}
#define OPTION_IDEMPOTENCY_KEY \
	{.name = "idempotency-key", .type = OPTION_TEXT, .value = "KEY", \
	 .help = "the same key never does the same work twice"}
#define OPTION_DRY_RUN(text) \
	{.name = "dry-run", .type = OPTION_SWITCH, .help = (text)}
#define OPTION_LOCK_TIMEOUT \
	{.name = "lock-timeout", .type = OPTION_DURATION, .value = "DURATION", .fallback = "30s", \
	 .help = "how long to wait for the lock of other runs; a bare number counts in milliseconds"}
#define OPTION_NO_LOCK \
	{.name = "no-lock", .type = OPTION_SWITCH, \
	 .help = "take no lock; only where nothing else can run"}
#define OPTION_FOREIGN_JOURNAL \
	{.name = "foreign-journal", .type = OPTION_SWITCH, \
	 .help = "change it although another coordinator serves this database; needs --reason"}
#define OPTION_OVERRIDE_CLAIM \
	{.name = "override-claim", .type = OPTION_LIST, .value = "INTENT[,INTENT…]", \
	 .help = "run over the claims of these intents; needs --reason, and their agents see it"}
#define OPTION_REASON(of) \
	{.name = "reason", .type = OPTION_TEXT, .value = "TEXT", \
	 .help = "why " of "; kept in the journal"}
#define OPTION_DETACH \
	{.name = "detach", .type = OPTION_SWITCH, \
	 .help = "with a coordinator: print the job's id and leave it to itself"}
#define OPTION_VERBOSE \
	{.name = "verbose", .letter = 'v', .type = OPTION_SWITCH, .help = "show every statement"}
/* clang-format on */

/* Groups of options that many commands share (table_shared.c). */
extern const struct option options_everywhere[];       /* quiet, no-color, no-input */
extern const struct option options_connection[];       /* with the seed's default config file */
extern const struct option options_connection_asked[]; /* connects only when a source is given */
extern const struct option options_coordinator[];
extern const struct option *const sets_everywhere[];  /* what offline commands take */
extern const struct option *const sets_coordinator[]; /* coordinator, everywhere */
extern const struct option *const sets_connection[];  /* connection, coordinator, everywhere */
extern const struct option *const sets_connection_asked[];

/* One array of own options and one of examples a command. */
#define COMMAND_TABLE(command)                                                                     \
	extern const struct option command##_options[];                                            \
	extern const char *const command##_examples[]

COMMAND_TABLE(root);
COMMAND_TABLE(init);
COMMAND_TABLE(build);
COMMAND_TABLE(diff);
COMMAND_TABLE(drift);
COMMAND_TABLE(introspect);
COMMAND_TABLE(fingerprint);
COMMAND_TABLE(validate_config);
COMMAND_TABLE(explain);
COMMAND_TABLE(completion);
COMMAND_TABLE(doctor);
COMMAND_TABLE(verify_checksums);
COMMAND_TABLE(migrate_up);
COMMAND_TABLE(migrate_down);
COMMAND_TABLE(migrate_down_to);
COMMAND_TABLE(migrate_status);
COMMAND_TABLE(migrate_current);
COMMAND_TABLE(migrate_baseline);
COMMAND_TABLE(migrate_preflight);
COMMAND_TABLE(migrate_verify);
COMMAND_TABLE(migrate_generate);
COMMAND_TABLE(migrate_diff);
COMMAND_TABLE(migrate_validate);
COMMAND_TABLE(job_list);
COMMAND_TABLE(job_show);
COMMAND_TABLE(job_attach);
COMMAND_TABLE(job_cancel);
COMMAND_TABLE(job_settle);
COMMAND_TABLE(worker_list);
COMMAND_TABLE(worker_drain);
COMMAND_TABLE(worker_forget);
COMMAND_TABLE(coordinate_register);
COMMAND_TABLE(coordinate_list_intents);
COMMAND_TABLE(coordinate_check);
COMMAND_TABLE(coordinate_status);
COMMAND_TABLE(coordinate_conflicts);
COMMAND_TABLE(coordinate_resolve);
COMMAND_TABLE(coordinate_abandon);
COMMAND_TABLE(coordinate_start);
COMMAND_TABLE(coordinate_complete);
COMMAND_TABLE(coordinate_merge);
COMMAND_TABLE(coordinate_renew);
COMMAND_TABLE(coordinate_release);
COMMAND_TABLE(coordinate_hold);
COMMAND_TABLE(coordinate_claims);
COMMAND_TABLE(coordinate_history);
COMMAND_TABLE(coordinate_import);
COMMAND_TABLE(coordinate_watch);
COMMAND_TABLE(audit_show);
COMMAND_TABLE(audit_verify);
COMMAND_TABLE(audit_export);

extern const struct argument argument_revision[];
extern const struct argument argument_new_name[];
extern const struct argument argument_project_path[];
extern const struct argument argument_code[];
extern const struct argument argument_shell[];
extern const struct argument argument_job[];
extern const struct argument argument_held_command[];
extern const struct argument argument_worker[];
extern const struct argument argument_worker_or_target[];
extern const struct argument argument_audit_file[];
extern const struct argument argument_source[];
extern const struct argument argument_source_or_db[];
extern const struct argument argument_old_new[];

#endif
