/*
 * The hash is over time, actor and words of every line, so that two runs which differ in anything
 * that was worth a line differ in it (FNV-1a over words of eight bytes).
 */
#include "tests/sim/trace.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

struct trace {
	FILE *out;
	uint64_t hash, lines;
};

struct trace *
trace_new(FILE *out)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	t->out = out;
	t->hash = 0xcbf29ce484222325ULL;
	return t;
}

void
trace_free(struct trace *t)
{
	free(t);
}

static void
add(struct trace *t, const char *bytes, size_t len)
{
	uint64_t word;

	for (; len >= sizeof(word); bytes += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		t->hash = (t->hash ^ word) * 0x100000001b3ULL;
		t->hash ^= t->hash >> 29;
	}
	for (; len > 0; bytes++, len--)
		t->hash = (t->hash ^ (unsigned char)*bytes) * 0x100000001b3ULL;
}

void
trace_line(struct trace *t, uint64_t now_ns, const char *who, const char *fmt, ...)
{
	char words[512];
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	if (len < 0)
		abort();
	t->lines++;
	add(t, (const char *)&now_ns, sizeof(now_ns));
	add(t, who, strlen(who));
	add(t, words, (size_t)len < sizeof(words) ? (size_t)len : sizeof(words) - 1);
	if (t->out != NULL)
		fprintf(t->out, "%12.6f  %-12s %s\n", (double)now_ns / 1e9, who, words);
}

void
trace_mark(struct trace *t, uint64_t now_ns, uint64_t what)
{
	add(t, (const char *)&now_ns, sizeof(now_ns));
	add(t, (const char *)&what, sizeof(what));
}

uint64_t
trace_hash(const struct trace *t)
{
	return t->hash;
}

uint64_t
trace_lines(const struct trace *t)
{
	return t->lines;
}

bool
trace_written(const struct trace *t)
{
	return t->out != NULL;
}
