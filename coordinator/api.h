#ifndef CONFITURE_COORDINATOR_API_H
#define CONFITURE_COORDINATOR_API_H

#include "coordinator/core.h"

/*
 * What the coordinator does for each request of MESSAGES: api_<request>() in api_*.c, and what it
 * needs of the journal in api.c.
 */
struct api {
	bool from_worker;
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

/* worker:NAME or client:NAME, in the round's arena. */
const char *api_identity(struct coordinator *c, const struct call *call);
/* A text field of the request by name; NULL when it has none or it is absent. */
const char *api_text(const struct call *call, const char *field);

/* ---- requests with an idempotency key ---- */
/* Fills call->reply when this request was answered before. */
MUST_USE bool api_replay(struct coordinator *c, struct call *call, struct error *err);
/* Keeps the answer, with its effect. */
MUST_USE bool api_remember(struct coordinator *c, struct call *call, struct error *err);

#endif
