/*
 * The descriptors of every record, and the two tables that lead to them: by name, for values whose
 * type is known only when they are read, and by message number, for dispatch. Everything else about
 * a record follows from its field list in results.h and messages.h.
 */
#include "shared/wire/messages.h"
#include "shared/wire/results.h"

#include <string.h>

#include "shared/base/banned.h"

/* clang-format off */
#define RECORD_TYPE struct error_position_doc
RECORD_DEFINE(error_position_doc, "a place in one of the user's files")
#undef RECORD_TYPE

#define RECORD_TYPE struct lock_holder
RECORD_DEFINE(lock_holder, "who holds the lock of a ledger")
#undef RECORD_TYPE

#define RECORD_TYPE struct claim_holder
RECORD_DEFINE(claim_holder, "who holds a claim that is in the way")
#undef RECORD_TYPE

#define RECORD_TYPE struct error_details
RECORD_DEFINE(error_details, "what an error carries besides its eight keys")
#undef RECORD_TYPE

#define RECORD_TYPE struct issue
RECORD_DEFINE(issue, "an error or a finding, with its next step")
#undef RECORD_TYPE

#define RECORD_TYPE struct error_envelope
RECORD_DEFINE(error_envelope, "what a command prints that failed")
#undef RECORD_TYPE

#define RECORD_TYPE struct hint
RECORD_DEFINE(hint, "advice that changes no exit code")
#undef RECORD_TYPE

#define RECORD_TYPE struct applied_migration
RECORD_DEFINE(applied_migration, "a migration that this run applied or rolled back")
#undef RECORD_TYPE

#define RECORD_TYPE struct planned_statement
RECORD_DEFINE(planned_statement, "a statement that would run")
#undef RECORD_TYPE

#define RECORD_TYPE struct planned_migration
RECORD_DEFINE(planned_migration, "a migration that would run")
#undef RECORD_TYPE

#define RECORD_TYPE struct up_result
RECORD_DEFINE(up_result, "what migrate up did")
#undef RECORD_TYPE

#define RECORD_TYPE struct down_result
RECORD_DEFINE(down_result, "what migrate down did")
#undef RECORD_TYPE

#define RECORD_TYPE struct down_to_result
RECORD_DEFINE(down_to_result, "what migrate down-to did")
#undef RECORD_TYPE

#define RECORD_TYPE struct status_migration
RECORD_DEFINE(status_migration, "a migration and whether it is applied")
#undef RECORD_TYPE

#define RECORD_TYPE struct status_summary
RECORD_DEFINE(status_summary, "counts of applied and pending migrations")
#undef RECORD_TYPE

#define RECORD_TYPE struct duplicate_version
RECORD_DEFINE(duplicate_version, "a version that several files claim")
#undef RECORD_TYPE

#define RECORD_TYPE struct status_structure
RECORD_DEFINE(status_structure, "whether the structure is what the last run left")
#undef RECORD_TYPE

#define RECORD_TYPE struct status_result
RECORD_DEFINE(status_result, "which migrations are applied and which are pending")
#undef RECORD_TYPE

#define RECORD_TYPE struct current_result
RECORD_DEFINE(current_result, "the newest applied migration")
#undef RECORD_TYPE

#define RECORD_TYPE struct baseline_row
RECORD_DEFINE(baseline_row, "what baseline did with one migration")
#undef RECORD_TYPE

#define RECORD_TYPE struct baseline_result
RECORD_DEFINE(baseline_result, "what migrate baseline did")
#undef RECORD_TYPE

#define RECORD_TYPE struct preflight_summary
RECORD_DEFINE(preflight_summary, "counts of a preflight's findings")
#undef RECORD_TYPE

#define RECORD_TYPE struct change
RECORD_DEFINE(change, "one change of the schema that the pending migrations make")
#undef RECORD_TYPE

#define RECORD_TYPE struct change_set
RECORD_DEFINE(change_set, "all changes that the pending migrations make")
#undef RECORD_TYPE

#define RECORD_TYPE struct preflight_statement
RECORD_DEFINE(preflight_statement, "a statement of the replay")
#undef RECORD_TYPE

#define RECORD_TYPE struct preflight_down
RECORD_DEFINE(preflight_down, "how the down file fared in the replay")
#undef RECORD_TYPE

#define RECORD_TYPE struct preflight_migration
RECORD_DEFINE(preflight_migration, "how a migration fared in the replay")
#undef RECORD_TYPE

#define RECORD_TYPE struct dependent
RECORD_DEFINE(dependent, "what depends on an object")
#undef RECORD_TYPE

