/*
 * Connection URLs and ledger names: the two values that reach a server. Whatever is wrong with a
 * URL is said without showing any of it, since it may hold a password.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "shared/base/text.h"
#include "shared/config/settings.h"

#include "shared/base/banned.h"

enum { IDENTIFIER_BYTES = 63, URL_BYTES = 65536 };

/* Words that PostgreSQL 15 reserves: they are no names without quotes, and the ledger's name is
 * typed by people. Manual, appendix C, in alphabetical order. */
static const char *const reserved[] = {
	"all",
	"analyse",
	"analyze",
	"and",
	"any",
	"array",
	"as",
	"asc",
	"asymmetric",
	"authorization",
	"binary",
	"both",
	"case",
	"cast",
	"check",
	"collate",
	"collation",
	"column",
	"concurrently",
	"constraint",
	"create",
	"cross",
	"current_catalog",
	"current_date",
	"current_role",
	"current_schema",
	"current_time",
	"current_timestamp",
	"current_user",
	"default",
	"deferrable",
	"desc",
	"distinct",
	"do",
	"else",
	"end",
	"except",
	"false",
	"fetch",
	"for",
	"foreign",
	"freeze",
	"from",
	"full",
	"grant",
	"group",
	"having",
	"ilike",
	"in",
	"initially",
	"inner",
	"intersect",
	"into",
	"is",
	"isnull",
	"join",
	"lateral",
	"leading",
	"left",
	"like",
	"limit",
	"localtime",
	"localtimestamp",
	"natural",
	"not",
	"notnull",
	"null",
	"offset",
	"on",
	"only",
	"or",
	"order",
	"outer",
	"overlaps",
	"placing",
	"primary",
	"references",
	"returning",
	"right",
	"select",
	"session_user",
	"similar",
	"some",
	"symmetric",
	"table",
	"tablesample",
	"then",
	"to",
	"trailing",
	"true",
	"union",
	"unique",
	"user",
	"using",
	"variadic",
	"verbose",
	"when",
	"where",
	"window",
	"with",
};

static bool
is_reserved(struct span word)
{
	for (size_t i = 0; i < ARRAY_LEN(reserved); i++) {
		if (strlen(reserved[i]) == word.len &&
		    strncasecmp(reserved[i], word.ptr, word.len) == 0)
			return true;
	}
	return false;
}

static bool
is_identifier(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		if (!letter && c != '_' && !(i > 0 && c >= '0' && c <= '9'))
			return false;
	}
	return s.len > 0;
}

static const char *
identifier_fault(struct span s)
{
	if (!is_identifier(s))
		return "must be a name or schema.name of letters, digits and \"_\"";
	if (s.len > IDENTIFIER_BYTES)
		return "is longer than 63 characters";
	return is_reserved(s) ? "is a reserved word of SQL" : NULL;
}

bool
config_tracking_table_valid(const char *name, struct error *err)
{
	const char *dot = strchr(name, '.');
	struct span first = dot ? span_of(name, (size_t)(dot - name)) : span_str(name);
	const char *fault = identifier_fault(first);

	if (fault == NULL && dot != NULL)
		fault = identifier_fault(span_str(dot + 1));
	if (fault == NULL)
		return true;
	/* What is no name may be anything, a pasted URL too: only near misses are shown. */
	bool shown = strlen(name) <= (size_t)2 * IDENTIFIER_BYTES && strpbrk(name, ":@/") == NULL;
	for (const char *p = name; *p != '\0'; p++)
		shown = shown && isprint((unsigned char)*p);
	if (shown)
		return error_set(err, E_CONFIG_005, "the tracking table \"%s\" %s", name, fault);
	return error_set(err, E_CONFIG_005, "the tracking table %s", fault);
}

static const char *
after_scheme(const char *url)
{
	static const char *const schemes[] = {"postgresql://", "postgres://"};

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		size_t len = strlen(schemes[i]);
		if (strncmp(url, schemes[i], len) == 0)
			return url + len;
	}
	return NULL;
}

static const char *
url_fault(const char *url)
{
	if (after_scheme(url) == NULL)
		return "does not begin with postgresql:// or postgres://";
	for (const unsigned char *p = (const unsigned char *)url; *p != '\0'; p++) {
		if (*p <= 0x20 || *p == 0x7F)
			return "holds a space or control character; write it as %20 and the like";
		if (*p == '%' && (!isxdigit(p[1]) || !isxdigit(p[2])))
			return "holds a \"%\" that is not followed by two hex digits; write %25";
	}
	return strlen(url) > URL_BYTES ? "is too long" : NULL;
}

bool
config_url_valid(struct secret url, struct error *err)
{
	const char *text = secret_reveal(url);
	const char *fault = url_fault(text ? text : "");

	if (fault == NULL)
		return true;
	return error_set(err, E_CONFIG_003, "the connection URL %s", fault);
}

static void
put_encoded(struct text *t, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		bool plain = c < 0x80 && (isalnum(c) || strchr("-._~", c) != NULL);
		text_printf(t, plain ? "%c" : "%%%02X", c);
	}
}

static const char *
finish(struct arena *arena, struct text *t)
{
	const char *url = arena_span(arena, text_span(t));

	text_fini(t);
	return url;
}

const char *
settings_url(struct arena *arena, const char *host, const char *port, const char *database,
	     const char *user, const char *password)
{
	bool ipv6 = strchr(host, ':') != NULL &&
		    strspn(host, "0123456789abcdefABCDEF:.") == strlen(host);
	struct text t;

	text_init(&t, 0);
	text_put(&t, "postgresql://");
	put_encoded(&t, user);
	if (*password != '\0') {
		text_put(&t, ":");
		put_encoded(&t, password);
	}
	text_put(&t, "@");
	if (ipv6)
		text_printf(&t, "[%s]", host);
	else
		put_encoded(&t, host);
	text_printf(&t, ":%s/", port);
	put_encoded(&t, database);
	return finish(arena, &t);
}

const char *
settings_url_with_password(struct arena *arena, const char *url, const char *password)
{
	struct text t;

	text_init(&t, 0);
	text_put(&t, url);
	/* A parameter needs the "/" of the path before it. */
	if (strpbrk(after_scheme(url), "/?") == NULL)
		text_put(&t, "/");
	text_put(&t, strchr(url, '?') ? "&password=" : "?password=");
	put_encoded(&t, password);
	return finish(arena, &t);
}

bool
settings_url_has_password(const char *url)
{
	const char *authority = after_scheme(url);
	const char *query = strchr(url, '?');

	if (query != NULL && (strstr(query, "?password=") || strstr(query, "&password=")))
		return true;
	/* user:password@ ; libpq looks for the "@" before the first "/". */
	size_t user = strcspn(authority, ":@/?");
	return authority[user] == ':' && authority[user + strcspn(authority + user, "@/?")] == '@';
}
