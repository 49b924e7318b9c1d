#ifndef CONFITURE_TESTS_FLEET_H
#define CONFITURE_TESTS_FLEET_H

#include "tests/support/process.h"

/*
 * A coordinator and its workers as real processes with a folder, tokens and a loopback port of
 * their own. CONFITURE_COORDINATOR_PROGRAM and CONFITURE_WORKER_PROGRAM name other programs than
 * those of the build.
 */
enum { FLEET_WORKERS = 4 };

struct fleet_worker {
	char name[32];
	const char *program; /* NULL: the plain one */
	struct process process;
};

struct fleet {
	char dir[128];
	int port;
	char url[64];	      /* ws://ADDRESS:PORT/rpc */
	char coordinator[96]; /* CONFITURE_COORDINATOR=<url> */
	char token_file[192]; /* CONFITURE_TOKEN_FILE=…, of an operator */
	struct process daemon;
	struct fleet_worker workers[FLEET_WORKERS];
	size_t worker_count;
};

/* Starts the coordinator and waits until it answers. `settings` are further lines of its file; may
 * be NULL. */
void fleet_open(struct fleet *f, const char *settings);
/* The same at another address of this machine than 127.0.0.1. */
void fleet_open_at(struct fleet *f, const char *address, const char *settings);
/* Ends whatever still runs and removes the folder. */
void fleet_close(struct fleet *f);

/* The coordinator again, on the same port and journal, after fleet_kill(f, signal). */
void fleet_start(struct fleet *f);
void fleet_kill(struct fleet *f, int signal);

/* Makes a token; the text stays valid for the next 7 calls. `options` may be NULL ("--expires 1s").
 */
const char *fleet_token(struct fleet *f, const char *identity, const char *options);
/* Revokes the tokens of that identity ("worker:near" for worker:near@local too). */
void fleet_token_revoke(struct fleet *f, const char *identity);
/* Writes a token into a file of mode 0600 below the folder; its path, valid for the next 7 calls.
 */
const char *fleet_token_file(struct fleet *f, const char *name, const char *token);

/*
 * A new worker with a token for `environments` ("local,production"), serving `targets`: lines of
 * its file, below "targets:". It does not run yet.
 */
struct fleet_worker *fleet_worker(struct fleet *f, const char *name, const char *environments,
				  const char *targets);
/* Other targets, from its next start on. */
void fleet_worker_targets(struct fleet *f, struct fleet_worker *w, const char *targets);
/* Starts it and waits until its targets are online. `env` are additions to its environment, ended
 * by NULL; may be NULL. */
void fleet_worker_start(struct fleet *f, struct fleet_worker *w, const char *const *env);
/* Starts it and does not wait: one that is not let in. */
void fleet_worker_launch(struct fleet *f, struct fleet_worker *w);
void fleet_worker_kill(struct fleet_worker *w, int signal);

/* Waits until the log of the coordinator ("coordinator") or of a worker holds `text`, from its
 * newest start on. */
bool fleet_said(struct fleet *f, const char *who, const char *text, int seconds);
/* The most memory that a program that runs has had since its start, in kilobytes. */
long fleet_peak_kb(const struct process *p);
/* The whole log; to be freed. */
char *fleet_log(struct fleet *f, const char *who);

/* A port of 127.0.0.1 that nobody listens on. */
int free_port(void);

#endif
