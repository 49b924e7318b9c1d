/*
 * Opens and closes connections. A failed attempt is what users meet first, so each kind of failure
 * has its own next step; libpq gives no code for most of them, hence the look at what it says where
 * there is no SQLSTATE.
 */
#include "shared/pg/connection.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared/base/text.h"
#include "shared/pg/dsn.h"
#include "shared/pg/internal.h"

#include "shared/base/banned.h"

enum { PARAMETERS = 64 };

struct parameters {
	const char *keywords[PARAMETERS + 1];
	const char *values[PARAMETERS + 1];
	size_t count;
};

static void
put(struct parameters *p, const char *keyword, const char *value)
{
	if (p->count == PARAMETERS || value == NULL)
		return;
	p->keywords[p->count] = keyword;
	p->values[p->count++] = value;
}

/* Ours where neither the URL nor the environment nor a service says otherwise. */
static const struct {
	const char *keyword, *variable, *value;
} defaults[] = {
	{"connect_timeout", "PGCONNECT_TIMEOUT", "10"},
	{"keepalives_idle", NULL, "30"},
	{"keepalives_interval", NULL, "10"},
	{"keepalives_count", NULL, "3"},
	/* Keepalives are silent while something that was sent is not acknowledged. */
	{"tcp_user_timeout", NULL, "60000"},
};

static bool
is_given(const PQconninfoOption *options, const char *keyword, const char *variable)
{
	for (const PQconninfoOption *o = options; o->keyword != NULL; o++) {
		if (strcmp(o->keyword, keyword) == 0 && o->val != NULL)
			return true;
	}
	return variable != NULL && getenv(variable) != NULL;
}

static void
fill_parameters(const PQconninfoOption *options, const struct pg_open_options *o,
		struct parameters *p)
{
	bool service = is_given(options, "service", "PGSERVICE");

	for (size_t i = 0; !service && i < ARRAY_LEN(defaults); i++) {
		if (!is_given(options, defaults[i].keyword, defaults[i].variable))
			put(p, defaults[i].keyword, defaults[i].value);
	}
	for (const PQconninfoOption *opt = options; opt->keyword != NULL; opt++)
		put(p, opt->keyword, opt->val);
	/* A later entry wins. */
	if (o->database != NULL)
		put(p, "dbname", o->database);
	put(p, "application_name", o->application_name);
	put(p, "client_encoding", "UTF8");
}

static void
on_notice(void *self, const PGresult *r)
{
	struct pg_conn *c = self;
	const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

	if (c->listening && c->sink.take != NULL && message != NULL)
		c->sink.take(c->sink.self, severity ? severity : "NOTICE", message,
			     PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL));
}

/* libpq's own failures have no SQLSTATE; the words are those of its untranslated build. */
static const struct {
	const char *words, *hint;
	bool retryable;
} failures[] = {
	{"could not translate host name", "check the host name in the URL", false},
	{"Connection refused",
	 "is the server running, and is the port right? systemctl status postgresql", true},
	{"No such file or directory",
	 "is the server running, and is its socket in that directory? systemctl status postgresql",
	 true},
	{"timeout expired", "is the host reachable from here, and not behind a firewall?", true},
	{"o route to host", "is the host reachable from here?", true},
	{"closed the connection",
	 "the server, or what stands between, ended it at once: look into the server's log", true},
	{"reset by peer",
	 "the server, or what stands between, ended it at once: look into the server's log", true},
	{"no password supplied",
	 "give a password: in the URL, in PGPASSWORD, or in the file that PGPASSFILE names", false},
	{"certificate", "check sslmode, sslrootcert and the server's certificate", false},
	{"server does not support SSL", "the server has no TLS: choose another sslmode", false},
	{"definition of service", "check the service's name and the file that PGSERVICEFILE names",
	 false},
};

/* The SQLSTATE of a failed connection is in no PGresult; libpq shows it in "verbose" messages only:
 * "FATAL:  28P01: …", where the first word is in the server's language. */
