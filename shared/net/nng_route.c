/*
 * The way to a coordinator: address, header with the token, TLS. NNG's dialer never tells why it
 * does not get through, so a failed call makes one connection by hand and reports what the system,
 * or the TLS library, says about it.
 */
#include "shared/net/nng_client.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/base/banned.h"

#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

enum { FILE_LARGEST = 1024 * 1024, EXPLAIN_MS = 2000 };

/* ---- TLS ---- */
static bool
tls_failed(struct error *err, const char *what, const char *file, int rc)
{
	error_set(err, E_CONFIG_005, "%s %s cannot be used", what, file);
	error_cause(err, "%s", nng_strerror(rc));
	return false;
}

/* The library takes certificate and key from one file or from memory; people have two files. */
static bool
read_pem(struct arena *a, const char *what, const char *path, const char **out, struct error *err)
{
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return error_errno(err, E_CONFIG_005, errno, "%s %s cannot be read", what, path);
	char *bytes = arena_alloc(a, FILE_LARGEST + 1);
	size_t n = fread(bytes, 1, FILE_LARGEST, file);
	bool whole = feof(file) || fgetc(file) == EOF;
	fclose(file);
	*out = bytes;
	if (!whole || strlen(bytes) != n || strstr(bytes, "-----BEGIN") == NULL)
		return error_set(err, E_CONFIG_005, "%s %s is not a PEM file", what, path);
	return true;
}

static bool
tls_own_cert(nng_tls_config *tls, const struct net_nng_dial *config, struct error *err)
{
	struct arena a;
	const char *cert, *key;
	bool ok = false;

	if (config->cert_file == NULL && config->key_file == NULL)
		return true;
	if (config->cert_file == NULL || config->key_file == NULL)
		return error_set(err, E_CONFIG_001,
				 "a client certificate needs both its file and its key's file");
	arena_init(&a);
	if (!read_pem(&a, "the certificate", config->cert_file, &cert, err) ||
	    !read_pem(&a, "the key", config->key_file, &key, err))
		goto out;
	int rc = nng_tls_config_own_cert(tls, cert, key, NULL);
	explicit_bzero((void *)(uintptr_t)key, strlen(key));
	ok = rc == 0 || tls_failed(err, "the certificate", config->cert_file, rc);
out:
	arena_fini(&a);
	return ok;
}

/*
 * NNG checks the host's name only in a configuration of its own making; one that is given replaces
 * that, so the name is set again here. Without it any certificate of the authority would do.
 */
static bool
tls_new(const struct net_nng_dial *config, const struct net_address *address, nng_tls_config **out,
	struct error *err)
{
	const char *ca = config->ca_file != NULL ? config->ca_file : SYSTEM_CA_FILE;
	const char *name = config->server_name != NULL ? config->server_name : address->host;
	nng_tls_config *tls = NULL;
	int rc = nng_tls_config_alloc(&tls, NNG_TLS_MODE_CLIENT);

	if (rc != 0)
		return tls_failed(err, "TLS to", address->url, rc);
	*out = tls;
	if ((rc = nng_tls_config_ca_file(tls, ca)) != 0)
		return tls_failed(err, "the file of trusted authorities", ca, rc);
	if ((rc = nng_tls_config_server_name(tls, name)) != 0)
		return tls_failed(err, "the server's name", name, rc);
	if ((rc = nng_tls_config_auth_mode(tls, NNG_TLS_AUTH_MODE_REQUIRED)) != 0)
		return tls_failed(err, "TLS to", address->url, rc);
	return tls_own_cert(tls, config, err);
}

/* ---- life ---- */
static bool
header_of(struct arena *a, struct secret token, struct secret *out, struct error *err)
{
	if (!secret_given(token) || *secret_reveal(token) == '\0')
		return true;
	/* A line end would be a header of its own. */
	for (const char *p = secret_reveal(token); *p != '\0'; p++) {
		if (*p <= ' ' || *p >= 0x7f)
			return error_set(err, E_CONFIG_005,
					 "the token holds a blank or another character that "
					 "no token has");
	}
	*out = secret_of(arena_printf(a, "Authorization: Bearer %s", secret_reveal(token)));
	return true;
}

