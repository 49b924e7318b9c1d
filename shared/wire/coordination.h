#ifndef CONFITURE_WIRE_COORDINATION_H
#define CONFITURE_WIRE_COORDINATION_H

#include "shared/wire/record.h"

/*
 * Intents, claims and conflicts: what agents tell each other through the coordinator. The fields
 * that the Python tool's `coordinate` prints keep their names and meanings.
 */

/* clang-format off */
/* One object that the text touches; words are those of shared/sql/footprint.h. */
#define RECORD_footprint_access(F) \
	F(1, TEXT, _, kind, 0, "table, view, function, type …") \
	F(2, TEXT, _, schema, NULLABLE, "null: objects of this kind have none") \
	F(3, TEXT, _, name, 0, "") \
	F(4, TEXT, _, part, NULLABLE, "a column, constraint, trigger …; null: the object as a whole") \
	F(5, TEXT, _, mode, 0, "create, drop, rename, alter, extend, index, constrain, grant, data, read") \
	F(6, INT, _, statement, 0, "which of the text, from 1") \
	F(7, INT, _, line, 0, "where that statement begins") \
	F(8, TEXT, _, part_kind, OPTIONAL, "what the part is") \
	F(9, TEXT, _, bond, OPTIONAL, "of reads: how it holds on to what it reads") \
	F(10, TEXT, _, aspect, OPTIONAL, "which property") \
	F(11, TEXT, _, value, OPTIONAL, "what it becomes") \
	F(12, TEXTS, _, flags, OPTIONAL, "what else is known: cascade, tolerant, implied, own …")
RECORD_DECLARE(footprint_access)

/* What nobody can see through: never taken for harmless. */
#define RECORD_unjudged(F) \
	F(1, INT, _, statement, 0, "") \
	F(2, INT, _, line, 0, "") \
	F(3, TEXT, _, reason, 0, "")
RECORD_DECLARE(unjudged)

#define RECORD_intent_claim(F) \
	F(1, TEXT, _, object, 0, "public.users, public.users.email") \
	F(2, TEXT, _, kind, 0, "") \
	F(3, TEXT, _, mode, 0, "") \
	F(4, INT, _, token, 0, "number of the acquisition; a later one is higher") \
	F(5, TEXT, _, expires_at, 0, "unless it is renewed")
RECORD_DECLARE(intent_claim)

#define INTENT_STATES "registered|in_progress|completed|merged|abandoned|conflicted|expired"

#define RECORD_intent(F) \
	F(1, TEXT, _, id, 0, "") \
	F(2, TEXT, _, agent_id, 0, "") \
	F(3, TEXT, _, feature_name, 0, "") \
	F(4, TEXT, _, branch_name, 0, "unique; made from the feature's name") \
	F(5, TEXTS, _, schema_changes, 0, "statements, or whole files") \
	F(6, TEXTS, _, tables_affected, 0, "") \
	F(7, INT, _, estimated_duration_ms, NULLABLE, "") \
	F(8, CHOICE, "low|medium|high", risk_level, 0, "") \
	F(9, CHOICE, INTENT_STATES, status, 0, "") \
	F(10, TEXT, _, created_at, 0, "") \
	F(11, TEXT, _, updated_at, 0, "") \
	F(12, TEXTS, _, conflicts_with, 0, "ids of intents") \
	F(13, TEXT, _, metadata, AS_JSON, "what the agent gave; an object") \
	F(14, TEXT, _, environment, NULLABLE, "null: the whole project, or a database given by URL") \
	F(15, TEXT, _, branch, NULLABLE, "of the repository") \
	F(16, TEXT, _, worktree, NULLABLE, "") \
	F(17, RECORDS, intent_claim, claims, 0, "what it holds now") \
	F(18, RECORDS, footprint_access, footprint, 0, "") \
	F(19, TEXT, _, lease_expires_at, NULLABLE, "when it lapses unless it is renewed; null: it has ended") \
	F(20, BOOL, _, opaque, 0, "at least one statement could not be judged") \
	F(21, RECORDS, unjudged, unjudged, OPTIONAL, "those statements") \
	F(22, TEXT, _, scope, 0, "where it conflicts: project, environment:NAME, database:ID") \
	F(23, BOOL, _, waiting, 0, "queued for its claims") \
	F(24, INT, _, token, NULLABLE, "number of its claims") \
	F(25, TEXT, _, reason, NULLABLE, "why it is in its state") \
	F(26, TEXTS, _, versions, OPTIONAL, "of its migration files") \
	F(27, TEXTS, _, files, OPTIONAL, "migration files that landed") \
	F(28, INT, _, lease_ttl_ms, 0, "how long a lease of its claims lasts without renewal")
