#ifndef CONFITURE_TESTS_UNIT_COORDINATOR_DAEMON_HOUSE_H
#define CONFITURE_TESTS_UNIT_COORDINATOR_DAEMON_HOUSE_H

#include <sys/types.h>

#include "shared/net/nng.h"
#include "tests/support/unit.h"
#include "tests/unit/coordinator/house.h"

/*
 * The real program on a free port with a folder of its own, and clients over ws. Children are
 * started by posix_spawn(): this process uses NNG and must not fork.
 */
struct daemon_house {
	struct runtime *rt;
	struct scratch scratch;
	char config[128];
	char log[128]; /* standard error of the program */
	int port;
	pid_t pid; /* 0: not running */
	struct arena arena;
	struct error err; /* of the last request that was refused */
};

/* `more` are lines for the configuration. */
void daemon_open(struct daemon_house *h, const char *more);
/* Ends the program with SIGTERM where it runs; it must leave with 0. */
void daemon_close(struct daemon_house *h);
void daemon_start(struct daemon_house *h);
/* Its exit code; 128 + n after signal n. */
int daemon_end(struct daemon_house *h, int signal);
/* `confiture-coordinator --config … WORDS`; standard output in `out`. */
int daemon_command(struct daemon_house *h, const char *const *words, char *out, size_t size);
/* A new token's text. */
const char *daemon_token(struct daemon_house *h, const char *identity);
const char *daemon_operator(struct daemon_house *h);
bool file_holds(const char *path, const char *text);
/* Waits until the log holds the text. */
bool daemon_logged(struct daemon_house *h, const char *text);

struct net_client *daemon_dial(struct daemon_house *h, const char *token);
void *daemon_ask(struct daemon_house *h, struct net_client *from, enum message_kind kind,
		 const void *request);

#endif
