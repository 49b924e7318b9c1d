#ifndef CONFITURE_WIRE_MESSAGES_H
#define CONFITURE_WIRE_MESSAGES_H

#include "shared/wire/coordination.h"
#include "shared/wire/record.h"
#include "shared/wire/results.h"

/*
 * THE PROTOCOL: every request that a CLI or a worker can make of the coordinator, with its reply.
 * Structs, copies, JSON and dispatch come from this one list. Nobody but the coordinator answers;
 * it never calls.
 */

/* clang-format off */
/* ---- what a job is made of ---- */
#define RECORD_bundle_file(F) \
	F(1, TEXT, _, name, 0, "file name without a folder: 001_users.up.sql") \
	F(2, TEXT, _, sha256, NULLABLE, "64 hex digits; absent in jobs that read no bodies") \
	F(3, INT, _, size, 0, "bytes; 0 in jobs that read no bodies") \
	F(4, BOOL, _, schema, OPTIONAL, "a schema file, named by its path; no migration")
RECORD_DECLARE(bundle_file)

#define RECORD_bundle_info(F) \
	F(1, TEXT, _, hash, NULLABLE, "SHA-256 over names and hashes, in order") \
	F(2, RECORDS, bundle_file, files, 0, "in byte order of their names")
RECORD_DECLARE(bundle_info)

/* Options of every job kind; those that a kind does not name are ignored by it. Zero is the default. */
#define RECORD_job_options(F) \
	F(1, TEXT, _, target_version, OPTIONAL, "up: stop after it; down-to: the revision; baseline: through") \
	F(2, BOOL, _, strict, 0, "") \
	F(3, BOOL, _, force, 0, "") \
	F(4, BOOL, _, dry_run, 0, "") \
	F(5, BOOL, _, dry_run_execute, 0, "") \
	F(6, BOOL, _, require_reversible, 0, "") \
	F(7, BOOL, _, no_lock, 0, "") \
	F(8, INT, _, lock_timeout_ms, 0, "how long to wait for the runner's lock") \
	F(9, CHOICE, "fail|warn|ignore", on_checksum_mismatch, OPTIONAL, "default fail; ignore = not verified") \
	F(10, INT, _, steps, 0, "down: how many") \
	F(11, TEXT, _, version, OPTIONAL, "verify: only this one") \
	F(12, BOOL, _, fix, 0, "verify-checksums: record what the files hold now") \
	F(13, TEXT, _, source_target, OPTIONAL, "baseline --from-db: the target whose ledger is read") \
	F(14, TEXT, _, source_table, OPTIONAL, "its ledger's name") \
	F(15, TEXT, _, since, OPTIONAL, "preflight: first version to replay") \
	F(16, BOOL, _, allow_non_transactional, 0, "") \
	F(17, BOOL, _, check_down, 0, "") \
	F(18, CHOICE, "static|against|clone|throwaway", replay, OPTIONAL, "preflight: where") \
	F(19, TEXT, _, replay_target, OPTIONAL, "preflight against: the target to replay on") \
	F(20, BOOL, _, all_files, 0, "preflight: no ledger says what is pending; replay every file") \
	F(21, TEXT, _, command, OPTIONAL, "what the user typed, for the lock holder's row") \
	F(22, BOOL, _, replicas, 0, "preflight: what replicas notice is an error, not a warning") \
	F(23, BOOL, _, verbose, 0, "an event for every statement, not only for slow ones") \
	F(24, CHOICE, "off|fail|warn", check_dependents, OPTIONAL, \
	  "preflight: ask what depends on replaced and dropped objects; default off") \
	F(25, TEXT, _, foreign_journal, OPTIONAL, "why a database of another coordinator's journal is changed here") \
	F(26, TEXTS, _, override_claims, OPTIONAL, "intents whose claims do not stop this job") \
	F(27, TEXT, _, override_reason, OPTIONAL, "why not") \
	F(28, TEXT, _, schema, OPTIONAL, "preflight: what the bundle's schema files are called together, to be compared with") \
	F(29, BOOL, _, schema_asked, OPTIONAL, "somebody asked for it: not comparing is an error") \
	F(30, TEXT, _, schema_missing, OPTIONAL, "why the bundle has none of those files") \
	F(31, TEXT, _, scratch_target, OPTIONAL, "preflight: where they are loaded") \
	F(32, BOOL, _, structural_diff, OPTIONAL, "up: tell what changes in the structure, and record its fingerprint") \
	F(33, BOOL, _, check_structure, OPTIONAL, "status: compare the structure with the recorded fingerprint")