#define RECORD_TYPE struct dependent_entry
RECORD_DEFINE(dependent_entry, "a replaced or dropped object and its dependents")
#undef RECORD_TYPE

#define RECORD_TYPE struct dependent_analysis
RECORD_DEFINE(dependent_analysis, "what depends on replaced and dropped objects")
#undef RECORD_TYPE

#define RECORD_TYPE struct preflight_result
RECORD_DEFINE(preflight_result, "what a preflight found")
#undef RECORD_TYPE

#define RECORD_TYPE struct verify_row
RECORD_DEFINE(verify_row, "outcome of one verify file")
#undef RECORD_TYPE

#define RECORD_TYPE struct verify_result
RECORD_DEFINE(verify_result, "outcome of all verify files")
#undef RECORD_TYPE

#define RECORD_TYPE struct checksum_summary
RECORD_DEFINE(checksum_summary, "counts of a checksum comparison")
#undef RECORD_TYPE

#define RECORD_TYPE struct checksum_result
RECORD_DEFINE(checksum_result, "applied files compared with the ledger")
#undef RECORD_TYPE

#define RECORD_TYPE struct structure_read
RECORD_DEFINE(structure_read, "a structure that was read, and lies with the coordinator")
#undef RECORD_TYPE

#define RECORD_TYPE struct bundle_file
RECORD_DEFINE(bundle_file, "a migration file of a bundle")
#undef RECORD_TYPE

#define RECORD_TYPE struct bundle_info
RECORD_DEFINE(bundle_info, "the migration files that a job carries")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_options
RECORD_DEFINE(job_options, "options of every kind of job")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_spec
RECORD_DEFINE(job_spec, "what a job is asked to do")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_event
RECORD_DEFINE(job_event, "one event of a job's stream")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_info
RECORD_DEFINE(job_info, "state of a job as everybody sees it")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_outcome
RECORD_DEFINE(job_outcome, "how a job ended")
#undef RECORD_TYPE

#define RECORD_TYPE struct ack
RECORD_DEFINE(ack, "the request was taken")
#undef RECORD_TYPE

#define RECORD_TYPE struct refusal
RECORD_DEFINE(refusal, "the request was refused")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_submit
RECORD_DEFINE(job_submit, "asks for a job")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_submitted
RECORD_DEFINE(job_submitted, "the job is durable")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_watch
RECORD_DEFINE(job_watch, "asks for what is new in a job's stream")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_watched
RECORD_DEFINE(job_watched, "what is new in a job's stream")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_cancel
RECORD_DEFINE(job_cancel, "asks that a job be cancelled")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_changed
RECORD_DEFINE(job_changed, "the job after the change")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_list_request
RECORD_DEFINE(job_list_request, "asks for the jobs in the journal")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_list
RECORD_DEFINE(job_list, "jobs of the journal")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_show
RECORD_DEFINE(job_show, "asks for all that is known of a job")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_shown
RECORD_DEFINE(job_shown, "all that is known of a job")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_settle
RECORD_DEFINE(job_settle, "ends a job whose outcome was unknown")
#undef RECORD_TYPE

#define RECORD_TYPE struct worker_next
RECORD_DEFINE(worker_next, "a worker asks for work")
#undef RECORD_TYPE

#define RECORD_TYPE struct unsettled
RECORD_DEFINE(unsettled, "an earlier attempt whose outcome is not known")
#undef RECORD_TYPE

#define RECORD_TYPE struct chain_head
RECORD_DEFINE(chain_head, "the newest event of an audit chain")
#undef RECORD_TYPE
#define RECORD_TYPE struct worker_offer
RECORD_DEFINE(worker_offer, "a job for a worker, or none")
#undef RECORD_TYPE
#define RECORD_TYPE struct job_check
RECORD_DEFINE(job_check, "a migration file that is about to run")
#undef RECORD_TYPE
#define RECORD_TYPE struct job_checked
RECORD_DEFINE(job_checked, "no claim of another agent stops it")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_begin
RECORD_DEFINE(job_begin, "a worker begins an attempt")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_events
RECORD_DEFINE(job_events, "events of an attempt")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_renew
RECORD_DEFINE(job_renew, "a worker asks to keep its lease")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_lease
RECORD_DEFINE(job_lease, "how long an attempt may go on")
#undef RECORD_TYPE

#define RECORD_TYPE struct settled_attempt
RECORD_DEFINE(settled_attempt, "what the target says about an attempt")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_settled
RECORD_DEFINE(job_settled, "what the target says about earlier attempts")
#undef RECORD_TYPE

