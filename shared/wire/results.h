#ifndef CONFITURE_WIRE_RESULTS_H
#define CONFITURE_WIRE_RESULTS_H

#include "shared/wire/record.h"
#include "shared/wire/structure.h"

/*
 * What jobs and commands answer: the shapes of every JSON document that confiture prints. Field
 * names and meanings are the Python tool's where it has the command; docs/reference/json-schemas/
 * is printed from here.
 */

/* clang-format off */
/* ---- errors ---- */
#define RECORD_error_position_doc(F) \
	F(1, TEXT, _, file, NULLABLE, "file as the user knows it") \
	F(2, INT, _, line, NULLABLE, "line from 1") \
	F(3, INT, _, column, NULLABLE, "column in characters from 1") \
	F(4, INT, _, statement, NULLABLE, "which statement of the file, from 1")
RECORD_DECLARE(error_position_doc)

#define RECORD_lock_holder(F) \
	F(1, INT, _, pid, NULLABLE, "process id of the holder on its own machine") \
	F(2, TEXT, _, hostname, NULLABLE, "") \
	F(3, TEXT, _, user, NULLABLE, "database role") \
	F(4, TEXT, _, command, NULLABLE, "what it runs") \
	F(5, TEXT, _, acquired_at, NULLABLE, "") \
	F(6, INT, _, held_for_seconds, NULLABLE, "") \
	F(7, INT, _, backend_pid, NULLABLE, "server process that holds the lock")
RECORD_DECLARE(lock_holder)

/* Who is in the way. */
#define RECORD_claim_holder(F) \
	F(1, TEXT, _, agent, NULLABLE, "") \
	F(2, TEXT, _, intent, NULLABLE, "") \
	F(3, TEXT, _, feature, NULLABLE, "") \
	F(4, TEXT, _, object, NULLABLE, "") \
	F(5, TEXT, _, since, NULLABLE, "") \
	F(6, TEXT, _, until, NULLABLE, "unless it is renewed") \
	F(7, INT, _, token, NULLABLE, "")
RECORD_DECLARE(claim_holder)

/* Everything an error carries besides the seed's eight keys. */
#define RECORD_error_details(F) \
	F(1, TEXT, _, cause, OPTIONAL, "the server's or the system's own words") \
	F(2, BOOL, _, retryable, 0, "the same command may work when it is run again") \
	F(3, INT, _, retry_after_ms, OPTIONAL, "") \
	F(4, TEXTS, _, remediation, 0, "next steps; commands where there are any") \
	F(5, TEXT, _, sqlstate, OPTIONAL, "") \
	F(6, RECORD, error_position_doc, position, OPTIONAL, "") \
	F(7, RECORD, lock_holder, holder, OPTIONAL, "who holds the lock") \
	F(8, TEXTS, _, conflicting_files, OPTIONAL, "") \
	F(9, TEXT, _, error, OPTIONAL, "the server's message, for preflight's replay issues") \
	F(10, TEXTS, _, statements, OPTIONAL, "statement kinds meant by the issue") \
	F(11, TEXT, _, job, OPTIONAL, "the job it happened in") \
	F(12, TEXT, _, target, OPTIONAL, "the target it happened on") \
	F(13, TEXTS, _, versions, OPTIONAL, "versions meant") \
	F(14, TEXT, _, expected, OPTIONAL, "") \
	F(15, TEXT, _, actual, OPTIONAL, "") \
	F(16, TEXT, _, did_you_mean, OPTIONAL, "") \
	F(17, TEXTS, _, notes, OPTIONAL, "other facts, each as key: value") \
	F(18, RECORD, claim_holder, claim, OPTIONAL, "the claim that is in the way; of several the first") \
	F(19, TEXTS, _, holders, OPTIONAL, "all of them, in words") \
	F(20, TEXTS, _, possible_in, OPTIONAL, "states in which it would be possible") \
	F(21, TEXTS, _, cycle, OPTIONAL, "who would wait for whom")
RECORD_DECLARE(error_details)