static bool
take_sqlstate(const char *message, char state[6])
{
	for (const char *at = message; (at = strstr(at, ":  ")) != NULL;) {
		at += strlen(":  ");
		if (strspn(at, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 5 || at[5] != ':')
			continue;
		memcpy(state, at, 5);
		state[5] = '\0';
		return true;
	}
	return false;
}

/* Several hosts give several lines; each is worth reading. The LOCATION lines of verbose messages
 * are not. A password never comes back from a server, but what is in a host name by mistake does.
 */
static void
set_cause(struct error *err, const char *message, const char *state, const char *password)
{
	char line[ERROR_TEXT];
	struct text t;

	text_init(&t, ERROR_TEXT);
	for (const char *at = message; *at != '\0';) {
		size_t n = strcspn(at, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)n, at);
		char *code = state[0] ? strstr(line, state) : NULL;
		if (code != NULL && strncmp(code + 5, ": ", 2) == 0)
			memmove(code, code + 7, strlen(code + 7) + 1);
		if (n > 0 && strncmp(line, "LOCATION:", 9) != 0)
			text_printf(&t, "%s%s", t.len > 0 ? "\n" : "", line);
		at += n + (at[n] == '\n');
	}
	bool leaks = password != NULL && password[0] != '\0' && strstr(t.ptr, password) != NULL;
	error_cause(err, "%s", leaks ? "(withheld: it would show the password)" : t.ptr);
	text_fini(&t);
}

static bool
connect_error(const PGconn *conn, struct secret url, struct error *err)
{
	const char *message = PQerrorMessage(conn);
	struct arena arena;
	char words[ERROR_TEXT + 64], state[6] = "";

	arena_init(&arena);
	snprintf(words, sizeof(words), "cannot connect to %s", dsn_print(&arena, url));
	bool told = take_sqlstate(message, state);
	pg_error_by_state(told ? state : NULL, E_CONFIG_006, err, words);
	if (error_is(err, E_TARGET_005)) /* it was never there to be lost */
		err->code = error_code(E_CONFIG_006);
	set_cause(err, message, state, PQpass(conn));
	for (size_t i = 0; !told && i < ARRAY_LEN(failures); i++) {
		if (strstr(message, failures[i].words) == NULL)
			continue;
		error_hint(err, "%s", failures[i].hint);
		err->retryable = failures[i].retryable;
		break;
	}
	arena_fini(&arena);
	return false;
}

static int
timeout_ms(PGconn *conn)
{
	PQconninfoOption *options = PQconninfo(conn);
	long seconds = 0;

	for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
		if (strcmp(o->keyword, "connect_timeout") == 0 && o->val != NULL)
			seconds = strtol(o->val, NULL, 10);
	}
	PQconninfoFree(options);
	return seconds <= 0 || seconds > 3600 ? -1 : (int)seconds * 1000;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until the socket is ready; false when the deadline (-1: none) has passed. */
static bool
wait_ready(PGconn *conn, PostgresPollingStatusType want, int64_t deadline)
{
	struct pollfd fd = {.fd = PQsocket(conn),
			    .events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT};

	for (;;) {
		int64_t left = deadline < 0 ? -1 : deadline - now_ms();

		if (deadline >= 0 && left <= 0)
			return false;
		int n = poll(&fd, 1, (int)left);
		if (n > 0 || (n < 0 && errno != EINTR))
			return true;
	}
}

/*
 * As PQconnectdbParams(), but with verbose errors, which have to be asked for between start and
 * failure. Several hosts go the plain way: only libpq itself can give up one and try the next.
 */
static bool
connect_now(const struct parameters *p, bool many_hosts, struct pg_conn *c)
{
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	c->conn = many_hosts ? PQconnectdbParams(p->keywords, p->values, 0)
			     : PQconnectStartParams(p->keywords, p->values, 0);
	if (c->conn == NULL)
		abort();
	PQsetErrorVerbosity(c->conn, PQERRORS_VERBOSE);
	PQsetNoticeReceiver(c->conn, on_notice, c);
	if (many_hosts || PQstatus(c->conn) == CONNECTION_BAD)
		return true;
	int ms = timeout_ms(c->conn);
	int64_t deadline = ms < 0 ? -1 : now_ms() + ms;
	while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
		if (!wait_ready(c->conn, status, deadline))
			return false;
		status = PQconnectPoll(c->conn);
	}
	return true;
}