#define RECORD_TYPE struct job_finish
RECORD_DEFINE(job_finish, "a worker ends an attempt")
#undef RECORD_TYPE

#define RECORD_TYPE struct hello
RECORD_DEFINE(hello, "opens a connection")
#undef RECORD_TYPE

#define RECORD_TYPE struct hello_reply
RECORD_DEFINE(hello_reply, "the protocol that the connection speaks")
#undef RECORD_TYPE

#define RECORD_TYPE struct worker_target
RECORD_DEFINE(worker_target, "a target that a worker serves")
#undef RECORD_TYPE

#define RECORD_TYPE struct worker_hello
RECORD_DEFINE(worker_hello, "a worker says what it serves")
#undef RECORD_TYPE

#define RECORD_TYPE struct worker_welcome
RECORD_DEFINE(worker_welcome, "the worker is known")
#undef RECORD_TYPE

#define RECORD_TYPE struct target_list_request
RECORD_DEFINE(target_list_request, "asks for targets")
#undef RECORD_TYPE

#define RECORD_TYPE struct known_target
RECORD_DEFINE(known_target, "a target as everybody sees it")
#undef RECORD_TYPE

#define RECORD_TYPE struct target_list
RECORD_DEFINE(target_list, "targets that workers serve, or served")
#undef RECORD_TYPE

#define RECORD_TYPE struct worker_list_request
RECORD_DEFINE(worker_list_request, "asks for workers")
#undef RECORD_TYPE

#define RECORD_TYPE struct worker_info
RECORD_DEFINE(worker_info, "a worker as everybody sees it")
#undef RECORD_TYPE

#define RECORD_TYPE struct worker_list
RECORD_DEFINE(worker_list, "workers of the coordinator")
#undef RECORD_TYPE

#define RECORD_TYPE struct worker_drain
RECORD_DEFINE(worker_drain, "a worker shall take no more jobs, or take them again")
#undef RECORD_TYPE

#define RECORD_TYPE struct worker_forget
RECORD_DEFINE(worker_forget, "a worker or target is gone for good")
#undef RECORD_TYPE

#define RECORD_TYPE struct bundle_offer
RECORD_DEFINE(bundle_offer, "asks which files of a bundle are missing")
#undef RECORD_TYPE

#define RECORD_TYPE struct bundle_wanted
RECORD_DEFINE(bundle_wanted, "files that are missing")
#undef RECORD_TYPE

#define RECORD_TYPE struct bundle_put
RECORD_DEFINE(bundle_put, "a piece of a migration file, to the coordinator")
#undef RECORD_TYPE

#define RECORD_TYPE struct bundle_get
RECORD_DEFINE(bundle_get, "a worker asks for a piece of a migration file")
#undef RECORD_TYPE

#define RECORD_TYPE struct bundle_chunk
RECORD_DEFINE(bundle_chunk, "a piece of a migration file, to a worker")
#undef RECORD_TYPE

#define RECORD_TYPE struct structure_put
RECORD_DEFINE(structure_put, "a piece of a database's structure, to the coordinator")
#undef RECORD_TYPE

#define RECORD_TYPE struct structure_kept
RECORD_DEFINE(structure_kept, "the piece is kept")
#undef RECORD_TYPE

#define RECORD_TYPE struct structure_get
RECORD_DEFINE(structure_get, "asks for a piece of a structure that a job read")
#undef RECORD_TYPE

#define RECORD_TYPE struct structure_piece
RECORD_DEFINE(structure_piece, "a piece of a structure")
#undef RECORD_TYPE

#define RECORD_TYPE struct audit_show_request
RECORD_DEFINE(audit_show_request, "asks for events of the audit log")
#undef RECORD_TYPE

#define RECORD_TYPE struct audit_event
RECORD_DEFINE(audit_event, "an event of the audit log")
#undef RECORD_TYPE

#define RECORD_TYPE struct audit_log
RECORD_DEFINE(audit_log, "events of the audit log")
#undef RECORD_TYPE
#define RECORD_TYPE struct audit_export
RECORD_DEFINE(audit_export, "an audit chain as a file")
#undef RECORD_TYPE

#define RECORD_TYPE struct audit_verify
RECORD_DEFINE(audit_verify, "asks that the chain of the audit log be proved")
#undef RECORD_TYPE

#define RECORD_TYPE struct journal_health
RECORD_DEFINE(journal_health, "the state of a journal's file")
#undef RECORD_TYPE
#define RECORD_TYPE struct audit_report
RECORD_DEFINE(audit_report, "what the proof of the audit chain found")
#undef RECORD_TYPE

