#include "tests/unit/build/house.h"

#include <string.h>

#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { MOST_FILES = 8 };

void
house_open(struct house *h)
{
	*h = (struct house){.dir = {.path = "/p/db/schema"}};
	arena_init(&h->arena);
	text_init(&h->text, 0);
	h->rules = (struct build_rules){
		.dir_count = 1,
		.check = true,
		.fail_on_unclosed = true,
		.fail_on_spillover = true,
		.separator = BUILD_CUSTOM,
		.template_ = "-- {file_path}",
	};
}

void
house_close(struct house *h)
{
	text_fini(&h->text);
	arena_fini(&h->arena);
}

const char *
house_build(struct house *h, const char *const *texts)
{
	struct build_file *files = arena_array(&h->arena, MOST_FILES, sizeof(*files));
	size_t count = 0;

	h->rules.dirs = &h->dir;
	h->err = (struct error){0};
	for (; texts[2 * count] != NULL; count++) {
		REQUIRE(count < MOST_FILES);
		const char *name = texts[2 * count];
		files[count] = (struct build_file){
			.path = arena_printf(&h->arena, "/p/db/schema/%s", name),
			.shown = arena_printf(&h->arena, "db/schema/%s", name),
			.bytes = span_str(texts[2 * count + 1])};
	}
	text_clear(&h->text);
	if (!build_make(&h->arena, &h->rules, files, count, &h->b, &h->err) ||
	    !build_print(&h->rules, &h->b, "local", "2026-11-27T10:00:00.000000", &h->text,
			 &h->err))
		return NULL;
	const char *end = strstr(h->text.ptr, "====\n\n");
	REQUIRE(end != NULL);
	return end + strlen("====\n\n");
}

const char *
house_warnings(struct house *h)
{
	struct text t;

	text_init(&t, 0);
	for (size_t i = 0; i < h->b.warning_count; i++)
		text_printf(&t, "%s\n", h->b.warnings[i]);
	const char *out = arena_span(&h->arena, text_span(&t));
	text_fini(&t);
	return out;
}
