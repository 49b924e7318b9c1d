/*
 * Our own reading of ws:// addresses, stricter than the library's: what it does with percent
 * escapes is the hole that nng_guard.c is about, a user name would be ignored in silence, and
 * "localhost" would make the listener refuse those who dial 127.0.0.1.
 */
#include "shared/net/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "shared/base/parse.h"
#include "shared/base/span.h"

#include "shared/base/banned.h"

static const struct {
	const char *prefix;
	bool tls;
	const char *port;
} schemes[] = {{"ws://", false, "7432"}, {"wss://", true, "443"}};

static bool
bad(struct error *err, const char *url, const char *why)
{
	/* Who writes a user name writes a password. */
	bool secret = strchr(url, '@') != NULL;

	error_set(err, E_CONFIG_005, "the coordinator's address \"%.200s\" %s", secret ? "…" : url,
		  why);
	error_hint(err, "write it as ws://127.0.0.1:7432/rpc or wss://HOST/rpc");
	return false;
}

static bool
has_odd_bytes(const char *url)
{
	for (const char *p = url; *p != '\0'; p++) {
		if (*p <= ' ' || *p >= 0x7f || strchr("%@?#\\\"<>", *p) != NULL)
			return true;
	}
	return false;
}

static bool
is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&v6);
	return strcmp(host, "localhost") == 0;
}

/* Splits HOST[:PORT]; an IPv6 address stands in brackets. */
static bool
split_host(struct arena *a, struct span where, struct span *host, const char **port)
{
	const char *end = where.ptr + where.len, *rest;

	if (where.len > 0 && where.ptr[0] == '[') {
		rest = memchr(where.ptr, ']', where.len);
		if (rest == NULL)
			return false;
		*host = span_of(where.ptr + 1, (size_t)(rest - where.ptr - 1));
		rest++;
	} else {
		rest = memchr(where.ptr, ':', where.len);
		rest = rest == NULL ? end : rest;
		*host = span_of(where.ptr, (size_t)(rest - where.ptr));
	}
	if (host->len == 0 || host->len > 253)
		return false;
	if (rest == end)
		return true;
	int64_t number;
	*port = arena_span(a, span_of(rest + 1, (size_t)(end - rest - 1)));
	return *rest == ':' && parse_int(*port, &number) && number >= 1 && number <= 65535;
}

bool
net_address_parse(struct arena *a, const char *url, struct net_address *out, struct error *err)
{
	size_t s = 0;

	while (s < ARRAY_LEN(schemes) &&
	       strncmp(url, schemes[s].prefix, strlen(schemes[s].prefix)) != 0)
		s++;
	if (s == ARRAY_LEN(schemes))
		return bad(err, url, "does not begin with ws:// or wss://");
	if (has_odd_bytes(url))
		return bad(err, url, "holds a character that has no place there");
	const char *where = url + strlen(schemes[s].prefix);
	const char *path = strchr(where, '/');
	size_t len = path == NULL ? strlen(where) : (size_t)(path - where);
	const char *port = schemes[s].port;
	struct span host;
	if (!split_host(a, span_of(where, len), &host, &port))
		return bad(err, url, "has no usable host and port");
	if (path == NULL || path[1] == '\0')
		path = NET_PATH;
	const char *name = arena_span(a, host);
	if (!schemes[s].tls && strcmp(name, "localhost") == 0)
		name = "127.0.0.1";
	bool v6 = strchr(name, ':') != NULL;
	*out = (struct net_address){
		.tls = schemes[s].tls,
		.loopback = is_loopback(name),
		.host = name,
		.port = port,
		.url = arena_printf(a, "%s%s%s%s:%s%s", schemes[s].prefix, v6 ? "[" : "", name,
				    v6 ? "]" : "", port, path),
	};
	return true;
}