/* clang-format on */

static const struct record *const records[] = {
	&record_error_position_doc,
	&record_lock_holder,
	&record_claim_holder,
	&record_error_details,
	&record_issue,
	&record_error_envelope,
	&record_hint,
	&record_applied_migration,
	&record_planned_statement,
	&record_planned_migration,
	&record_up_result,
	&record_down_result,
	&record_down_to_result,
	&record_status_migration,
	&record_status_summary,
	&record_duplicate_version,
	&record_status_structure,
	&record_status_result,
	&record_current_result,
	&record_baseline_row,
	&record_baseline_result,
	&record_preflight_summary,
	&record_change,
	&record_change_set,
	&record_preflight_statement,
	&record_preflight_down,
	&record_preflight_migration,
	&record_dependent,
	&record_dependent_entry,
	&record_dependent_analysis,
	&record_preflight_result,
	&record_verify_row,
	&record_verify_result,
	&record_checksum_summary,
	&record_checksum_result,
	&record_structure_read,
	&record_bundle_file,
	&record_bundle_info,
	&record_job_options,
	&record_job_spec,
	&record_job_event,
	&record_job_info,
	&record_job_outcome,
	&record_ack,
	&record_refusal,
	&record_job_submit,
	&record_job_submitted,
	&record_job_watch,
	&record_job_watched,
	&record_job_cancel,
	&record_job_changed,
	&record_job_list_request,
	&record_job_list,
	&record_job_show,
	&record_job_shown,
	&record_job_settle,
	&record_worker_next,
	&record_unsettled,
	&record_chain_head,
	&record_worker_offer,
	&record_job_check,
	&record_job_checked,
	&record_job_begin,
	&record_job_events,
	&record_job_renew,
	&record_job_lease,
	&record_settled_attempt,
	&record_job_settled,
	&record_job_finish,
	&record_hello,
	&record_hello_reply,
	&record_worker_target,
	&record_worker_hello,
	&record_worker_welcome,
	&record_target_list_request,
	&record_known_target,
	&record_target_list,
	&record_worker_list_request,
	&record_worker_info,
	&record_worker_list,
	&record_worker_drain,
	&record_worker_forget,
	&record_bundle_offer,
	&record_bundle_wanted,
	&record_bundle_put,
	&record_bundle_get,
	&record_bundle_chunk,
	&record_structure_put,
	&record_structure_kept,
	&record_structure_get,
	&record_structure_piece,
	&record_audit_show_request,
	&record_audit_event,
	&record_audit_log,
	&record_audit_export,
	&record_audit_verify,
	&record_journal_health,
	&record_audit_report,
	&record_footprint_access,
	&record_unjudged,
	&record_intent_claim,
	&record_intent,
	&record_intent_conflict,
	&record_intent_draft,
	&record_intent_register,
	&record_intent_registered,
	&record_intent_check,
	&record_intent_checked,
	&record_claim_wait,
	&record_landed_file,
	&record_intent_move,
	&record_intent_show,
	&record_intent_shown,
	&record_intent_list_request,
	&record_intent_list,
	&record_conflicted_list_request,
	&record_conflicted_intent,
	&record_conflicted_list,
	&record_conflict_resolve,
	&record_conflict_resolved,
	&record_claim_list_request,
	&record_held_claim,
	&record_claim_waiter,
	&record_claim_list,
	&record_intent_event,
	&record_intent_history,
	&record_intent_watch,
	&record_intent_events,
	&record_version_reserve,
	&record_version_reserved,
	&record_registry_move,
	&record_registry_intent,
	&record_registry_import,
	&record_registry_left,
	&record_registry_imported,
	&record_diff_details,
	&record_diff_fingerprints,
	&record_structure_change,
	&record_structural_diff,
	&record_schema_drift,
};

enum { FROM_CLIENT, FROM_WORKER, FROM_OPERATOR, FROM_ANYONE };

static const struct message_type messages[] = {
#define MESSAGE_ROW(number, request, reply, who, text)                                             \
	{(number), &record_##request, &record_##reply, FROM_##who == FROM_WORKER, text},
	MESSAGES(MESSAGE_ROW)
#undef MESSAGE_ROW
};

const struct message_type *
message_type(enum message_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		if (messages[i].kind == kind)
			return &messages[i];
	}
	return NULL;
}

const struct record *
record_at(size_t index)
{
	return index < ARRAY_LEN(records) ? records[index] : NULL;
}

const struct record *
record_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		if (strcmp(records[i]->name, name) == 0)
			return records[i];
	}
	return NULL;
}
