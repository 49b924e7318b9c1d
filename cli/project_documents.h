#ifndef CONFITURE_CLI_PROJECT_DOCUMENTS_H
#define CONFITURE_CLI_PROJECT_DOCUMENTS_H

#include "shared/wire/results.h"

/* Documents of the commands that look at the project's files only. */
/* clang-format off */
#define RECORD_init_result(F) \
	F(1, BOOL, _, success, 0, "") \
	F(2, TEXT, _, path, 0, "folder of the project") \
	F(3, TEXTS, _, created, 0, "folders and files that were made") \
	F(4, TEXTS, _, kept, 0, "files that were there and were not changed") \
	F(5, TEXTS, _, next_steps, 0, "commands")
RECORD_DECLARE(init_result)

#define RECORD_generate_result(F) \
	F(1, CHOICE, "success|dry_run", status, 0, "") \
	F(2, TEXT, _, version, 0, "") \
	F(3, TEXT, _, name, 0, "") \
	F(4, TEXT, _, filepath, 0, "the .up.sql file") \
	F(5, TEXT, _, down_filepath, 0, "the .down.sql file") \
	F(6, TEXT, _, class_name, NULLABLE, "always null: migrations are SQL") \
	F(7, TEXT, _, migrations_dir, 0, "") \
	F(8, TEXT, _, next_available_version, 0, "the version after this one") \
	F(9, TEXT, _, snapshot, NULLABLE, "always null") \
	F(10, TEXT, _, snapshot_mode, NULLABLE, "always null") \
	F(11, TEXTS, _, warnings, 0, "") \
	F(12, TEXT, _, template_, OPTIONAL, "dry run: what the .up.sql file would hold")
RECORD_DECLARE(generate_result)

#define RECORD_told_change(F) \
	F(1, TEXT, _, type, 0, "ADD_TABLE, DROP_COLUMN, CHANGE_COLUMN_TYPE …, as `diff` has them") \
	F(2, TEXT, _, details, 0, "in words: ADD COLUMN users.email")
RECORD_DECLARE(told_change)

#define RECORD_migrate_diff_result(F) \
	F(1, BOOL, _, success, 0, "") \
	F(2, BOOL, _, has_changes, 0, "the exit code does not say it") \
	F(3, RECORDS, told_change, changes, 0, "") \
	F(4, INT, _, change_count, 0, "") \
	F(5, BOOL, _, migration_generated, 0, "") \
	F(6, TEXT, _, migration_file, NULLABLE, "the .up.sql file") \
	F(7, TEXT, _, error, NULLABLE, "always null: an error is a document of its own") \
	F(8, TEXT, _, version, NULLABLE, "of the migration") \
	F(9, TEXT, _, down_file, NULLABLE, "the .down.sql file; null, though there is a migration: no way leads back") \
	F(10, TEXTS, _, loses, 0, "of the .up.sql file: statements that lose rows or values") \
	F(11, TEXTS, _, down_loses, 0, "of the .down.sql file") \
	F(12, TEXTS, _, warnings, 0, "")
RECORD_DECLARE(migrate_diff_result)

#define RECORD_renamed_file(F) \
	F(1, TEXT, _, from, 0, "") \
	F(2, TEXT, _, to, 0, "") \
	F(3, CHOICE, "renamed|would_rename|refused", status, 0, "") \
	F(4, TEXT, _, reason, OPTIONAL, "why it was refused")
RECORD_DECLARE(renamed_file)

#define RECORD_validate_result(F) \
	F(1, CHOICE, "ok|issues_found|fixed|preview", status, 0, "") \
	F(2, TEXT, _, migrations_dir, 0, "") \
	F(3, INT, _, migration_count, 0, "") \
	F(4, TEXTS, _, orphaned_files, 0, ".sql files that are no migration; they alone do not fail") \
	F(5, RECORDS, duplicate_version, duplicate_versions, AS_MAP, "version -> its files") \
	F(6, RECORDS, renamed_file, renamed, OPTIONAL, "with --fix-naming") \
	F(7, RECORDS, hint, hints, 0, "")
RECORD_DECLARE(validate_result)

#define RECORD_config_result(F) \
	F(1, BOOL, _, valid, 0, "") \
	F(2, CHOICE, "yaml-file|flags|env", config_source, 0, "") \
	F(3, TEXT, _, migrations_path, 0, "") \
	F(4, INT, _, migration_count, 0, "") \
	F(5, RECORDS, issue, issues, 0, "warnings alone leave it valid")
RECORD_DECLARE(config_result)

#define RECORD_build_applied(F) \
	F(1, TEXT, _, database, 0, "where: host:port/database") \
	F(2, INT, _, statements, 0, "how many were run")
RECORD_DECLARE(build_applied)

#define RECORD_build_result(F) \
	F(1, BOOL, _, success, 0, "") \
	F(2, INT, _, files_processed, 0, "") \
	F(3, INT, _, schema_size_bytes, 0, "") \
	F(4, TEXT, _, output_path, 0, "absolute") \
	F(5, TEXT, _, hash, NULLABLE, "with --show-hash: over paths and bytes of the files") \
	F(6, INT, _, execution_time_ms, 0, "") \
	F(7, INT, _, seed_files_applied, 0, "with --apply: how many of the files are seeds") \
	F(8, TEXT, _, artifact_path, NULLABLE, "always null") \
	F(9, TEXT, _, artifact_hash, NULLABLE, "always null") \
	F(10, TEXT, _, seed_profile, NULLABLE, "always null") \
	F(11, TEXTS, _, warnings, 0, "") \
	F(12, TEXT, _, error, NULLABLE, "always null: an error is a document of its own") \
	F(13, RECORD, build_applied, applied, OPTIONAL, "with --apply")
RECORD_DECLARE(build_result)

#define RECORD_code_page(F) \
	F(1, TEXT, _, code, 0, "") \
	F(2, INT, _, exit_code, 0, "") \
	F(3, TEXT, _, class_, 0, "name of the exit code") \
	F(4, CHOICE, "info|warning|error|critical", severity, 0, "") \
	F(5, TEXT, _, meaning, 0, "") \
	F(6, TEXT, _, why, NULLABLE, "") \
	F(7, TEXTS, _, remediation, 0, "next steps")
RECORD_DECLARE(code_page)

#define RECORD_code_list(F) F(1, RECORDS, code_page, codes, 0, "all error codes, by name")
RECORD_DECLARE(code_list)
/* clang-format on */

#endif
