#ifndef CONFITURE_TESTS_DB_PROXY_H
#define CONFITURE_TESTS_DB_PROXY_H

/*
 * Stands between one client and the test server on a socket of its own, and behaves as networks and
 * poolers do. One connection at a time.
 */
enum proxy_mode {
	PROXY_PASS,
	PROXY_CUT_BEFORE_COMMIT, /* the COMMIT never arrives */
	PROXY_CUT_AFTER_COMMIT,	 /* it does, and its answer is lost */
	PROXY_POOL		 /* each transaction goes to the other of two servers' sessions */
};
struct proxy;

struct proxy *proxy_start(enum proxy_mode mode);
/* From now on. */
void proxy_set(struct proxy *p, enum proxy_mode mode);
/* Connection string through it, for the database; lives as long as the proxy. */
const char *proxy_url(struct proxy *p, const char *database);
/* Ends the connection and the thread. */
void proxy_stop(struct proxy *p);

#endif
