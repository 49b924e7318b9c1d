#ifndef CONFITURE_COORDINATOR_API_H
#define CONFITURE_COORDINATOR_API_H

#include "coordinator/core.h"

/*
 * What the coordinator does for each request of MESSAGES: api_<request>() in api_*.c, and what it
 * needs of the journal in api.c.
 */
struct api {
	unsigned askers; /* one bit for each net_role that may ask */
	/* Asked before the journal is opened or a transaction begun. */
	enum access (*access)(struct coordinator *c, const struct call *call);
	bool (*run)(struct coordinator *c, struct call *call, struct error *err);
};

/* NULL: no such request. */
const struct api *api_of(enum message_kind kind);

#define API_DECLARE(number, request, reply, who, doc)                                              \
	MUST_USE bool api_##request(struct coordinator *c, struct call *call, struct error *err);
MESSAGES(API_DECLARE)
#undef API_DECLARE

/* Who asks, for the audit log and the reply cache, in the round's arena: worker:NAME, agent:NAME,
 * operator:NAME; client:NAME where nobody is authenticated (embedded mode). */
const char *api_identity(struct coordinator *c, const struct call *call);
/* A text field of the request by name; NULL when it has none or it is absent. */
const char *api_text(const struct call *call, const char *field);

/* Targets that a request for work may get jobs of. */
struct api_targets {
	const char *const *items;
	size_t count;
};
/* Those that the worker asks for and has announced; none when it is draining. AUTH_002 when it has
 * announced nothing. */
MUST_USE bool api_targets(struct coordinator *c, const struct call *call, struct api_targets *out,
			  struct error *err);
/* Whether the asker may change something in that target: AUTH_002 when it is protected and the
 * asker no operator. */
MUST_USE bool api_may_change(struct coordinator *c, const struct call *call, const char *target,
			     struct error *err);
/* The newest event of the chain, for workers; NULL in embedded mode. */
MUST_USE bool api_chain_head(struct coordinator *c, struct chain_head **out, struct error *err);
/* Whether the chain contains what the worker was told: AUDIT_002. */
MUST_USE bool api_chain_known(struct coordinator *c, const char *worker,
			      const struct chain_head *seen, struct error *err);
/* The job that those targets' worker gets next, and its store; *out NULL: none. Without `journaled`
 * only those that are kept in memory. */
MUST_USE bool api_next_job(struct coordinator *c, const struct api_targets *targets, bool journaled,
			   struct job_store **store, struct job **out, struct error *err);
bool api_ack(struct coordinator *c, struct call *call, bool replayed);
/* Whether the worker of such a job has to ask about what it is about to run: somebody holds claims.
 */
MUST_USE bool api_claims_held(struct coordinator *c, const struct job_spec *spec, bool *held,
			      struct error *err);
/* Whether the next attempt of a job with a lost one must not do anything but settle. */
bool api_settle_only(const struct job *job, const struct job_spec *spec);
/* Whether the attempt under way was offered to settle and no more. One that was offered whole goes
 * on when it has settled those before it, also when a cancel came after its offer: its own outcome
 * says how it took that. */
bool api_settles_only(const struct job *job, const struct job_spec *spec);
/* The job, when it is the asking worker's and this attempt is its newest. */
MUST_USE bool api_own_job(struct coordinator *c, const struct call *call, const char *id,
			  int64_t attempt, struct job_store **store, struct job **job,
			  struct error *err);
/* The same, and it has not ended. */
MUST_USE bool api_held_job(struct coordinator *c, const struct call *call, const char *id,
			   int64_t attempt, struct job_store **store, struct job **job,
			   struct error *err);
/* Whether every file is here that the job's worker will read: JOB_005. */
MUST_USE bool api_bundle_complete(struct coordinator *c, const struct job_spec *spec,
				  struct error *err);
/* Whether that can be a piece of a file: its hash, its place, how much it is. JOB_005. */
MUST_USE bool api_piece_valid(const struct coordinator *c, const struct bundle_put *piece,
			      struct error *err);

/* ---- requests with an idempotency key ---- */
/* Fills call->reply when this request was answered before. */
MUST_USE bool api_replay(struct coordinator *c, struct call *call, struct error *err);
/* Keeps the answer, with its effect. */
MUST_USE bool api_remember(struct coordinator *c, struct call *call, struct error *err);

#endif
