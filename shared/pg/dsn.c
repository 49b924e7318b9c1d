/*
 * Reads connection strings with libpq's own parser, so that there is no second opinion on what a
 * URL means. Nothing here connects. libpq's complaints quote what they complain about, which may be
 * a piece of the password: they are shown with the quoted parts taken out.
 */
#include "shared/pg/dsn.h"

#include <ctype.h>
#include <libpq-fe.h>
#include <string.h>

#include "shared/pg/internal.h"

#include "shared/base/banned.h"

struct place {
	const char *user, *host, *port, *database, *service;
};

static const char *
value_of(const PQconninfoOption *options, const char *keyword)
{
	for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
		if (strcmp(o->keyword, keyword) == 0)
			return o->val != NULL && o->val[0] != '\0' ? o->val : NULL;
	}
	return NULL;
}

/* The string's own value, else libpq's default; a copy. */
static const char *
either(struct arena *arena, const PQconninfoOption *given, const PQconninfoOption *defaults,
       const char *keyword)
{
	const char *value = value_of(given, keyword);

	return arena_str(arena, value ? value : value_of(defaults, keyword));
}

static void
read_place(struct arena *arena, const PQconninfoOption *given, struct place *out)
{
	PQconninfoOption *defaults = PQconndefaults();
	const char *address = value_of(given, "hostaddr");

	out->user = either(arena, given, defaults, "user");
	out->host = value_of(given, "host") == NULL && address != NULL
			    ? arena_str(arena, address)
			    : either(arena, given, defaults, "host");
	out->port = either(arena, given, defaults, "port");
	out->service = arena_str(arena, value_of(given, "service"));
	out->database = either(arena, given, defaults, "dbname");
	if (out->database == NULL)
		out->database = out->user;
	PQconninfoFree(defaults);
}

/* An unescaped "@" or "/" in a password moves the rest of it into host or port. */
static bool
looks_torn(const PQconninfoOption *options)
{
	const char *host = value_of(options, "host"), *port = value_of(options, "port");

	if (host != NULL && host[0] != '@' && strchr(host, '@') != NULL)
		return true;
	return port != NULL && strspn(port, "0123456789,") != strlen(port);
}

static void
copy_without_quoted(char *to, size_t size, const char *from)
{
	bool quoted = false;
	size_t n = 0;

	for (; *from != '\0' && n + 4 < size; from++) {
		if (*from == '"') {
			if (!quoted) {
				memcpy(to + n, "\"…", strlen("\"…"));
				n += strlen("\"…");
			} else {
				to[n++] = '"';
			}
			quoted = !quoted;
		} else if (!quoted && *from != '\n') {
			to[n++] = *from;
		}
	}
	to[n] = '\0';
}

static const char spell_out[] =
	"write postgresql://user:password@host:5432/database, with @ : / ? # % in user and "
	"password percent-encoded (@ is %40)";

static PQconninfoOption *
parse(struct secret url, struct error *err)
{
	const char *text = secret_reveal(url);
	char *words = NULL, safe[256];

	if (text == NULL || text[0] == '\0') {
		error_set(err, E_CONFIG_010, "there is no connection URL");
		return NULL;
	}
	PQconninfoOption *options = PQconninfoParse(text, &words);
	if (options != NULL && !looks_torn(options))
		return options;
	error_set(err, E_CONFIG_003, "the connection URL cannot be read");
	copy_without_quoted(safe, sizeof(safe),
			    words ? words : "its host or port holds what belongs to the password");
	error_cause(err, "%s", safe);
	error_hint(err, "%s", spell_out);
	PQconninfoFree(options);
	PQfreemem(words);
	return NULL;
}

PQconninfoOption *
dsn_options(struct secret url, struct error *err)
{
	return parse(url, err);
}

bool
dsn_check(struct secret url, struct error *err)
{
	PQconninfoOption *options = parse(url, err);

	PQconninfoFree(options);
	return options != NULL;
}

static bool
place_of(struct arena *arena, struct secret url, struct place *out)
{
	PQconninfoOption *options = parse(url, NULL);

	*out = (struct place){0};
	if (options == NULL)
		return false;
	read_place(arena, options, out);
	PQconninfoFree(options);
	return true;
}

const char *
dsn_print(struct arena *arena, struct secret url)
{
	struct place p;

	if (!place_of(arena, url, &p))
		return "an unreadable connection URL";
	if (p.service != NULL && p.host == NULL)
		return arena_printf(arena, "service %s", p.service);
	return arena_printf(arena, "%s@%s:%s/%s", p.user ? p.user : "", p.host ? p.host : "local",
			    p.port ? p.port : "5432", p.database ? p.database : "");
}

const char *
dsn_key(struct arena *arena, struct secret url)
{
	struct place p;

	if (!place_of(arena, url, &p))
		return "invalid";
	if (p.service != NULL && p.host == NULL)
		return arena_printf(arena, "service %s", p.service);
	char *host = arena_str(arena, p.host ? p.host : "local");
	for (char *c = host; *host != '/' && *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return arena_printf(arena, "%s:%s/%s", host, p.port ? p.port : "5432",
			    p.database ? p.database : "");
}