RECORD_DECLARE(intent)

#define RECORD_intent_conflict(F) \
	F(1, INT, _, id, 0, "0 from check") \
	F(2, TEXT, _, intent_a, 0, "the newer one; empty from check") \
	F(3, TEXT, _, intent_b, 0, "the one that was there") \
	F(4, TEXT, _, conflict_type, 0, "table, column, function, index, constraint, timing, dependency, rename, type, version, order") \
	F(5, TEXTS, _, affected_objects, 0, "") \
	F(6, CHOICE, "error|warning|info", severity, 0, "") \
	F(7, TEXTS, _, resolution_suggestions, 0, "") \
	F(8, BOOL, _, reviewed, 0, "") \
	F(9, TEXT, _, reviewed_at, NULLABLE, "") \
	F(10, TEXT, _, resolution_notes, NULLABLE, "") \
	F(11, TEXT, _, created_at, 0, "") \
	F(12, TEXT, _, reason, 0, "why they conflict, in words") \
	F(13, TEXT, _, statement_a, NULLABLE, "") \
	F(14, TEXT, _, statement_b, NULLABLE, "") \
	F(15, TEXT, _, remedy, 0, "what would make it pass") \
	F(16, TEXT, _, agent_a, OPTIONAL, "") \
	F(17, TEXT, _, agent_b, OPTIONAL, "") \
	F(18, BOOL, _, live_claim, 0, "the one that was there holds a claim on it")
RECORD_DECLARE(intent_conflict)

/* ---- register and check ---- */
#define RECORD_intent_draft(F) \
	F(1, TEXT, _, agent, OPTIONAL, "default: the name of the asker's token") \
	F(2, TEXT, _, feature_name, 0, "") \
	F(3, TEXTS, _, schema_changes, 0, "") \
	F(4, TEXTS, _, tables_affected, 0, "adds to what the statements say") \
	F(5, CHOICE, "low|medium|high", risk_level, 0, "") \
	F(6, INT, _, estimated_duration_ms, NULLABLE, "") \
	F(7, TEXT, _, metadata, AS_JSON, "") \
	F(8, TEXT, _, environment, OPTIONAL, "") \
	F(9, TEXT, _, database, OPTIONAL, "identity of a database given by URL") \
	F(10, TEXT, _, branch, OPTIONAL, "") \
	F(11, TEXT, _, worktree, OPTIONAL, "") \
	F(12, TEXTS, _, search_path, OPTIONAL, "where unqualified names are looked for") \
	F(13, TEXTS, _, versions, OPTIONAL, "of the migration files among the changes")
RECORD_DECLARE(intent_draft)

#define RECORD_intent_register(F) \
	F(1, RECORD, intent_draft, draft, 0, "") \
	F(2, BOOL, _, claim, 0, "all or nothing: refused when another holds what it needs") \
	F(3, BOOL, _, allow_warnings, 0, "warnings do not make it conflicted") \
	F(4, INT, _, wait_ms, 0, "queue for the claims that long") \
	F(5, INT, _, ttl_ms, 0, "of its lease; 0 = the default") \
	F(6, TEXT, _, idempotency_key, NULLABLE, "")