RECORD_DECLARE(job_options)

#define RECORD_job_spec(F) \
	F(1, CHOICE, "status|current|apply|rollback|rollback_to|baseline|verify|checksums|preflight|settle|introspect", kind, 0, "") \
	F(2, TEXT, _, target, 0, "name of the target; never a URL") \
	F(3, TEXT, _, environment, NULLABLE, "") \
	F(4, RECORD, job_options, options, 0, "") \
	F(5, RECORD, bundle_info, bundle, NULLABLE, "") \
	F(6, TEXT, _, agent, NULLABLE, "who asks") \
	F(7, TEXT, _, target_key, NULLABLE, "host, port and database, to find jobs of the same database") \
	F(8, TEXT, _, worktree, OPTIONAL, "where the asker stands: the other half of who holds a claim")
RECORD_DECLARE(job_spec)

/*
 * One event of a job's stream. A flat record: `kind` says which of the optional fields are there. Holds no statement
 * text: `file` and `line` let the CLI show it from its own files.
 */
#define RECORD_job_event(F) \
	F(1, INT, _, seq, 0, "1, 2, 3 … within (job, attempt), without gaps") \
	F(2, TEXT, _, time, 0, "RFC 3339, UTC") \
	F(3, TEXT, _, job, 0, "") \
	F(4, INT, _, attempt, 0, "from 1") \
	F(5, TEXT, _, target, 0, "") \
	F(6, CHOICE, \
	  "connected|lock_waiting|lock_acquired|settled|plan|migration_started|statement|migration_done|" \
	  "migration_failed|migration_skipped|index_rebuilt|progress|warning|notice|structure_changed", \
	  kind, 0, "") \
	F(7, TEXT, _, version, OPTIONAL, "") \
	F(8, TEXT, _, name, OPTIONAL, "") \
	F(9, TEXT, _, file, OPTIONAL, "") \
	F(10, INT, _, line, OPTIONAL, "") \
	F(11, INT, _, statement, OPTIONAL, "which statement of the file, from 1") \
	F(12, TEXT, _, tag, OPTIONAL, "command tag: CREATE TABLE") \
	F(13, INT, _, done, OPTIONAL, "migrations settled so far") \
	F(14, INT, _, total, OPTIONAL, "migrations planned") \
	F(15, INT, _, duration_ms, OPTIONAL, "") \
	F(16, INT, _, rows, OPTIONAL, "") \
	F(17, TEXT, _, code, OPTIONAL, "") \
	F(18, TEXT, _, message, OPTIONAL, "") \
	F(19, RECORDS, structure_change, changes, OPTIONAL, \
	  "structure_changed: some of the version's changes; done of total are told with it")
RECORD_DECLARE(job_event)

/* ---- state of a job as everybody sees it ---- */
#define RECORD_job_info(F) \
	F(1, TEXT, _, id, 0, "") \
	F(2, TEXT, _, kind, 0, "") \
	F(3, CHOICE, "queued|offered|running|unknown|cancelling|succeeded|failed|cancelled", state, 0, "") \
	F(4, TEXT, _, target, 0, "") \
	F(5, TEXT, _, environment, NULLABLE, "") \
	F(6, TEXT, _, agent, NULLABLE, "") \
	F(7, INT, _, attempt, 0, "") \
	F(8, TEXT, _, submitted_at, 0, "") \
	F(9, TEXT, _, started_at, NULLABLE, "") \
	F(10, TEXT, _, finished_at, NULLABLE, "") \
	F(11, INT, _, exit_code, NULLABLE, "what the command that submitted it exits with") \
	F(12, TEXT, _, note, NULLABLE, "why it is in this state") \
	F(13, INT, _, last_seq, 0, "number of the newest event") \
	F(14, TEXT, _, bundle_hash, NULLABLE, "")
RECORD_DECLARE(job_info)