/* The seed's eight keys: both the envelope's error and an issue. */
#define RECORD_issue(F) \
	F(1, TEXT, _, code, 0, "see: confiture explain CODE") \
	F(2, TEXT, _, message, 0, "") \
	F(3, CHOICE, "error|warning|info", severity, 0, "") \
	F(4, RECORD, error_details, details, 0, "") \
	F(5, TEXT, _, migration, NULLABLE, "version") \
	F(6, TEXT, _, file, NULLABLE, "") \
	F(7, INT, _, line, NULLABLE, "") \
	F(8, BOOL, _, actionable, 0, "there is a next step in details.remediation")
RECORD_DECLARE(issue)

#define RECORD_error_envelope(F) \
	F(1, BOOL, _, ok, 0, "always false") \
	F(2, RECORD, issue, error, 0, "")
RECORD_DECLARE(error_envelope)

/* ---- hints: advice that changes no exit code ---- */
#define RECORD_hint(F) \
	F(1, TEXT, _, code, 0, "") \
	F(2, TEXT, _, message, 0, "")
RECORD_DECLARE(hint)

/* ---- migrate up / down / down-to ---- */
#define RECORD_applied_migration(F) \
	F(1, TEXT, _, version, 0, "") \
	F(2, TEXT, _, name, 0, "") \
	F(3, INT, _, duration_ms, 0, "") \
	F(4, INT, _, rows_affected, 0, "rows that INSERT, UPDATE, DELETE, MERGE and COPY changed; 0 for an earlier attempt's") \
	F(5, RECORD, structural_diff, diff, OPTIONAL, "with --structural-diff: what it changed")
RECORD_DECLARE(applied_migration)

#define RECORD_planned_statement(F) \
	F(1, INT, _, line, 0, "") \
	F(2, TEXT, _, kind, 0, "command tag as PostgreSQL names it: CREATE TABLE") \
	F(3, BOOL, _, transactional, 0, "false: runs outside a transaction") \
	F(4, INT, _, bytes, 0, "")
RECORD_DECLARE(planned_statement)

#define RECORD_planned_migration(F) \
	F(1, TEXT, _, version, 0, "") \
	F(2, TEXT, _, name, 0, "") \
	F(3, TEXT, _, file, 0, "") \
	F(4, BOOL, _, transactional, 0, "one transaction for the whole file") \
	F(5, RECORDS, planned_statement, statements, 0, "") \
	F(6, INT, _, duration_ms, NULLABLE, "measured, with --dry-run-execute; null when nothing was executed") \
	F(7, INT, _, rows_affected, NULLABLE, "measured, with --dry-run-execute")
RECORD_DECLARE(planned_migration)

#define RECORD_up_result(F) \
	F(1, BOOL, _, success, 0, "") \
	F(2, RECORDS, applied_migration, applied, 0, "applied by this run, also by an attempt before its last; in order") \
	F(3, TEXTS, _, skipped, 0, "versions that were applied before") \
	F(4, TEXTS, _, skipped_superuser, 0, "always empty") \
	F(5, TEXTS, _, pending, 0, "versions that are still not applied") \
	F(6, RECORDS, issue, errors, 0, "") \
	F(7, INT, _, total_duration_ms, 0, "") \
	F(8, BOOL, _, checksums_verified, 0, "every applied file that is here was compared") \
	F(9, BOOL, _, dry_run, 0, "") \
	F(10, BOOL, _, dry_run_execute, 0, "") \
	F(11, TEXTS, _, warnings, 0, "") \
	F(12, RECORDS, planned_migration, migrations, OPTIONAL, "dry runs: what would run") \
	F(13, RECORDS, hint, hints, 0, "") \
	F(14, TEXTS, _, irreversible_versions, OPTIONAL, "--require-reversible: those without a .down.sql") \
	F(15, TEXT, _, job, NULLABLE, "job id") \
	F(16, RECORD, structural_diff, structural_diff, OPTIONAL, "with --structural-diff: what this run changed")
RECORD_DECLARE(up_result)

#define RECORD_down_result(F) \
	F(1, BOOL, _, success, 0, "") \
	F(2, RECORDS, applied_migration, rolled_back, 0, "in the order they were undone") \
	F(3, INT, _, total_duration_ms, 0, "") \
	F(4, BOOL, _, checksums_verified, 0, "") \
	F(5, TEXTS, _, warnings, 0, "") \
	F(6, RECORD, issue, error, NULLABLE, "") \
	F(7, BOOL, _, dry_run, 0, "") \
	F(8, RECORDS, planned_migration, migrations, OPTIONAL, "dry run: what would run") \
	F(9, RECORDS, hint, hints, 0, "") \
	F(10, TEXT, _, job, NULLABLE, "job id")