bool
net_route_init(struct arena *a, const struct net_nng_dial *config, const char *url,
	       struct net_route *out, struct error *err)
{
	*out = (struct net_route){0};
	if (!net_address_parse(a, url, &out->address, err) ||
	    !header_of(a, config->token, &out->header, err))
		return false;
	if (!out->address.tls || tls_new(config, &out->address, &out->tls, err))
		return true;
	net_route_fini(out);
	return false;
}

void
net_route_fini(struct net_route *route)
{
	if (route->tls != NULL)
		nng_tls_config_free(route->tls);
	route->tls = NULL;
}

/* ---- why not? ---- */
static int
connect_in_time(const struct addrinfo *to)
{
	int fd = socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int problem = 0;
	socklen_t len = sizeof(problem);

	if (fd < 0)
		return errno;
	if (connect(fd, to->ai_addr, to->ai_addrlen) != 0 && (problem = errno) == EINPROGRESS) {
		struct pollfd p = {.fd = fd, .events = POLLOUT};
		if (poll(&p, 1, EXPLAIN_MS) == 1)
			(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &len);
		else
			problem = ETIMEDOUT;
	}
	close(fd);
	return problem;
}

/* False: `err` knows why not even TCP gets through. */
static bool
tcp_works(const struct net_address *address, struct error *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	int rc = getaddrinfo(address->host, address->port, &hints, &found);

	if (rc != 0) {
		error_cause(err, "%s: %s", address->host, gai_strerror(rc));
		return false;
	}
	int problem = connect_in_time(found);
	freeaddrinfo(found);
	if (problem != 0)
		error_cause(err, "%s", strerror(problem));
	return problem == 0;
}

/* NNG does not tell which of the certificates it is, nor what is wrong with it. */
static void
say_certificate(const struct net_address *address, struct error *err, int rc)
{
	error_cause(err,
		    "something listens there, but the connection fails: %s; its certificate, or "
		    "ours, has "
		    "expired, comes from an authority that the other side does not know, or is for "
		    "another name",
		    nng_strerror(rc));
	error_hint(err,
		   "openssl s_client -connect %s:%s </dev/null | openssl x509 -noout -dates "
		   "-issuer -subject",
		   address->host, address->port);
}

static void
say_failure(const struct net_address *address, struct error *err, int rc)
{
	if (rc == 0)
		error_cause(err, "it answers now");
	else if (address->tls && (rc == NNG_ECRYPTO || rc == NNG_EPEERAUTH))
		say_certificate(address, err, rc);
	else
		error_cause(err, "something listens there, but the connection fails: %s",
			    nng_strerror(rc));
}

/* One WebSocket of our own. One that does not come to an end is left alone, since closing it would
 * hang, and no second one is made. */
void
net_route_explain(struct net_route *route, struct error *err)
{
	nng_stream_dialer *dialer = NULL;
	nng_aio *aio = NULL;

	if (!tcp_works(&route->address, err))
		return;
	if (atomic_load(&route->hung)) {
		say_failure(&route->address, err, NNG_ETIMEDOUT);
		return;
	}
	if (nng_stream_dialer_alloc(&dialer, route->address.url) != 0)
		return;
	if (nng_aio_alloc(&aio, NULL, NULL) != 0)
		abort();
	(void)nng_stream_dialer_set_string(dialer, NNG_OPT_WS_PROTOCOL, "rep.sp.nanomsg.org");
	if (route->tls != NULL)
		(void)nng_stream_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, route->tls);
	nng_aio_set_timeout(aio, EXPLAIN_MS);
	nng_stream_dialer_dial(dialer, aio);
	nng_aio_wait(aio);
	int rc = nng_aio_result(aio);
	nng_stream *stream = rc == 0 ? nng_aio_get_output(aio, 0) : NULL;
	say_failure(&route->address, err, rc);
	atomic_store(&route->hung, rc == NNG_ETIMEDOUT);
	if (rc == NNG_ETIMEDOUT)
		return;
	if (stream != NULL)
		nng_stream_free(stream);
	nng_stream_dialer_free(dialer);
	nng_aio_free(aio);
}