/* How a job ended; also what the CLI prints. `result` is one of the records of results.h. */
#define RECORD_job_outcome(F) \
	F(1, INT, _, exit_code, 0, "") \
	F(2, ANY, _, result, NULLABLE, "") \
	F(3, RECORD, issue, error, NULLABLE, "the error that ended it") \
	F(4, BOOL, _, unknown, 0, "the target could not be asked what happened")
RECORD_DECLARE(job_outcome)

/* ---- replies ---- */
#define RECORD_ack(F) F(1, BOOL, _, replayed, 0, "the same request was answered before; this is that answer")
RECORD_DECLARE(ack)

#define RECORD_refusal(F) F(1, RECORD, issue, error, 0, "")
RECORD_DECLARE(refusal)

/* ---- requests and their replies ---- */
#define RECORD_job_submit(F) \
	F(1, RECORD, job_spec, spec, 0, "") \
	F(2, TEXT, _, idempotency_key, NULLABLE, "")
RECORD_DECLARE(job_submit)
#define RECORD_job_submitted(F) \
	F(1, TEXT, _, job, 0, "") \
	F(2, BOOL, _, replayed, 0, "")
RECORD_DECLARE(job_submitted)

#define RECORD_job_watch(F) \
	F(1, TEXT, _, job, 0, "") \
	F(2, INT, _, attempt, 0, "of the last event seen; 0 = from the start") \
	F(3, INT, _, since, 0, "seq of the last event seen") \
	F(4, INT, _, wait_ms, 0, "how long to wait when there is nothing new")
RECORD_DECLARE(job_watch)
#define RECORD_job_watched(F) \
	F(1, RECORD, job_info, info, 0, "") \
	F(2, RECORDS, job_event, events, 0, "at most 256, in order, none left out") \
	F(3, RECORD, job_outcome, outcome, NULLABLE, "set once the job is final and every event was handed out")
RECORD_DECLARE(job_watched)

#define RECORD_job_cancel(F) \
	F(1, TEXT, _, job, 0, "") \
	F(2, TEXT, _, reason, NULLABLE, "")
RECORD_DECLARE(job_cancel)
#define RECORD_job_changed(F) F(1, RECORD, job_info, info, 0, "")
RECORD_DECLARE(job_changed)

#define RECORD_job_list_request(F) \
	F(1, INT, _, limit, 0, "") \
	F(2, BOOL, _, open_only, 0, "only jobs that have not ended")
RECORD_DECLARE(job_list_request)
#define RECORD_job_list(F) \
	F(1, INT, _, total, 0, "") \
	F(2, RECORDS, job_info, jobs, 0, "newest first")
RECORD_DECLARE(job_list)

#define RECORD_job_show(F) F(1, TEXT, _, job, 0, "")
RECORD_DECLARE(job_show)
#define RECORD_job_shown(F) \
	F(1, RECORD, job_info, info, 0, "") \
	F(2, RECORD, job_spec, spec, 0, "") \
	F(3, RECORD, job_outcome, outcome, NULLABLE, "")
RECORD_DECLARE(job_shown)

/* Ends an UNKNOWN job by hand or after the target was asked. */
#define RECORD_job_settle(F) \
	F(1, TEXT, _, job, 0, "") \
	F(2, CHOICE, "succeeded|failed", state, 0, "") \
	F(3, TEXT, _, note, 0, "what the target said")
RECORD_DECLARE(job_settle)

/* ---- worker ---- */
#define RECORD_worker_next(F) \
	F(1, TEXT, _, worker, 0, "") \
	F(2, TEXTS, _, targets, 0, "names it serves") \
	F(3, INT, _, wait_ms, 0, "") \
	F(4, TEXTS, _, kinds, OPTIONAL, "kinds of jobs it knows that came after the first version: introspect")
RECORD_DECLARE(worker_next)

#define RECORD_unsettled(F) \
	F(1, TEXT, _, job, 0, "") \
	F(2, INT, _, attempt, 0, "")
RECORD_DECLARE(unsettled)

/* The newest event of a journal's audit chain, which the chain contains for ever. */
#define RECORD_chain_head(F) \
	F(1, TEXT, _, journal, 0, "its id") \
	F(2, INT, _, seq, 0, "") \
	F(3, TEXT, _, hash, 0, "") \
	F(4, INT, _, accepted, 0, "the newest event by which an operator accepted the journal as it is; 0: none")
RECORD_DECLARE(chain_head)