RECORD_DECLARE(intent_register)
#define RECORD_intent_registered(F) \
	F(1, RECORD, intent, intent, 0, "") \
	F(2, RECORDS, intent_conflict, conflicts, 0, "") \
	F(3, BOOL, _, replayed, OPTIONAL, "") \
	F(4, INT, _, registry_open, OPTIONAL, "open intents of the registry in a database given by URL, which count")
RECORD_DECLARE(intent_registered)

#define RECORD_intent_check(F) F(1, RECORD, intent_draft, draft, 0, "")
RECORD_DECLARE(intent_check)
#define RECORD_intent_checked(F) \
	F(1, BOOL, _, conflicts_detected, 0, "") \
	F(2, RECORDS, intent_conflict, conflicts, 0, "") \
	F(3, RECORDS, footprint_access, footprint, 0, "") \
	F(4, BOOL, _, opaque, 0, "") \
	F(5, RECORDS, unjudged, unjudged, OPTIONAL, "") \
	F(6, INT, _, registry_open, OPTIONAL, "open intents of the registry in a database given by URL, which count")
RECORD_DECLARE(intent_checked)

/* Parked until the claims of a queued intent are there; keeps its place in the queue. */
#define RECORD_claim_wait(F) \
	F(1, TEXT, _, intent, 0, "") \
	F(2, TEXT, _, agent, OPTIONAL, "") \
	F(3, INT, _, wait_ms, 0, "")
RECORD_DECLARE(claim_wait)

/* ---- moves ---- */
#define RECORD_landed_file(F) \
	F(1, TEXT, _, name, 0, "") \
	F(2, TEXT, _, sql, 0, "")
RECORD_DECLARE(landed_file)
#define RECORD_intent_move(F) \
	F(1, TEXT, _, intent, 0, "") \
	F(2, CHOICE, "start|complete|merge|renew|release|abandon", action, 0, "") \
	F(3, TEXT, _, agent, OPTIONAL, "") \
	F(4, TEXT, _, reason, NULLABLE, "") \
	F(5, INT, _, token, NULLABLE, "must be the number of its claims") \
	F(6, INT, _, ttl_ms, 0, "") \
	F(7, RECORDS, landed_file, files, OPTIONAL, "merge: what landed") \
	F(8, TEXT, _, idempotency_key, NULLABLE, "")
RECORD_DECLARE(intent_move)

#define RECORD_intent_show(F) \
	F(1, TEXT, _, intent, 0, "id, or enough of its start to be unique") \
	F(2, TEXT, _, agent, OPTIONAL, "")
RECORD_DECLARE(intent_show)
#define RECORD_intent_shown(F) \
	F(1, RECORD, intent, intent, 0, "") \
	F(2, RECORDS, intent_conflict, conflicts, 0, "") \
	F(3, RECORDS, footprint_access, exceeds, OPTIONAL, "merge: what landed and was not in the intent") \
	F(4, BOOL, _, replayed, OPTIONAL, "")
RECORD_DECLARE(intent_shown)

#define RECORD_intent_list_request(F) \
	F(1, CHOICE, INTENT_STATES, status, OPTIONAL, "") \
	F(2, TEXT, _, by_agent, OPTIONAL, "") \
	F(3, TEXT, _, agent, OPTIONAL, "who asks") \
	F(4, BOOL, _, open_only, 0, "")
RECORD_DECLARE(intent_list_request)
#define RECORD_intent_list(F) \
	F(1, INT, _, total, 0, "") \
	F(2, RECORDS, intent, intents, 0, "newest first") \
	F(3, INT, _, registry_open, OPTIONAL, "open intents of the registry in a database given by URL, which count")
RECORD_DECLARE(intent_list)

#define RECORD_conflicted_list_request(F) F(1, TEXT, _, agent, OPTIONAL, "")
RECORD_DECLARE(conflicted_list_request)
#define RECORD_conflicted_intent(F) \
	F(1, RECORD, intent, intent, 0, "") \
	F(2, RECORDS, intent_conflict, conflicts, 0, "")