RECORD_DECLARE(down_result)

#define RECORD_down_to_result(F) \
	F(1, TEXT, _, from, NULLABLE, "newest version before") \
	F(2, TEXT, _, to, 0, "version asked for") \
	F(3, TEXTS, _, rolled_back, 0, "") \
	F(4, TEXTS, _, skipped, 0, "") \
	F(5, RECORDS, issue, errors, 0, "") \
	F(6, BOOL, _, dry_run, 0, "") \
	F(7, RECORDS, planned_migration, migrations, OPTIONAL, "dry run: what would run") \
	F(8, TEXTS, _, warnings, 0, "") \
	F(9, RECORDS, hint, hints, 0, "") \
	F(10, TEXT, _, job, NULLABLE, "job id")
RECORD_DECLARE(down_to_result)

/* ---- migrate status / current ---- */
#define RECORD_status_migration(F) \
	F(1, TEXT, _, version, 0, "") \
	F(2, TEXT, _, name, 0, "") \
	F(3, CHOICE, "applied|pending|unknown|missing|partial", status, 0, \
	  "unknown: no database was asked; missing: applied, and its file is gone; partial: outside transactions, cut") \
	F(4, TEXT, _, applied_at, NULLABLE, "")
RECORD_DECLARE(status_migration)

#define RECORD_status_summary(F) \
	F(1, INT, _, applied, 0, "") \
	F(2, INT, _, pending, 0, "") \
	F(3, INT, _, total, 0, "")
RECORD_DECLARE(status_summary)

#define RECORD_duplicate_version(F) \
	F(1, TEXT, _, version, 0, "") \
	F(2, TEXTS, _, files, 0, "")
RECORD_DECLARE(duplicate_version)

#define RECORD_status_structure(F) \
	F(1, TEXT, _, fingerprint, 0, "of the database as it is") \
	F(2, TEXT, _, recorded_fingerprint, NULLABLE, "of the last migrate up --structural-diff") \
	F(3, TEXT, _, recorded_at, NULLABLE, "") \
	F(4, CHOICE, "yes|no|unknown", drift, 0, \
	  "unknown: none is recorded, or the ledger has changed since")
RECORD_DECLARE(status_structure)

#define RECORD_status_result(F) \
	F(1, TEXT, _, tracking_table, 0, "as configured") \
	F(2, TEXT, _, resolved_table, NULLABLE, "schema.table that the name stands for; null when there is none") \
	F(3, TEXTS, _, applied, 0, "versions") \
	F(4, TEXTS, _, pending, 0, "versions") \
	F(5, TEXT, _, current, NULLABLE, "newest applied version, in file order") \
	F(6, INT, _, total, 0, "") \
	F(7, RECORDS, status_migration, migrations, 0, "") \
	F(8, RECORD, status_summary, summary, 0, "") \
	F(9, RECORDS, hint, hints, 0, "") \
	F(10, TEXT, _, warning, OPTIONAL, "") \
	F(11, TEXTS, _, orphaned_migrations, OPTIONAL, "files that are no migration") \
	F(12, RECORDS, duplicate_version, duplicate_versions, OPTIONAL | AS_MAP, "version -> its files") \
	F(13, BOOL, _, ledger_present, 0, "") \
	F(14, RECORD, status_structure, structure, OPTIONAL, "with --check-structure")
RECORD_DECLARE(status_result)

#define RECORD_current_result(F) \
	F(1, TEXT, _, revision, NULLABLE, "") \
	F(2, TEXT, _, name, NULLABLE, "") \
	F(3, TEXT, _, applied_at, NULLABLE, "") \
	F(4, TEXT, _, checksum, NULLABLE, "")
RECORD_DECLARE(current_result)