#define RECORD_worker_offer(F) \
	F(1, TEXT, _, job, NULLABLE, "absent: nothing to do") \
	F(2, INT, _, attempt, 0, "") \
	F(3, INT, _, lease_ms, 0, "") \
	F(4, RECORD, job_spec, spec, NULLABLE, "") \
	F(5, RECORDS, unsettled, unsettled, 0, "earlier attempts on this database whose outcome is not known") \
	F(6, TEXT, _, journal, NULLABLE, "id of the journal, for the fence") \
	F(7, RECORD, chain_head, chain, OPTIONAL, "for the worker to remember, across restarts") \
	F(8, BOOL, _, claimed, OPTIONAL, "agents hold claims: each file is to be checked before any of them runs")
RECORD_DECLARE(worker_offer)

#define RECORD_job_check(F) \
	F(1, TEXT, _, worker, 0, "") \
	F(2, TEXT, _, job, 0, "") \
	F(3, INT, _, attempt, 0, "") \
	F(4, TEXT, _, version, 0, "") \
	F(5, TEXT, _, file, 0, "") \
	F(6, TEXT, _, sql, 0, "its statements, each on its line of the file") \
	F(7, BOOL, _, too_long, 0, "they are more than is compared")
RECORD_DECLARE(job_check)
#define RECORD_job_checked(F) \
	F(1, TEXTS, _, warnings, 0, "what could not be judged, what was overridden, and what is not sure to collide")
RECORD_DECLARE(job_checked)

#define RECORD_job_begin(F) \
	F(1, TEXT, _, worker, 0, "") \
	F(2, TEXT, _, job, 0, "") \
	F(3, INT, _, attempt, 0, "")
RECORD_DECLARE(job_begin)

#define RECORD_job_events(F) \
	F(1, TEXT, _, job, 0, "") \
	F(2, INT, _, attempt, 0, "") \
	F(3, RECORDS, job_event, events, 0, "at most 256")
RECORD_DECLARE(job_events)

#define RECORD_job_renew(F) \
	F(1, TEXT, _, worker, 0, "") \
	F(2, TEXT, _, job, 0, "") \
	F(3, INT, _, attempt, 0, "")
RECORD_DECLARE(job_renew)
#define RECORD_job_lease(F) \
	F(1, INT, _, lease_ms, 0, "from now") \
	F(2, BOOL, _, cancel, 0, "somebody asked to cancel the job")
RECORD_DECLARE(job_lease)

/* What the target's step table says about an earlier attempt. */
#define RECORD_settled_attempt(F) \
	F(1, TEXT, _, job, 0, "") \
	F(2, INT, _, attempt, 0, "") \
	F(3, INT, _, steps, 0, "steps that committed") \
	F(4, INT, _, planned, 0, "steps it meant to make; 0 = it never got to a plan")
RECORD_DECLARE(settled_attempt)
#define RECORD_job_settled(F) \
	F(1, TEXT, _, worker, 0, "") \
	F(2, RECORDS, settled_attempt, attempts, 0, "")
RECORD_DECLARE(job_settled)

#define RECORD_job_finish(F) \
	F(1, TEXT, _, worker, 0, "") \
	F(2, TEXT, _, job, 0, "") \
	F(3, INT, _, attempt, 0, "") \
	F(4, RECORD, job_outcome, outcome, 0, "")
RECORD_DECLARE(job_finish)

/* ---- the first request of every connection ---- */
#define RECORD_hello(F) \
	F(1, INT, _, protocol_min, 0, "oldest protocol that the asker speaks") \
	F(2, INT, _, protocol_max, 0, "newest protocol that the asker speaks") \
	F(3, TEXT, _, program, 0, "") \
	F(4, TEXT, _, version, 0, "")
RECORD_DECLARE(hello)
#define RECORD_hello_reply(F) \
	F(1, INT, _, protocol, 0, "the one to speak on this connection") \
	F(2, TEXT, _, version, 0, "of the coordinator") \
	F(3, TEXT, _, journal, NULLABLE, "id of the journal")
RECORD_DECLARE(hello_reply)

