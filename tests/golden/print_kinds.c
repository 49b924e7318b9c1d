/* Prints docs/reference/structure.md: the kinds of objects and their attributes, from the table
 * that readers, fingerprint and comparison follow. */
#include <stdio.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/schema/kinds.h"

#include "shared/base/banned.h"

static const char *const types[] = {
	[SCHEMA_TEXT] = "text",
	[SCHEMA_FLAG] = "flag",
	[SCHEMA_NUMBER] = "number",
	[SCHEMA_LINES] = "lines",
};

static const char head[] =
	"# Kinds of objects\n\n"
	"<!-- Printed from the table of kinds in shared/schema; changes belong there. -->\n\n"
	"What [`introspect`](commands.md#confiture-introspect) prints, "
	"[`fingerprint`](commands.md#confiture-fingerprint) counts and\n"
	"[`diff`](commands.md#confiture-diff) compares. An object is known by its kind and its "
	"address; an attribute that has its default is\nabsent. What belongs to an extension is "
	"left "
	"out, and so are rows, roles and what belongs to the server.\n\n"
	"Types: a *text* as the server prints it, a *flag* that is `true` or absent, a *number*, "
	"and "
	"*lines*, one value each.\nWhat is *told* is printed and not compared.\n";

static void
put_attributes(struct text *page, const struct schema_attribute *rows, size_t count)
{
	text_put(page, "\n| attribute | type | what it says |\n|---|---|---|\n");
	for (size_t i = 0; i < count; i++)
		text_printf(page, "| `%s` | %s | %s%s |\n", rows[i].name, types[rows[i].type],
			    rows[i].what, rows[i].use == SCHEMA_TOLD ? " (told)" : "");
}

static void
put_kind(struct text *page, const struct schema_kind_info *info)
{
	text_printf(page, "\n## %s\n\n`%s`: %s.\n", info->name, info->keyword, info->what);
	if (info->count > SCHEMA_COMMON)
		put_attributes(page, info->attributes + SCHEMA_COMMON, info->count - SCHEMA_COMMON);
}

int
main(void)
{
	struct text page;

	text_init(&page, 0);
	text_put(&page, head);
	text_put(&page, "\n## Of every kind\n\nWhere the server knows it of that kind.\n");
	put_attributes(&page, schema_kind_info(SCHEMA_KIND_schema)->attributes, SCHEMA_COMMON);
	for (int i = 0; i < SCHEMA_KIND_COUNT; i++)
		put_kind(&page, schema_kind_info((enum schema_kind)i));
	size_t written = fwrite(page.ptr, 1, page.len, stdout);
	bool whole = written == page.len && fflush(stdout) == 0;
	text_fini(&page);
	return whole ? 0 : 1;
}