/* ---- migrate baseline ---- */
#define RECORD_baseline_row(F) \
	F(1, TEXT, _, version, 0, "") \
	F(2, TEXT, _, name, 0, "") \
	F(3, CHOICE, "marked|already_applied|source_only|beyond_through", status, 0, "")
RECORD_DECLARE(baseline_row)

#define RECORD_baseline_result(F) \
	F(1, BOOL, _, success, 0, "") \
	F(2, RECORDS, baseline_row, migrations, 0, "") \
	F(3, INT, _, marked, 0, "") \
	F(4, INT, _, skipped, 0, "") \
	F(5, BOOL, _, dry_run, 0, "") \
	F(6, TEXTS, _, warnings, 0, "") \
	F(7, TEXT, _, job, NULLABLE, "job id")
RECORD_DECLARE(baseline_result)

/* ---- migrate preflight ---- */
#define RECORD_preflight_summary(F) \
	F(1, INT, _, errors, 0, "") \
	F(2, INT, _, warnings, 0, "") \
	F(3, INT, _, info, 0, "") \
	F(4, INT, _, migrations_checked, 0, "") \
	F(5, BOOL, _, db_consumed, OPTIONAL, "the copy was changed for good")
RECORD_DECLARE(preflight_summary)

#define RECORD_change(F) \
	F(1, TEXT, _, kind, 0, "create_table, add_column, …") \
	F(2, TEXT, _, object, 0, "") \
	F(3, TEXT, _, migration, OPTIONAL, "version") \
	F(4, CHOICE, "additive|reversible|lock_risky|destructive|irreversible", tier, OPTIONAL, \
	  "absent = not classified: treat as not allowed") \
	F(5, TEXT, _, detail, OPTIONAL, "")
RECORD_DECLARE(change)

#define RECORD_change_set(F) \
	F(1, INT, _, contract_version, 0, "1") \
	F(2, RECORDS, change, changes, 0, "")
RECORD_DECLARE(change_set)

#define RECORD_preflight_statement(F) \
	F(1, INT, _, line, 0, "") \
	F(2, TEXT, _, sql, NULLABLE, "first 200 characters; filled in from the project's files") \
	F(3, REAL, _, duration_ms, 0, "") \
	F(4, INT, _, rows, NULLABLE, "")
RECORD_DECLARE(preflight_statement)

#define RECORD_preflight_down(F) \
	F(1, CHOICE, "replayed|failed|missing|skipped", status, 0, "") \
	F(2, CHOICE, "verified|differs|missing|failed|skipped", state, 0, \
	  "verified: the structure is what it was before the up file; skipped: it was not replayed, or the structure not read") \
	F(3, RECORD, structural_diff, diff, OPTIONAL, "differs: from before the up file to behind the down file")
RECORD_DECLARE(preflight_down)

#define RECORD_preflight_migration(F) \
	F(1, TEXT, _, version, 0, "") \
	F(2, TEXT, _, name, 0, "") \
	F(3, CHOICE, "replayed|failed|skipped|not_run", status, 0, "not_run: static checks only") \
	F(4, REAL, _, duration_ms, NULLABLE, "") \
	F(5, RECORDS, preflight_statement, statements, 0, "") \
	F(6, RECORD, preflight_down, down, OPTIONAL, "with --check-down") \
	F(7, RECORD, structural_diff, diff, OPTIONAL, "what it changes; of the first 100 migrations")
RECORD_DECLARE(preflight_migration)

#define RECORD_dependent(F) \
	F(1, TEXT, _, kind, 0, "view, function, constraint, policy …") \
	F(2, TEXT, _, schema, NULLABLE, "") \
	F(3, TEXT, _, name, 0, "table.name for what belongs to a table") \
	F(4, TEXTS, _, referenced_columns, 0, "columns of the object that it uses")
RECORD_DECLARE(dependent)

#define RECORD_dependent_entry(F) \
	F(1, TEXT, _, kind, 0, "view, function, table, column …") \
	F(2, TEXT, _, schema, NULLABLE, "") \
	F(3, TEXT, _, name, 0, "") \
	F(4, TEXT, _, qualified, 0, "schema.name") \
	F(5, TEXT, _, source_file, 0, "migration that replaces or drops it") \
	F(6, INT, _, source_line, 0, "") \
	F(7, CHOICE, "error|warning", severity, 0, "error with --check-dependents fail") \
	F(8, RECORDS, dependent, dependents, 0, "direct ones, without those dropped before")