/* ---- targets and the workers that serve them ---- */
#define RECORD_worker_target(F) \
	F(1, TEXT, _, name, 0, "production, or production/eu") \
	F(2, TEXT, _, environment, 0, "") \
	F(3, TEXT, _, target_key, NULLABLE, "host, port and database; no secret") \
	F(4, BOOL, _, protected_, 0, "changes need more than an ordinary agent's rights") \
	F(5, TEXT, _, tracking_table, NULLABLE, "")
RECORD_DECLARE(worker_target)
#define RECORD_worker_hello(F) \
	F(1, TEXT, _, version, 0, "of the worker") \
	F(2, RECORDS, worker_target, targets, 0, "what it serves") \
	F(3, RECORD, chain_head, seen, OPTIONAL, "the last one it was told; refused when the chain does not contain it")
RECORD_DECLARE(worker_hello)
#define RECORD_worker_welcome(F) \
	F(1, INT, _, lease_ms, 0, "how long an offer or attempt lasts without renewal") \
	F(2, TEXT, _, journal, 0, "id of the journal, for the fence") \
	F(3, TEXT, _, worker, 0, "the worker's name, from its credentials")
RECORD_DECLARE(worker_welcome)

#define RECORD_target_list_request(F) \
	F(1, TEXTS, _, environments, 0, "only these; empty = all") \
	F(2, TEXTS, _, names, 0, "only these; empty = all")
RECORD_DECLARE(target_list_request)
#define RECORD_known_target(F) \
	F(1, TEXT, _, name, 0, "") \
	F(2, TEXT, _, environment, 0, "") \
	F(3, TEXT, _, worker, NULLABLE, "who serves it, or did last") \
	F(4, CHOICE, "online|offline|draining", state, 0, "") \
	F(5, TEXT, _, last_seen, NULLABLE, "") \
	F(6, BOOL, _, protected_, 0, "changes need more than an ordinary agent's rights")
RECORD_DECLARE(known_target)
#define RECORD_target_list(F) F(1, RECORDS, known_target, targets, 0, "in byte order of their names")
RECORD_DECLARE(target_list)

#define RECORD_worker_list_request(F) F(1, TEXTS, _, names, OPTIONAL, "only these; empty = all")
RECORD_DECLARE(worker_list_request)
#define RECORD_worker_info(F) \
	F(1, TEXT, _, name, 0, "") \
	F(2, CHOICE, "online|offline|draining", state, 0, "") \
	F(3, TEXTS, _, environments, 0, "") \
	F(4, TEXTS, _, targets, 0, "") \
	F(5, INT, _, jobs, 0, "that it runs now") \
	F(6, TEXT, _, version, NULLABLE, "") \
	F(7, TEXT, _, last_seen, NULLABLE, "")
RECORD_DECLARE(worker_info)
#define RECORD_worker_list(F) F(1, RECORDS, worker_info, workers, 0, "in byte order of their names")
RECORD_DECLARE(worker_list)

#define RECORD_worker_drain(F) \
	F(1, TEXT, _, worker, 0, "") \
	F(2, BOOL, _, undo, 0, "let it take jobs again")
RECORD_DECLARE(worker_drain)
#define RECORD_worker_forget(F) F(1, TEXT, _, name, 0, "a worker, or a target")
RECORD_DECLARE(worker_forget)

/* ---- migration files on their way: to the coordinator once, from there to each worker ---- */
#define RECORD_bundle_offer(F) F(1, RECORD, bundle_info, bundle, 0, "")
RECORD_DECLARE(bundle_offer)
#define RECORD_bundle_wanted(F) F(1, TEXTS, _, sha256, 0, "files that the coordinator does not have")
RECORD_DECLARE(bundle_wanted)
#define RECORD_bundle_put(F) \
	F(1, TEXT, _, sha256, 0, "of the whole file") \
	F(2, INT, _, offset, 0, "") \
	F(3, INT, _, total, 0, "bytes of the whole file") \
	F(4, BYTES, _, data, 0, "at most 256 KiB; chunks come in order")
RECORD_DECLARE(bundle_put)
#define RECORD_bundle_get(F) \
	F(1, TEXT, _, job, 0, "") \
	F(2, INT, _, attempt, 0, "") \
	F(3, TEXT, _, name, 0, "of a file of the job's bundle") \
	F(4, INT, _, offset, 0, "")
