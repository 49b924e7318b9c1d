#ifndef CONFITURE_TESTS_DB_PROXY_H
#define CONFITURE_TESTS_DB_PROXY_H

#include <stdbool.h>

/*
 * Stands between clients and the test server on a socket of its own, and behaves as networks and
 * poolers do.
 */
enum proxy_mode {
	PROXY_PASS,
	PROXY_CUT_BEFORE_COMMIT, /* the COMMIT never arrives */
	PROXY_CUT_AFTER_COMMIT,	 /* it does, and its answer is lost */
	PROXY_POOL		 /* each transaction goes to the other of two servers' sessions */
};
struct proxy;

/* One cut at a chosen byte: of all that clients, or servers, have sent so far; or by the place in
 * the nth COMMIT. Whatever is over the line up to there has arrived. */
enum proxy_cut_at {
	PROXY_AT_CLIENT_BYTE,
	PROXY_AT_SERVER_BYTE,
	PROXY_BEFORE_COMMIT, /* none of it arrives */
	PROXY_WITHIN_COMMIT, /* half of it does */
	PROXY_AFTER_COMMIT   /* it does, and its answer is lost */
};

struct proxy *proxy_start(enum proxy_mode mode);
/* From now on. */
void proxy_set(struct proxy *p, enum proxy_mode mode);
/* The connection that gets there first is cut, then all pass again. */
void proxy_cut(struct proxy *p, enum proxy_cut_at at, long number);
/* Whether that has happened. */
bool proxy_has_cut(struct proxy *p);
/* Connection string through it, for the database; lives as long as the proxy. */
const char *proxy_url(struct proxy *p, const char *database);
/* Ends all connections and threads. */
void proxy_stop(struct proxy *p);

#endif
