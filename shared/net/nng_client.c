/*
 * The NNG make of a client. A call is one REQ context: it sends its bytes, waits for the answer,
 * and when the connection breaks in between it sends the same bytes again, until its deadline. That
 * is sound because every request is idempotent or carries its key; NNG's own resending is off,
 * since it would go on for ever and never say so.
 *
 * Sockets are never closed while they connect (NNG 1.5 hangs then): one socket and one dialer per
 * address, for the life of the process.
 */
#include "shared/net/nng_client.h"

#include <assert.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdlib.h>
#include <string.h>

#include "shared/net/nng_threads.h"
#include "shared/wire/codec.h"

#include "shared/base/banned.h"

enum { BACKOFF_FIRST_MS = 50, BACKOFF_LAST_MS = 1000, TURN_MS = 1000, SOCKETS_MOST = 8 };

/* One address. `pipes` and `reached` are under the client's mutex. */
struct endpoint {
	struct nng_client *client;
	nng_socket socket;
	nng_dialer dialer;
	bool started;
	uint32_t pipes;
};

struct nng_client {
	struct net_client base; /* first */
	struct runtime *rt;
	struct arena arena;
	struct net_route routes[SOCKETS_MOST];
	struct endpoint endpoints[SOCKETS_MOST];
	size_t count;
	uint32_t first_contact_ms;
	struct mutex *mutex;
	size_t current; /* the endpoint that answered last, or is tried */
	bool reached;	/* any of them, ever */
};

/* One call. */
struct attempt {
	struct nng_client *c;
	struct text bytes;
	uint64_t deadline_ns;
	nng_ctx ctx;
	nng_aio *aio;
};

enum outcome { ANSWERED, LOST, SILENT };

static void
lock(struct nng_client *c)
{
	c->rt->ops->mutex_lock(c->rt, c->mutex);
}

static void
unlock(struct nng_client *c)
{
	c->rt->ops->mutex_unlock(c->rt, c->mutex);
}

static void
pipe_event(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
	struct endpoint *e = arg;

	(void)pipe;
	lock(e->client);
	if (event == NNG_PIPE_EV_ADD_POST) {
		e->pipes++;
		e->client->reached = true;
	} else if (e->pipes > 0) {
		e->pipes--;
	}
	unlock(e->client);
}

/* ---- where to ----- */
static void
endpoint_start(struct endpoint *e)
{
	lock(e->client);
	bool start = !e->started;
	e->started = true;
	unlock(e->client);
	/* Later failures of a dialer are its own affair: it tries again for ever. */
	if (start)
		(void)nng_dialer_start(e->dialer, NNG_FLAG_NONBLOCK);
}

static struct endpoint *
current_endpoint(struct nng_client *c)
{
	lock(c);
	struct endpoint *e = &c->endpoints[c->current];
	unlock(c);
	endpoint_start(e);
	return e;
}

/* The next address, unless somebody moved on already. */
static void
move_on(struct nng_client *c, const struct endpoint *from)
{
	lock(c);
	if (from == &c->endpoints[c->current])
		c->current = (c->current + 1) % c->count;
	unlock(c);
}

/* ---- one attempt ---- */
static nng_duration
until(struct attempt *a, uint64_t most_ms)
{
	uint64_t now_ns = runtime_boot_ns(a->c->rt);
	uint64_t ms = now_ns >= a->deadline_ns ? 0 : (a->deadline_ns - now_ns) / NS_PER_MS + 1;

	ms = ms < most_ms ? ms : most_ms;
	return ms < INT32_MAX ? (nng_duration)ms : INT32_MAX;
}

static enum outcome
outcome_of(int rc)
{
	return rc == 0 ? ANSWERED : rc == NNG_ETIMEDOUT ? SILENT : LOST;
}

/* Waits for a connection at most `patience_ms`, so that another address gets its turn. */
static enum outcome
send_bytes(struct attempt *a, uint64_t patience_ms)
{
	nng_msg *msg;

	if (nng_msg_alloc(&msg, a->bytes.len) != 0)
		abort();
	memcpy(nng_msg_body(msg), a->bytes.ptr, a->bytes.len);
	nng_aio_set_timeout(a->aio, until(a, patience_ms));
	nng_aio_set_msg(a->aio, msg);
	nng_ctx_send(a->ctx, a->aio);
	nng_aio_wait(a->aio);
	int rc = nng_aio_result(a->aio);
	if (rc != 0 && (msg = nng_aio_get_msg(a->aio)) != NULL)
		nng_msg_free(msg);
	nng_aio_set_msg(a->aio, NULL);
	return outcome_of(rc);
}