RECORD_DECLARE(bundle_get)
#define RECORD_bundle_chunk(F) \
	F(1, INT, _, total, 0, "bytes of the whole file") \
	F(2, BYTES, _, data, 0, "at most 256 KiB")
RECORD_DECLARE(bundle_chunk)

/* ---- structures on their way: from the worker that read one, to whoever asked for it ---- */
#define RECORD_structure_put(F) \
	F(1, TEXT, _, job, 0, "") \
	F(2, INT, _, attempt, 0, "") \
	F(3, TEXT, _, sha256, 0, "of the whole") \
	F(4, INT, _, offset, 0, "") \
	F(5, INT, _, total, 0, "bytes of the whole") \
	F(6, BYTES, _, data, 0, "at most 256 KiB; pieces come in order")
RECORD_DECLARE(structure_put)
#define RECORD_structure_kept(F) F(1, BOOL, _, whole, 0, "all of it is here: no piece more is needed")
RECORD_DECLARE(structure_kept)
#define RECORD_structure_get(F) \
	F(1, TEXT, _, job, 0, "of kind introspect, ended well") \
	F(2, INT, _, offset, 0, "")
RECORD_DECLARE(structure_get)
#define RECORD_structure_piece(F) \
	F(1, INT, _, total, 0, "bytes of the whole") \
	F(2, BYTES, _, data, 0, "at most 256 KiB")
RECORD_DECLARE(structure_piece)

/* ---- audit ---- */
#define RECORD_audit_show_request(F) \
	F(1, INT, _, since, 0, "") \
	F(2, INT, _, limit, 0, "") \
	F(3, BOOL, _, bodies, OPTIONAL, "with the rows that each event changed: all that its hash covers")
RECORD_DECLARE(audit_show_request)
#define RECORD_audit_event(F) \
	F(1, INT, _, seq, 0, "") \
	F(2, TEXT, _, time, 0, "") \
	F(3, TEXT, _, actor, 0, "") \
	F(4, TEXT, _, kind, 0, "") \
	F(5, TEXT, _, subject, 0, "") \
	F(6, TEXT, _, detail, NULLABLE, "") \
	F(7, TEXT, _, hash, 0, "") \
	F(8, TEXT, _, body, OPTIONAL, "the rows that it changed, as they are after it")
RECORD_DECLARE(audit_event)
#define RECORD_audit_log(F) \
	F(1, INT, _, total, 0, "") \
	F(2, RECORDS, audit_event, events, 0, "") \
	F(3, TEXT, _, journal, OPTIONAL, "its id")
RECORD_DECLARE(audit_log)

/* A whole chain, as a file that can be kept elsewhere and proven without the journal. */
#define RECORD_audit_export(F) \
	F(1, TEXT, _, journal, NULLABLE, "its id; null: there is none yet") \
	F(2, INT, _, count, 0, "of the events") \
	F(3, TEXT, _, head, NULLABLE, "hash of the newest event") \
	F(4, RECORDS, audit_event, events, OPTIONAL, "from the first; as lines before this one with ndjson")
RECORD_DECLARE(audit_export)

#define RECORD_journal_health(F) \
	F(1, BOOL, _, checksums, 0, "its pages carry checksums, which are looked at whenever one is read") \
	F(2, INT, _, bytes, 0, "of its file") \
	F(3, INT, _, free_bytes, NULLABLE, "on its disk") \
	F(4, TEXT, _, copied_at, NULLABLE, "when it was last copied") \
	F(5, TEXT, _, copy, NULLABLE, "the file of that copy")
RECORD_DECLARE(journal_health)

#define RECORD_audit_verify(F) F(1, BOOL, _, full, 0, "also the database file itself")
RECORD_DECLARE(audit_verify)
#define RECORD_audit_report(F) \
	F(1, BOOL, _, ok, 0, "") \
	F(2, INT, _, events, 0, "") \
	F(3, TEXT, _, head, NULLABLE, "hash of the newest event") \
	F(4, INT, _, first_bad, NULLABLE, "seq of the first event that does not fit") \
	F(5, TEXT, _, problem, NULLABLE, "") \
	F(6, RECORD, journal_health, health, OPTIONAL, "of the journal's file")
RECORD_DECLARE(audit_report)

/*
 * The table: M(number, request record, reply record, who may ask, doc). A request that is refused is answered with
 * `refusal` instead. Who: CLIENT = agents and operators, WORKER = workers, OPERATOR = operators only, ANYONE.
 */