RECORD_DECLARE(conflicted_intent)
#define RECORD_conflicted_list(F) \
	F(1, INT, _, total_conflicted_intents, 0, "") \
	F(2, RECORDS, conflicted_intent, conflicted_intents, 0, "") \
	F(3, INT, _, registry_open, OPTIONAL, "open intents of the registry in a database given by URL, which count")
RECORD_DECLARE(conflicted_list)

#define RECORD_conflict_resolve(F) \
	F(1, INT, _, conflict, 0, "") \
	F(2, TEXT, _, notes, 0, "") \
	F(3, TEXT, _, agent, OPTIONAL, "")
RECORD_DECLARE(conflict_resolve)
#define RECORD_conflict_resolved(F) \
	F(1, INT, _, conflict_id, 0, "") \
	F(2, BOOL, _, resolved, 0, "") \
	F(3, TEXT, _, resolution_notes, 0, "") \
	F(4, TEXT, _, intent, 0, "whose conflict it was") \
	F(5, CHOICE, INTENT_STATES, status, 0, "of that intent now")
RECORD_DECLARE(conflict_resolved)

/* ---- who holds what, who waits for whom ---- */
#define RECORD_claim_list_request(F) \
	F(1, TEXT, _, by_agent, OPTIONAL, "") \
	F(2, TEXT, _, object, OPTIONAL, "public.users, or users") \
	F(3, TEXT, _, agent, OPTIONAL, "who asks")
RECORD_DECLARE(claim_list_request)
#define RECORD_held_claim(F) \
	F(1, TEXT, _, object, 0, "") \
	F(2, TEXT, _, kind, 0, "") \
	F(3, TEXT, _, mode, 0, "") \
	F(4, INT, _, token, 0, "") \
	F(5, TEXT, _, expires_at, 0, "") \
	F(6, TEXT, _, intent_id, 0, "") \
	F(7, TEXT, _, agent_id, 0, "") \
	F(8, TEXT, _, feature_name, 0, "") \
	F(9, TEXT, _, scope, 0, "") \
	F(10, TEXT, _, since, 0, "")
RECORD_DECLARE(held_claim)
#define RECORD_claim_waiter(F) \
	F(1, TEXT, _, intent_id, 0, "") \
	F(2, TEXT, _, agent_id, 0, "") \
	F(3, TEXT, _, feature_name, 0, "") \
	F(4, TEXT, _, since, 0, "") \
	F(5, TEXTS, _, waits_for, 0, "agents that are in its way")
RECORD_DECLARE(claim_waiter)
#define RECORD_claim_list(F) \
	F(1, INT, _, total, 0, "") \
	F(2, RECORDS, held_claim, claims, 0, "") \
	F(3, RECORDS, claim_waiter, waiting, 0, "in the order of the queue")
RECORD_DECLARE(claim_list)

/* ---- what happened ---- */
#define RECORD_intent_event(F) \
	F(1, INT, _, seq, 0, "") \
	F(2, TEXT, _, time, 0, "") \
	F(3, TEXT, _, kind, 0, "intent.register, claim.grant …") \
	F(4, TEXT, _, intent, 0, "") \
	F(5, TEXT, _, actor, 0, "") \
	F(6, TEXT, _, agent, OPTIONAL, "whose intent it is") \
	F(7, TEXT, _, from, OPTIONAL, "state before") \
	F(8, TEXT, _, to, OPTIONAL, "state after") \
	F(9, TEXT, _, reason, OPTIONAL, "") \
	F(10, TEXTS, _, others, OPTIONAL, "intents that it concerns too") \
	F(11, TEXTS, _, objects, OPTIONAL, "") \
	F(12, INT, _, token, OPTIONAL, "") \
	F(13, TEXT, _, environment, OPTIONAL, "")
RECORD_DECLARE(intent_event)
#define RECORD_intent_history(F) \
	F(1, TEXT, _, intent, 0, "") \
	F(2, TEXT, _, agent, OPTIONAL, "")