RECORD_DECLARE(dependent_entry)

#define RECORD_dependent_analysis(F) \
	F(1, CHOICE, "ok|skipped", status, 0, "") \
	F(2, RECORDS, dependent_entry, entries, 0, "replaced and dropped objects that have dependents") \
	F(3, BOOL, _, has_blocking, 0, "exit code 1") \
	F(4, TEXT, _, skip_reason, OPTIONAL, "")
RECORD_DECLARE(dependent_analysis)

#define RECORD_preflight_result(F) \
	F(1, BOOL, _, ok, 0, "") \
	F(2, BOOL, _, window_safe, 0, "") \
	F(3, RECORD, preflight_summary, summary, 0, "") \
	F(4, RECORDS, issue, issues, 0, "") \
	F(5, RECORD, change_set, change_set, 0, "") \
	F(6, RECORDS, preflight_migration, migrations, 0, "") \
	F(7, CHOICE, "static|against|clone|throwaway", mode, 0, "where the replay ran") \
	F(8, TEXT, _, server_version, NULLABLE, "of the server that replayed") \
	F(9, TEXT, _, job, NULLABLE, "job id") \
	F(10, RECORD, dependent_analysis, dependent_analysis, OPTIONAL, "with --check-dependents") \
	F(11, RECORD, structural_diff, structural_diff, OPTIONAL, "of all that was replayed") \
	F(12, RECORD, schema_drift, drift_vs_schema, OPTIONAL, "against db/schema, or --compare-schema")
RECORD_DECLARE(preflight_result)

/* ---- migrate verify / verify-checksums / validate ---- */
#define RECORD_verify_row(F) \
	F(1, TEXT, _, version, 0, "") \
	F(2, TEXT, _, name, 0, "") \
	F(3, CHOICE, "verified|failed|no_file", status, 0, "") \
	F(4, TEXT, _, actual_value, NULLABLE, "first column of the first row") \
	F(5, TEXT, _, verify_file, NULLABLE, "") \
	F(6, TEXT, _, error, NULLABLE, "")
RECORD_DECLARE(verify_row)

#define RECORD_verify_result(F) \
	F(1, INT, _, verified_count, 0, "") \
	F(2, INT, _, failed_count, 0, "") \
	F(3, INT, _, skipped_count, 0, "applied, without a verify file") \
	F(4, INT, _, total_applied, 0, "") \
	F(5, BOOL, _, ledger_present, 0, "") \
	F(6, RECORDS, verify_row, results, 0, "")
RECORD_DECLARE(verify_result)

#define RECORD_checksum_summary(F) \
	F(1, INT, _, checked, 0, "ledger rows compared with a file") \
	F(2, INT, _, mismatched, 0, "") \
	F(3, TEXT, _, tracking_table, 0, "") \
	F(4, TEXT, _, resolved_table, NULLABLE, "") \
	F(5, INT, _, skipped, 0, "ledger rows without a file here")
RECORD_DECLARE(checksum_summary)

#define RECORD_checksum_result(F) \
	F(1, BOOL, _, ok, 0, "") \
	F(2, BOOL, _, ledger_present, 0, "") \
	F(3, RECORD, checksum_summary, summary, 0, "") \
	F(4, RECORDS, issue, issues, 0, "") \
	F(5, INT, _, fixed, OPTIONAL, "ledger rows changed by --fix")
RECORD_DECLARE(checksum_result)

/* ---- jobs of kind introspect: what was read lies with the coordinator ---- */
#define RECORD_structure_read(F) \
	F(1, TEXT, _, database, 0, "its name") \
	F(2, TEXT, _, server_version, 0, "") \
	F(3, TEXT, _, fingerprint, 0, "SHA-256 over all objects") \
	F(4, INT, _, objects, 0, "how many") \
	F(5, TEXT, _, sha256, 0, "of the structure, as lines of JSON") \
	F(6, INT, _, bytes, 0, "of it") \
	F(7, TEXT, _, job, NULLABLE, "job id")
RECORD_DECLARE(structure_read)

/* clang-format on */

#endif