static enum outcome
receive_answer(struct attempt *a, nng_msg **answer)
{
	nng_aio_set_timeout(a->aio, until(a, UINT64_MAX));
	nng_ctx_recv(a->ctx, a->aio);
	nng_aio_wait(a->aio);
	enum outcome outcome = outcome_of(nng_aio_result(a->aio));
	*answer = outcome == ANSWERED ? nng_aio_get_msg(a->aio) : NULL;
	if (outcome == ANSWERED && *answer == NULL)
		return LOST; /* NNG 1.5 can say so after a timeout */
	return outcome;
}

static enum outcome
attempt_at(struct attempt *a, struct endpoint *e, uint64_t patience_ms, nng_msg **answer)
{
	if (nng_ctx_open(&a->ctx, e->socket) != 0 || nng_aio_alloc(&a->aio, NULL, NULL) != 0)
		abort();
	enum outcome outcome = send_bytes(a, patience_ms);
	if (outcome == ANSWERED)
		outcome = receive_answer(a, answer);
	nng_ctx_close(a->ctx);
	nng_aio_free(a->aio);
	return outcome;
}

/* ---- calls ---- */
static bool
gave_up(struct nng_client *c, const struct endpoint *e, struct error *err)
{
	size_t index = (size_t)(e - c->endpoints);
	struct net_route *route = &c->routes[index];

	lock(c);
	bool up = e->pipes > 0, reached = c->reached;
	unlock(c);
	error_set(err, E_COORD_001, "the coordinator at %s %s", route->address.url,
		  up	    ? "did not answer in time"
		  : reached ? "was lost"
			    : "cannot be reached");
	if (!up && err != NULL)
		net_route_explain(route, err);
	if (err != NULL)
		err->retryable = true;
	return false;
}

/* Tries until the deadline, one address after another. NULL: nobody answered. */
static nng_msg *
exchange(struct attempt *a, struct error *err)
{
	struct nng_client *c = a->c;
	struct runtime *rt = c->rt;
	uint64_t first_ns = runtime_deadline(rt, c->first_contact_ms);
	uint64_t backoff_ms = BACKOFF_FIRST_MS;

	for (;;) {
		struct endpoint *e = current_endpoint(c);
		lock(c);
		bool waits_for_first = !c->reached && c->first_contact_ms != 0;
		unlock(c);
		uint64_t limit_ns =
			waits_for_first && first_ns < a->deadline_ns ? first_ns : a->deadline_ns;
		uint64_t now_ns = runtime_boot_ns(rt);
		nng_msg *answer = NULL;
		if (now_ns >= limit_ns) {
			(void)gave_up(c, e, err);
			return NULL;
		}
		uint64_t patience_ms = (limit_ns - now_ns) / NS_PER_MS + 1;
		if (c->count > 1 && patience_ms > TURN_MS)
			patience_ms = TURN_MS;
		enum outcome outcome = attempt_at(a, e, patience_ms, &answer);
		if (outcome == ANSWERED)
			return answer;
		move_on(c, e);
		if (outcome == SILENT)
			continue;
		uint64_t rest_ms = (uint64_t)until(a, backoff_ms);
		rt->ops->sleep_ns(rt, rest_ms * NS_PER_MS);
		backoff_ms = backoff_ms * 2 < BACKOFF_LAST_MS ? backoff_ms * 2 : BACKOFF_LAST_MS;
	}
}

static bool
take_answer(enum message_kind kind, nng_msg *msg, struct arena *arena, void **reply,
	    struct error *err)
{
	struct span bytes = span_of(nng_msg_body(msg), nng_msg_len(msg));
	int status = WIRE_REPLY;
	void *body = NULL;

	bool ok = wire_decode_reply(arena, bytes, kind, &status, &body, err);
	nng_msg_free(msg);
	if (!ok)
		return false;
	if (status == WIRE_REFUSAL) {
		error_from_issue(((const struct refusal *)body)->error, err);
		return false;
	}
	*reply = body;
	return true;
}

static bool
nng_call(struct net_client *base, enum message_kind kind, const void *request, uint64_t deadline_ns,
	 struct arena *arena, void **reply, struct error *err)
{
	struct nng_client *c = (struct nng_client *)base;
	struct attempt a = {.c = c, .deadline_ns = deadline_ns};
	nng_msg *answer = NULL;