static bool
timeout_error(struct secret url, struct error *err)
{
	struct arena arena;

	arena_init(&arena);
	error_set(err, E_CONFIG_006, "cannot connect to %s", dsn_print(&arena, url));
	error_cause(err, "no answer within connect_timeout");
	error_hint(err, "is the host reachable from here, and not behind a firewall?");
	if (err != NULL)
		err->retryable = true;
	arena_fini(&arena);
	return false;
}

static void
note_place(struct pg_conn *c)
{
	const char *host = PQhost(c->conn), *port = PQport(c->conn);

	snprintf(c->place, sizeof(c->place), "%s:%s/%s", host && host[0] ? host : "local",
		 port && port[0] ? port : "5432", PQdb(c->conn));
}

static bool
open_with(struct secret url, const PQconninfoOption *options, const struct pg_open_options *o,
	  struct pg_conn *c, struct error *err)
{
	struct parameters p = {.count = 0};
	bool many_hosts = false;

	fill_parameters(options, o, &p);
	for (size_t i = 0; i < p.count; i++)
		many_hosts = many_hosts || (strncmp(p.keywords[i], "host", 4) == 0 &&
					    strchr(p.values[i], ',') != NULL);
	const char *ambient = getenv("PGHOST");
	many_hosts = many_hosts || (ambient != NULL && strchr(ambient, ',') != NULL);
	if (!connect_now(&p, many_hosts, c))
		return timeout_error(url, err);
	if (PQstatus(c->conn) != CONNECTION_OK)
		return connect_error(c->conn, url, err);
	c->cancel = PQgetCancel(c->conn);
	if (c->cancel == NULL)
		abort();
	note_place(c);
	return true;
}

bool
pg_open(struct secret url, const struct pg_open_options *o, struct pg_conn **out, struct error *err)
{
	PQconninfoOption *options = dsn_options(url, err);

	if (options == NULL)
		return false;
	struct pg_conn *c = calloc(1, sizeof(*c));
	if (c == NULL)
		abort();
	c->sink = o->notices;
	bool ok = open_with(url, options, o, c, err);
	PQconninfoFree(options);
	if (ok)
		*out = c;
	else
		pg_close(c);
	return ok;
}

void
pg_close(struct pg_conn *c)
{
	if (c == NULL)
		return;
	PQfreeCancel(c->cancel);
	PQfinish(c->conn);
	free(c);
}

const char *
pg_place(const struct pg_conn *c)
{
	return c->place;
}

bool
pg_lost(const struct pg_conn *c)
{
	return c->lost || PQstatus(c->conn) != CONNECTION_OK;
}

const char *
pg_server_version(const struct pg_conn *c)
{
	return PQparameterStatus(c->conn, "server_version");
}

int
pg_library_version_num(void)
{
	return PQlibVersion();
}

int
pg_server_version_num(const struct pg_conn *c)
{
	return PQserverVersion(c->conn);
}

enum pg_transaction
pg_transaction(const struct pg_conn *c)
{
	if (pg_lost(c))
		return PG_GONE;
	switch (PQtransactionStatus(c->conn)) {
	case PQTRANS_IDLE:
		return PG_IDLE;
	case PQTRANS_INERROR:
		return PG_FAILED;
	case PQTRANS_INTRANS:
	case PQTRANS_ACTIVE:
		return PG_OPEN;
	default:
		return PG_GONE;
	}
}

const char *
pg_quote(struct pg_conn *c, struct arena *arena, const char *schema, const char *name)
{
	char *s = schema == NULL ? NULL : PQescapeIdentifier(c->conn, schema, strlen(schema));
	char *n = PQescapeIdentifier(c->conn, name, strlen(name));
	/* Bytes that are no text of the client's encoding: an empty name, which the server refuses.
	 */
	const char *quoted =
		arena_printf(arena, "%s%s%s", s ? s : "", s ? "." : "", n ? n : "\"\"");

	PQfreemem(s);
	PQfreemem(n);
	return quoted;
}
