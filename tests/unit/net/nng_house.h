#ifndef CONFITURE_TESTS_NNG_HOUSE_H
#define CONFITURE_TESTS_NNG_HOUSE_H

#include <stdatomic.h>
#include <sys/types.h>

#include "shared/net/nng.h"

/*
 * A server to talk to, in this process or in one of its own, and raw sockets to hurt it with. It
 * answers job_cancel with its reason as the note, parks worker_next for its wait_ms, and knows the
 * tokens "good" (a client), "worker" and "gone" (a client until the list is read anew).
 */
int house_port(void);
const char *house_url(int port, char buf[64]);

/* ---- in this process ---- */
struct house {
	struct runtime *rt;
	struct net_server *server;
	struct thread *thread;
	int port;
	char url[64];
	atomic_int held;  /* requests parked now */
	atomic_int asked; /* times that authenticate was asked */
	atomic_bool revoked;
	atomic_bool stop;
};

/* `config` may be NULL; its url, authenticate and self are filled in. */
void house_open(struct house *h, const struct net_nng_listen *config);
void house_close(struct house *h);
/* The whole of a server's process: serves until a signal ends it. */
int house_main(const char *url);

/* ---- in a process of its own: see nng_server_main.c ---- */
pid_t house_spawn(int port);
/* `program` URL: NNG_SERVER, or one of those that only listen. Returns once it does. */
pid_t house_spawn_program(const char *program, int port);
/* The same with a URL and more arguments (at most 3, ended by NULL). */
pid_t house_spawn_at(const char *program, const char *url, const char *const *more, int port);
/* And waits until it is gone. */
void house_kill(pid_t pid, int signal);
bool house_alive(pid_t pid);
int house_descriptors(pid_t pid);
long house_memory_kb(pid_t pid);

/* ---- calls ---- */
struct net_client *house_client(int port, const char *token);
/* job_cancel with `reason`; true when it came back as the note. */
bool house_echo(struct net_client *c, const char *reason, uint64_t ms, struct error *err);
bool house_wait(struct net_client *c, int64_t wait_ms, uint64_t ms, struct error *err);

/* ---- raw sockets; -1 when not connected ---- */
int raw_connect(int port);
bool raw_send(int fd, const void *bytes, size_t len);
bool raw_text(int fd, const char *text);
/* The WebSocket upgrade, with its answer read. */
bool raw_upgrade(int fd, const char *token);
/* One frame that holds a request of ours. */
bool raw_request(int fd, uint32_t id, enum message_kind kind, const void *body);
/* RST instead of FIN. */
void raw_reset(int fd);

#endif
