/*
 * Who is at the other end of a connection. NNG shows the headers of the WebSocket request that made
 * it; what they are worth is the coordinator's affair. Asked once, since a connection cannot change
 * its headers, and again only when the list of those who may come has changed.
 */
#include "shared/net/nng_server.h"

#include <arpa/inet.h>
#include <string.h>

#include "shared/base/banned.h"

static const char *
header(struct arena *a, nng_pipe pipe, const char *option)
{
	char *value = NULL;

	if (nng_pipe_get_string(pipe, option, &value) != 0)
		return NULL;
	const char *copy = arena_str(a, value);
	explicit_bzero(value, strlen(value));
	nng_strfree(value);
	return copy;
}

static bool
from_here(nng_pipe pipe)
{
	nng_sockaddr address;

	if (nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &address) != 0)
		return false;
	if (address.s_family == NNG_AF_INET)
		return ntohl(address.s_in.sa_addr) >> 24 == 127;
	static const uint8_t loopback[16] = {[15] = 1};
	return address.s_family == NNG_AF_INET6 &&
	       memcmp(address.s_in6.sa_addr, loopback, sizeof(loopback)) == 0;
}

void
server_identify(struct nng_server *s, struct pipe_entry *e)
{
	if (e->known)
		return;
	struct arena shown;
	struct error err = {0};

	arena_init(&shown);
	arena_reset(&e->arena);
	e->refusal = NULL;
	e->peer = (struct net_peer){0};
	struct net_credentials credentials = {
		.authorization = secret_of(
			header(&shown, e->pipe, NNG_OPT_WS_REQUEST_HEADER "Authorization")),
		.client_name = header(&shown, e->pipe, NNG_OPT_WS_REQUEST_HEADER "X-Client-CN"),
		.proxy_secret = secret_of(
			header(&shown, e->pipe, NNG_OPT_WS_REQUEST_HEADER "X-Proxy-Token")),
		.loopback = from_here(e->pipe),
	};
	if (!s->config.authenticate(s->config.self, &credentials, &e->arena, &e->peer, &err)) {
		e->refusal = arena_new(&e->arena, struct error);
		*e->refusal = err;
	}
	arena_fini(&shown);
	e->known = true;
}
