#ifndef CONFITURE_CLI_DOCUMENTS_H
#define CONFITURE_CLI_DOCUMENTS_H

#include "shared/wire/coordination.h"
#include "shared/wire/results.h"

/* Documents that only the command line makes: several targets in one, and the doctor's findings. */
/* clang-format off */
#define RECORD_target_result(F) \
	F(1, TEXT, _, target, 0, "") \
	F(2, TEXT, _, environment, NULLABLE, "") \
	F(3, BOOL, _, ok, 0, "") \
	F(4, INT, _, exit_code, NULLABLE, "what the command would exit with for this target alone; null: it was not run") \
	F(5, ANY, _, result, NULLABLE, "the document that the command prints for one target") \
	F(6, RECORD, issue, error, OPTIONAL, "")
RECORD_DECLARE(target_result)

#define RECORD_targets_summary(F) \
	F(1, INT, _, total, 0, "") \
	F(2, INT, _, succeeded, 0, "") \
	F(3, INT, _, failed, 0, "") \
	F(4, INT, _, not_run, 0, "left out after the first failure") \
	F(5, INT, _, exit_code, 0, "the worst of all")
RECORD_DECLARE(targets_summary)

#define RECORD_targets_result(F) \
	F(1, RECORDS, target_result, targets, 0, "in name order") \
	F(2, RECORD, targets_summary, summary, 0, "")
RECORD_DECLARE(targets_result)

#define RECORD_doctor_check(F) \
	F(1, TEXT, _, name, 0, "") \
	F(2, TEXT, _, target, NULLABLE, "") \
	F(3, CHOICE, "ok|warn|fail", status, 0, "") \
	F(4, TEXT, _, message, 0, "") \
	F(5, TEXT, _, code, OPTIONAL, "see: confiture explain CODE") \
	F(6, TEXTS, _, remediation, OPTIONAL, "next steps")
RECORD_DECLARE(doctor_check)

#define RECORD_doctor_result(F) \
	F(1, BOOL, _, ok, 0, "nothing failed") \
	F(2, INT, _, warnings, 0, "") \
	F(3, INT, _, failures, 0, "") \
	F(4, RECORDS, doctor_check, checks, 0, "")
RECORD_DECLARE(doctor_result)

#define RECORD_worker_change(F) \
	F(1, TEXT, _, name, 0, "of the worker or target") \
	F(2, CHOICE, "drained|undrained|forgotten", action, 0, "")
RECORD_DECLARE(worker_change)

#define RECORD_intent_moved(F) \
	F(1, TEXT, _, intent_id, 0, "") \
	F(2, TEXT, _, feature_name, 0, "") \
	F(3, TEXT, _, status, 0, "its state now") \
	F(4, TEXT, _, reason, NULLABLE, "") \
	F(5, TEXT, _, lease_expires_at, NULLABLE, "") \
	F(6, INT, _, token, NULLABLE, "number of its claims; null: it holds none") \
	F(7, TEXTS, _, files, OPTIONAL, "migration files that landed") \
	F(8, RECORDS, footprint_access, exceeds, OPTIONAL, "what they touch that the intent did not say") \
	F(9, RECORD, intent, intent, 0, "")
RECORD_DECLARE(intent_moved)
/* clang-format on */

#endif
