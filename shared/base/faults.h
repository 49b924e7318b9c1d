#ifndef CONFITURE_BASE_FAULTS_H
#define CONFITURE_BASE_FAULTS_H

#include <stdbool.h>

/*
 * Planted faults: each breaks one safeguard, so that tests can show that they would notice. They
 * exist only in a build with CONFITURE_FAULTS, which is never installed; everywhere else FAULT() is
 * false for the compiler, and nothing of it is left. docs/reliability.md tells which test finds
 * which.
 *
 * F(name, the safeguard that it breaks)
 */
#define FAULTS(F)                                                                                  \
	/* ---- coordinator ---- */                                                                \
	F(any_worker, "a job's reports are taken from the worker that has it, and from no other")  \
	F(any_attempt, "a report of an earlier attempt is refused")                                \
	F(renew_after_expiry, "the lease of a job that was lost cannot be renewed")                \
	F(ack_before_commit, "nothing is answered before it is committed")                         \
	F(offer_to_two, "a job that was offered is offered to nobody else")                        \
	F(begin_not_durable, "the begin of an attempt is in the journal before it is answered")    \
	F(room_not_counted, "no more jobs are open at once than may be")                           \
	F(key_forgotten, "a repeated key gets the answer that was given, after a restart too")     \
	F(key_for_all, "another request under a used key is refused")                              \
	F(lease_by_wall_clock, "leases count elapsed time, not the wall clock's")                  \
	F(lease_not_renewed_at_restart, "leases count anew in full after a restart")               \
	F(lease_never_over, "a lease that is over is noticed")                                     \
	F(late_loop_blames_workers, "a coordinator that was late counts leases anew")              \
	F(settle_by_guess, "what became of a lost attempt is asked of the target")                 \
	F(lost_attempts_not_told, "the next attempt is told which ones were lost")                 \
	F(repeat_anything, "what must not be done twice is only settled")                          \
	F(cancelled_at_once, "a running job is cancelled only when its worker says so")            \
	F(cancel_forgotten, "a cancel outlives the worker that it was meant for")                  \
	F(claims_not_checked, "what is about to run is held against the claims of others")         \
	F(claim_taken_twice, "what another holds is granted to nobody")                            \
	F(claim_number_repeated, "every grant has a number above all before it")                   \
	F(claim_number_unchecked,                                                                  \
	  "who gave its claims back, or lost them, does nothing more with their number")           \
	F(claim_queue_jumped, "who came first is served first")                                    \
	F(intent_moved_by_anybody, "only its owner, or an operator, moves an intent")              \
	F(agent_name_believed, "a token speaks for its own agents only")                           \
	F(unknown_for_ever, "what could not be settled is offered again to be settled")            \
	F(refused_leaves_traces, "what a refused request did is undone")                           \
	F(gap_in_events, "events that do not follow each other are refused")                       \
	F(event_twice_to_watcher, "a watcher gets each event once")                                \
	F(event_lost_to_watcher, "a watcher gets every event")                                     \
	/* ---- journal ---- */                                                                    \
	F(sync_skipped, "what SQLite wants synced is synced")                                      \
	F(recovered_unsynced, "what a killed process left is synced before it is told")            \
	F(sync_normal, "every commit is synced, not only checkpoints")                             \
	F(chain_unlinked, "each event of the audit log holds the hash of the one before")          \
	F(event_not_kept, "every acknowledged event is in the journal")                            \
	F(attempt_not_kept, "which attempts were lost is in the journal")                          \
	F(outcome_not_kept, "a job's outcome is written with its end")                             \
	/* ---- worker ---- */                                                                     \
	F(pending_before_lock, "what is pending is read under the lock")                           \
	F(no_lock, "a run holds the runner's lock")                                                \
	F(no_fence, "a run takes the fence's token")                                               \
	F(work_before_begin, "nothing is done before the begin is acknowledged")                   \
	F(lease_ignored, "a run whose lease is over does nothing more")                            \
	F(late_renewal_counts, "a lease that was over stays over")                                 \
	F(lease_not_kept, "the lease is renewed beside the work")                                  \
	F(unknown_commit_failed, "a COMMIT whose answer was lost is asked about")                  \
	F(unknown_commit_done, "a COMMIT whose answer was lost is not taken for done")             \
	F(step_after_commit, "the ledger is written in the migration's own transaction")           \
	F(mark_before_done, "a statement is marked as done after it ran")                          \
	F(mark_not_looked_at, "a statement that an earlier run did is not done again")             \
	F(invalid_index_taken, "an index that is not valid does not count")                        \
	F(idle_run_shot, "only a predecessor that is idle for a lease is ended")                   \
	F(predecessor_left, "a predecessor that died with the lock is ended")                      \
	F(nameless_holds_lock, "a run that died between lock and fence lets go of the lock")       \
	F(settle_other_attempt, "the target is asked about the very attempt that was lost")        \
	F(event_dropped_unsent, "an event leaves the outbox when it is acknowledged")              \
	F(seq_reused, "each event of an attempt has its own number")                               \
	F(end_before_events, "the outcome is told after the last event")                           \
	F(cancel_says_done, "what is not known is not called cancelled")                           \
	F(bundle_not_checked, "a fetched file is held against its hash")

enum fault {
#define FAULT_ID(name, safeguard) FAULT_##name,
	FAULTS(FAULT_ID)
#undef FAULT_ID
		FAULT_COUNT
};

#ifdef CONFITURE_FAULTS
/* Whether that one is planted: by the environment variable CONFITURE_FAULT. */
bool fault_planted(enum fault fault);
/* NULL: none has that number. */
const char *fault_name(int fault);
const char *fault_safeguard(int fault);
#define FAULT(name) fault_planted(FAULT_##name)
#else
#define FAULT(name) (false && FAULT_##name == FAULT_COUNT)
#endif

#endif
