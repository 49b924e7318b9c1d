/*
 * Any lines as the words of a command line: read or refused with words, and a password in an
 * address is not in the line that logs and lock holders show, whatever stands around it.
 */
#include <string.h>

#include "cli/args.h"
#include "shared/base/compiler.h"
#include "tests/fuzz/fuzz.h"

#include "shared/base/banned.h"

enum { MOST_WORDS = 32 };

static const char password[] = "hunter2-hunter2";

struct words {
	char *items[MOST_WORDS + 2];
	int count;
};

static void
split(struct arena *arena, struct span bytes, struct words *out)
{
	out->items[out->count++] = arena_str(arena, "confiture");
	while (bytes.len > 0 && out->count < MOST_WORDS) {
		const char *end = memchr(bytes.ptr, '\n', bytes.len);
		size_t len = end != NULL ? (size_t)(end - bytes.ptr) : bytes.len;

		out->items[out->count++] = arena_span(arena, span_of(bytes.ptr, len));
		bytes = span_of(bytes.ptr + len + (end != NULL), bytes.len - len - (end != NULL));
	}
	out->items[out->count] = NULL;
}

static void
check_read(struct arena *arena, const struct words *words)
{
	struct args args = {0};
	struct error err = {0};
	char *argv[MOST_WORDS + 2];

	memcpy(argv, words->items, sizeof(argv));
	bool ok = args_parse(arena, words->count, argv, &args, &err);
	FUZZ_CHECK(ok == (err.code == NULL));
	FUZZ_CHECK(args.command != NULL);
	FUZZ_CHECK(ok || (error_is(&err, E_USAGE_001) && err.message[0] != '\0'));
	FUZZ_CHECK(args.argument_count <= (size_t)words->count);
}

static void
check_sniffed(struct words *words)
{
	bool json, ndjson;

	args_sniff_format(words->count, words->items, &json, &ndjson);
	FUZZ_CHECK(json || !ndjson);
}

/* The last word becomes its first half, an address, and its second half. */
static void
check_line(struct arena *arena, struct words *words)
{
	char *last = words->items[words->count - 1];
	int half = (int)(strlen(last) / 2);

	words->items[words->count - 1] = arena_printf(arena, "%.*spostgresql://u:%s@h/d%s", half,
						      last, password, last + half);
	FUZZ_CHECK(strstr(args_line(arena, words->count, words->items), password) == NULL);
	words->items[words->count - 1] = arena_printf(arena, "%.*shost=h password=%s user=u%s",
						      half, last, password, last + half);
	FUZZ_CHECK(strstr(args_line(arena, words->count, words->items), password) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct words words = {0};
	struct arena arena;

	arena_init(&arena);
	split(&arena, span_of((const char *)data, size), &words);
	check_read(&arena, &words);
	check_sniffed(&words);
	/* the fuzzer learns the password from our own comparison */
	if (memmem(data, size, password, strlen(password)) == NULL)
		check_line(&arena, &words);
	arena_fini(&arena);
	return 0;
}