#define MESSAGES(M) \
	M(1, job_submit, job_submitted, CLIENT, "asks for a job; answered once it is durable") \
	M(2, job_watch, job_watched, CLIENT, "parked until there is something new") \
	M(3, job_cancel, job_changed, CLIENT, "asks that a job be cancelled") \
	M(4, job_list_request, job_list, CLIENT, "") \
	M(5, job_show, job_shown, CLIENT, "") \
	M(6, job_settle, job_changed, CLIENT, "ends a job whose outcome was unknown") \
	M(7, worker_next, worker_offer, WORKER, "parked until there is a job for one of its targets") \
	M(8, job_begin, job_lease, WORKER, "answered once the attempt is durable") \
	M(9, job_events, ack, WORKER, "answered once the events are in the journal") \
	M(10, job_renew, job_lease, WORKER, "") \
	M(11, job_settled, ack, WORKER, "what the target says about earlier attempts") \
	M(12, job_finish, ack, WORKER, "") \
	M(13, audit_show_request, audit_log, CLIENT, "") \
	M(14, audit_verify, audit_report, CLIENT, "") \
	M(15, hello, hello_reply, ANYONE, "the first request of every connection") \
	M(16, worker_hello, worker_welcome, WORKER, "what the worker serves; comes before worker_next") \
	M(17, target_list_request, target_list, CLIENT, "targets that a worker ever served") \
	M(18, worker_list_request, worker_list, CLIENT, "") \
	M(19, worker_drain, ack, OPERATOR, "no more jobs for a worker, or jobs again") \
	M(20, worker_forget, ack, OPERATOR, "a worker or target that will not come back") \
	M(21, bundle_offer, bundle_wanted, CLIENT, "which migration files are not there yet") \
	M(22, bundle_put, ack, CLIENT, "a piece of a migration file, in order") \
	M(23, bundle_get, bundle_chunk, WORKER, "only from the worker that holds the job") \
	M(24, intent_register, intent_registered, CLIENT, "what an agent means to change; with claims if it asks") \
	M(25, intent_check, intent_checked, CLIENT, "what would conflict; changes nothing") \
	M(26, claim_wait, intent_registered, CLIENT, "parked until a queued intent has its claims") \
	M(27, intent_move, intent_shown, CLIENT, "along the table of states; only its owner or an operator") \
	M(28, intent_show, intent_shown, CLIENT, "") \
	M(29, intent_list_request, intent_list, CLIENT, "") \
	M(30, conflicted_list_request, conflicted_list, CLIENT, "") \
	M(31, conflict_resolve, conflict_resolved, CLIENT, "lets a conflicted intent go on") \
	M(32, claim_list_request, claim_list, CLIENT, "who holds what, who waits for whom") \
	M(33, intent_history, intent_events, CLIENT, "every move of one intent") \
	M(34, intent_watch, intent_events, CLIENT, "parked until something happens") \
	M(35, version_reserve, version_reserved, CLIENT, "the version of a new migration, for one alone") \
	M(36, job_check, job_checked, WORKER, "whether a file that is about to run meets a claim: CLAIM_001") \
	M(37, registry_import, registry_imported, OPERATOR, "intents of the Python tool's registry") \
	M(38, structure_put, structure_kept, WORKER, "a piece of what a job of kind introspect read; only from the worker that holds it") \
	M(39, structure_get, structure_piece, CLIENT, "a piece of what such a job read")

enum message_kind {
	MESSAGE_NONE,
#define MESSAGE_ID(number, request, reply, who, doc) MESSAGE_##request = (number),
	MESSAGES(MESSAGE_ID)
#undef MESSAGE_ID
	MESSAGE_KINDS
};

struct message_type {
	enum message_kind kind;
	const struct record *request;
	const struct record *reply;
	bool from_worker;
	const char *doc;
};

/* clang-format on */

/* NULL when there is no such kind. */
const struct message_type *message_type(enum message_kind kind);

/* Every record of messages.h and results.h by its name; NULL when there is none. For ANY values at
 * rest. */
const struct record *record_named(const char *name);
/* The same records one after another: 0, 1, 2 … until NULL. */
const struct record *record_at(size_t index);

#endif
