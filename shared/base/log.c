/*
 * Lines for the log of a daemon, as "name=value" for people and as JSON for collectors. A line is
 * built in fixed room and written at once: logging never waits for memory and never tears lines of
 * two threads into each other.
 */
#include "shared/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/text.h"

#include "shared/base/banned.h"

enum { LINE_LIMIT = 8192 };

struct log {
	struct runtime *rt;
	int fd;
	_Atomic int least;
	_Atomic int format;
};

static const char *const level_names[] = {
	[LEVEL_DEBUG] = "debug",
	[LEVEL_INFO] = "info",
	[LEVEL_WARNING] = "warning",
	[LEVEL_ERROR] = "error",
};
static const char *const format_names[] = {[LOG_TEXT] = "text", [LOG_JSON] = "json"};

struct log *
log_new(struct runtime *rt, int fd, enum log_level least, enum log_format format)
{
	struct log *log = calloc(1, sizeof(*log));

	if (log == NULL) {
		fputs("confiture: out of memory\n", stderr);
		abort();
	}
	log->rt = rt;
	log->fd = fd;
	log_change(log, least, format);
	return log;
}

void
log_free(struct log *log)
{
	free(log);
}

void
log_change(struct log *log, enum log_level least, enum log_format format)
{
	log->least = (int)least;
	log->format = (int)format;
}

/* ---- a line ---- */
/* Both forms use JSON's escapes. */
static void
put_quoted(struct text *t, const char *s)
{
	text_put_char(t, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\')
			text_printf(t, "\\%c", c);
		else if (c == '\n')
			text_put(t, "\\n");
		else if (c < 0x20 || c == 0x7f)
			text_printf(t, "\\u%04x", c);
		else
			text_put_char(t, (char)c);
	}
	text_put_char(t, '"');
}

static void
put_value(struct text *t, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./:@,+";

	if (*s != '\0' && strspn(s, plain) == strlen(s))
		text_put(t, s);
	else
		put_quoted(t, s);
}

/* A pair that would not fit whole is left out: a line stays well formed. */
static void
put_pair(struct text *t, enum log_format format, const char *name, const char *value)
{
	size_t before = t->len;

	if (value == NULL)
		return;
	if (format == LOG_JSON) {
		text_put_char(t, ',');
		put_quoted(t, name);
		text_put_char(t, ':');
		put_quoted(t, value);
	} else {
		text_printf(t, " %s=", name);
		put_value(t, value);
	}
	if (t->len + sizeof("}\n") > LINE_LIMIT) {
		t->len = before;
		t->ptr[before] = '\0';
		t->truncated = false;
	}
}

static void
put_head(struct text *t, struct log *log, enum log_format format, enum log_level level,
	 const char *event)
{
	char time[TIME_TEXT];

	time_print(log->rt->ops->wall_us(log->rt), time);
	if (format == LOG_JSON) {
		text_printf(t, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":", time,
			    level_names[level]);
		put_quoted(t, event);
	} else {
		text_printf(t, "%s %s: %s", time, level_names[level], event);
	}
}

static void
put_error(struct text *t, enum log_format format, const struct error *err)
{
	if (err == NULL || err->code == NULL)
		return;
	put_pair(t, format, "code", err->code->name);
	put_pair(t, format, "message", err->message);
	put_pair(t, format, "cause", err->cause[0] != '\0' ? err->cause : NULL);
}

/* A log that cannot be written is nobody's error: the work goes on. */
static void
write_line(int fd, const struct text *t)
{
	size_t done = 0;

	while (done < t->len) {
		ssize_t n = write(fd, t->ptr + done, t->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

static void
put_line(struct log *log, enum log_level level, const char *event, const struct error *err,
	 va_list pairs)
{
	enum log_format format = (enum log_format)log->format;
	const char *name;
	struct text t;

	text_init(&t, LINE_LIMIT);
	put_head(&t, log, format, level, event);
	put_error(&t, format, err);
	while ((name = va_arg(pairs, const char *)) != NULL)
		put_pair(&t, format, name, va_arg(pairs, const char *));
	text_put(&t, format == LOG_JSON ? "}\n" : "\n");
	write_line(log->fd, &t);
	text_fini(&t);
}

void
log_put(struct log *log, enum log_level level, const char *event, ...)
{
	va_list pairs;

	if (log == NULL || (int)level < log->least)
		return;
	va_start(pairs, event);
	put_line(log, level, event, NULL, pairs);
	va_end(pairs);
}

void
log_error(struct log *log, enum log_level level, const char *event, const struct error *err, ...)
{
	va_list pairs;

	if (log == NULL || (int)level < log->least)
		return;
	va_start(pairs, err);
	put_line(log, level, event, err, pairs);
	va_end(pairs);
}

/* ---- names ---- */
static bool
named(const char *const *names, size_t count, const char *name, size_t *out)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

bool
log_level_named(const char *name, enum log_level *out)
{
	size_t i;

	if (!named(level_names, ARRAY_LEN(level_names), name, &i))
		return false;
	*out = (enum log_level)i;
	return true;
}

bool
log_format_named(const char *name, enum log_format *out)
{
	size_t i;

	if (!named(format_names, ARRAY_LEN(format_names), name, &i))
		return false;
	*out = (enum log_format)i;
	return true;
}