RECORD_DECLARE(intent_history)
#define RECORD_intent_watch(F) \
	F(1, INT, _, since, 0, "seq of the last event seen; -1 = only what comes") \
	F(2, INT, _, wait_ms, 0, "") \
	F(3, TEXT, _, agent, OPTIONAL, "")
RECORD_DECLARE(intent_watch)
#define RECORD_intent_events(F) \
	F(1, INT, _, last_seq, 0, "where to go on") \
	F(2, RECORDS, intent_event, events, 0, "in order, none left out")
RECORD_DECLARE(intent_events)

/* ---- versions of migrations ---- */
#define RECORD_version_reserve(F) \
	F(1, TEXT, _, version, 0, "the first that would do: digits") \
	F(2, TEXT, _, name, 0, "of the migration") \
	F(3, TEXT, _, agent, OPTIONAL, "") \
	F(4, TEXT, _, branch, OPTIONAL, "") \
	F(5, TEXT, _, worktree, OPTIONAL, "") \
	F(6, TEXTS, _, taken, OPTIONAL, "versions that the asker's own files have")
RECORD_DECLARE(version_reserve)
#define RECORD_version_reserved(F) F(1, TEXT, _, version, 0, "nobody else gets it")
RECORD_DECLARE(version_reserved)

/* ---- a registry of the Python tool ---- */
#define RECORD_registry_move(F) \
	F(1, TEXT, _, from, NULLABLE, "status before") \
	F(2, TEXT, _, to, 0, "status after") \
	F(3, TEXT, _, reason, NULLABLE, "") \
	F(4, TEXT, _, by, NULLABLE, "") \
	F(5, TEXT, _, at, NULLABLE, "")
RECORD_DECLARE(registry_move)
/* A row of tb_pggit_intent. */
#define RECORD_registry_intent(F) \
	F(1, TEXT, _, id, 0, "") \
	F(2, TEXT, _, agent_id, 0, "") \
	F(3, TEXT, _, feature_name, 0, "") \
	F(4, TEXT, _, branch_name, 0, "") \
	F(5, TEXTS, _, schema_changes, 0, "") \
	F(6, TEXTS, _, tables_affected, 0, "") \
	F(7, INT, _, estimated_duration_ms, NULLABLE, "") \
	F(8, TEXT, _, risk_level, NULLABLE, "") \
	F(9, TEXT, _, status, 0, "") \
	F(10, TEXT, _, created_at, 0, "") \
	F(11, TEXT, _, updated_at, 0, "") \
	F(12, TEXT, _, metadata, AS_JSON, "") \
	F(13, RECORDS, registry_move, moves, OPTIONAL, "its history")
RECORD_DECLARE(registry_intent)
#define RECORD_registry_import(F) \
	F(1, TEXT, _, database, 0, "its identity: two databases never share one") \
	F(2, TEXT, _, place, 0, "the same for people") \
	F(3, RECORDS, registry_intent, intents, 0, "") \
	F(4, BOOL, _, take_over, 0, "they are kept here from now on; else they are copies of what stands there") \
	F(5, BOOL, _, last, 0, "copies that are not in still_open have ended there") \
	F(6, TEXTS, _, still_open, OPTIONAL, "ids")
RECORD_DECLARE(registry_import)
#define RECORD_registry_left(F) \
	F(1, TEXT, _, intent, 0, "its id there") \
	F(2, TEXT, _, reason, 0, "why it was not taken")
RECORD_DECLARE(registry_left)
#define RECORD_registry_imported(F) \
	F(1, INT, _, added, 0, "that were not here") \
	F(2, INT, _, known, 0, "that were here already") \
	F(3, INT, _, ended, 0, "copies that have ended there") \
	F(4, INT, _, open, 0, "of those that came, open here now") \
	F(5, RECORDS, registry_left, left, 0, "")
RECORD_DECLARE(registry_imported)
/* clang-format on */

#endif
