/*
 * A coordinator, or a client, of a confiture whose protocol is not spoken here:
 *
 *   newer listen URL          says hello to nobody, as a coordinator of that version would
 *   newer hello URL TOKEN     prints what a coordinator says to a client of that version
 */
#include <stdio.h>
#include <string.h>

#include "shared/net/nng.h"

#include "shared/base/banned.h"

enum { PROTOCOL_OF_THEN = 9, ANSWER_MS = 30000 };

static bool
let_in(void *self, const struct net_credentials *shown, struct arena *arena, struct net_peer *peer,
       struct error *err)
{
	(void)self;
	(void)shown;
	(void)arena;
	(void)err;
	*peer = (struct net_peer){.role = NET_OPERATOR, .name = "anybody"};
	return true;
}

static void
refuse(struct net_server *s, struct net_request *r)
{
	const struct hello *m = r->body;
	struct error err = {0};

	if (r->kind == MESSAGE_hello)
		error_set(&err, E_COORD_002,
			  "%s %s speaks protocols %lld to %lld, this coordinator 9.0.0 speaks %d",
			  m->program, m->version, (long long)m->protocol_min,
			  (long long)m->protocol_max, PROTOCOL_OF_THEN);
	else
		error_set(&err, E_COORD_002, "hello comes first");
	s->ops->refuse(s, r, &err);
}

static int
listen_at(struct runtime *rt, const char *url)
{
	struct net_nng_listen config = {.url = url, .authenticate = let_in};
	struct error err = {0};
	struct net_server *s = net_nng_listen(rt, &config, &err);

	if (s == NULL) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	puts("listening");
	fflush(stdout);
	for (;;) {
		struct net_request *r = s->ops->next(s, RUNTIME_FOREVER);
		if (r != NULL)
			refuse(s, r);
	}
}

static int
say_hello(struct runtime *rt, const char *url, const char *token)
{
	struct net_nng_dial config = {.urls = &url, .url_count = 1, .token = secret_of(token)};
	struct hello m = {.protocol_min = PROTOCOL_OF_THEN,
			  .protocol_max = PROTOCOL_OF_THEN,
			  .program = "confiture-worker",
			  .version = "9.0.0"};
	struct error err = {0};
	struct arena arena;
	void *reply;

	arena_init(&arena);
	struct net_client *client = net_nng_dial(rt, &config, &err);
	bool ok = client != NULL && net_call(client, MESSAGE_hello, &m,
					     runtime_deadline(rt, ANSWER_MS), &arena, &reply, &err);
	printf("%s %s\n", ok ? "welcome" : err.code->name, ok ? "" : err.message);
	if (client != NULL)
		net_nng_client_free(client);
	arena_fini(&arena);
	return ok ? 0 : err.code->exit_code;
}

int
main(int argc, char **argv)
{
	struct runtime *rt = runtime_system();

	if (argc == 3 && strcmp(argv[1], "listen") == 0)
		return listen_at(rt, argv[2]);
	if (argc == 4 && strcmp(argv[1], "hello") == 0)
		return say_hello(rt, argv[2], argv[3]);
	return 2;
}