	text_init(&a.bytes, WIRE_MESSAGE_LIMIT + 1);
	wire_encode_request(&a.bytes, kind, until(&a, UINT64_MAX), request);
	/* The coordinator would close the connection on it, and we would send it again for ever. */
	if (a.bytes.truncated || a.bytes.len > WIRE_MESSAGE_LIMIT)
		error_set(err, E_WIRE_001, "the request is larger than %d bytes",
			  (int)WIRE_MESSAGE_LIMIT);
	else
		answer = exchange(&a, err);
	text_fini(&a.bytes);
	return answer != NULL && take_answer(kind, answer, arena, reply, err);
}

/* ---- life ---- */
static const struct net_client_ops client_ops = {.call = nng_call};

static int
endpoint_open(struct endpoint *e, const struct net_route *route)
{
	int rc = nng_req0_open(&e->socket);

	if (rc == 0)
		rc = nng_socket_set_ms(e->socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
	if (rc == 0)
		rc = nng_pipe_notify(e->socket, NNG_PIPE_EV_ADD_POST, pipe_event, e);
	if (rc == 0)
		rc = nng_pipe_notify(e->socket, NNG_PIPE_EV_REM_POST, pipe_event, e);
	if (rc == 0)
		rc = nng_dialer_create(&e->dialer, e->socket, route->address.url);
	if (rc == 0)
		rc = nng_dialer_set_ms(e->dialer, NNG_OPT_RECONNMINT, 100);
	if (rc == 0)
		rc = nng_dialer_set_ms(e->dialer, NNG_OPT_RECONNMAXT, 2000);
	if (rc == 0 && secret_given(route->header))
		rc = nng_dialer_set_string(e->dialer, NNG_OPT_WS_REQUEST_HEADERS,
					   secret_reveal(route->header));
	if (rc == 0 && route->tls != NULL)
		rc = nng_dialer_set_ptr(e->dialer, NNG_OPT_TLS_CONFIG, route->tls);
	return rc;
}

static bool
client_open(struct nng_client *c, const struct net_nng_dial *config, struct error *err)
{
	for (size_t i = 0; i < config->url_count; i++) {
		struct endpoint *e = &c->endpoints[i];

		if (!net_route_init(&c->arena, config, config->urls[i], &c->routes[i], err))
			return false;
		c->count++;
		e->client = c;
		int rc = endpoint_open(e, &c->routes[i]);
		if (rc == 0)
			continue;
		error_set(err, E_CONFIG_005, "the coordinator at %s cannot be dialled",
			  c->routes[i].address.url);
		error_cause(err, "%s", nng_strerror(rc));
		return false;
	}
	return true;
}

struct net_client *
net_nng_dial(struct runtime *rt, const struct net_nng_dial *config, struct error *err)
{
	if (config->url_count == 0 || config->url_count > SOCKETS_MOST) {
		error_set(err, E_CONFIG_005, "from 1 to %d coordinators can be named, not %zu",
			  (int)SOCKETS_MOST, config->url_count);
		return NULL;
	}
	net_nng_start_threads();
	struct nng_client *c = calloc(1, sizeof(*c));
	if (c == NULL)
		abort();
	c->base.ops = &client_ops;
	c->rt = rt;
	c->first_contact_ms = config->first_contact_ms;
	c->mutex = rt->ops->mutex_new(rt);
	arena_init(&c->arena);
	if (client_open(c, config, err)) {
		endpoint_start(&c->endpoints[0]);
		return &c->base;
	}
	net_nng_client_free(&c->base);
	return NULL;
}

void
net_nng_client_free(struct net_client *base)
{
	struct nng_client *c = (struct nng_client *)base;

	if (c == NULL)
		return;
	/* One that is just connecting would hang, and its events need the rest: all of it stays. */
	for (size_t i = 0; i < c->count; i++) {
		lock(c);
		bool connecting = c->endpoints[i].started && c->endpoints[i].pipes == 0;
		unlock(c);
		if (connecting)
			return;
	}
	for (size_t i = 0; i < c->count; i++) {
		if (nng_socket_id(c->endpoints[i].socket) > 0)
			nng_close(c->endpoints[i].socket);
		net_route_fini(&c->routes[i]);
	}
	c->rt->ops->mutex_free(c->rt, c->mutex);
	arena_fini(&c->arena);
	free(c);
}
