/*
 * The tables as sample files: each key below its meaning, with its default, or an example where
 * there is none. A "#" before a key is all that has to go.
 */
#include <string.h>

#include "shared/config/settings.h"

#include "shared/base/banned.h"

enum { WIDTH = 98 };

static size_t
depth_of(const char *path)
{
	size_t depth = 0;

	for (; *path != '\0'; path++)
		depth += *path == '.';
	return depth;
}

static const char *
last_segment(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

/* Below the first level the mark before the words stays when the "#" of the line goes. */
static size_t
begin_line(struct text *out, size_t depth)
{
	text_put_char(out, '#');
	if (depth > 0) {
		text_repeat(out, ' ', 2 * depth);
		text_put_char(out, '#');
	}
	return depth > 0 ? 2 * depth + 2 : 1;
}

static void
put_words(struct text *out, const char *words, size_t depth)
{
	size_t column = begin_line(out, depth);

	for (;;) {
		size_t len = strcspn(words, " ");
		if (column + 1 + len > WIDTH) {
			text_put_char(out, '\n');
			column = begin_line(out, depth);
		}
		text_printf(out, " %.*s", (int)len, words);
		column += 1 + len;
		if (words[len] == '\0')
			break;
		words += len + 1;
	}
	text_put_char(out, '\n');
}

static void
put_meaning(struct text *out, const struct setting *row, size_t depth)
{
	struct text words;

	text_init(&words, 0);
	text_put(&words, row->meaning);
	if (row->type == SETTING_CHOICE)
		text_printf(&words, " (%s)", row->choices);
	if (row->type == SETTING_INT)
		text_printf(&words, " (%lld to %lld)", (long long)row->min, (long long)row->max);
	if (row->type != SETTING_GROUP && row->fallback == NULL)
		text_put(&words, "; no default");
	put_words(out, words.ptr, depth);
	text_fini(&words);
}

static void
put_row(struct text *out, const struct setting *row)
{
	const char *key = last_segment(row->path), *value = row->fallback;
	size_t depth = depth_of(row->path);

	if (depth == 0)
		text_put_char(out, '\n');
	put_meaning(out, row, depth);
	if (strcmp(key, "*") == 0)
		key = row->example;
	else if (value == NULL)
		value = row->example;
	text_put_char(out, '#');
	text_repeat(out, ' ', 2 * depth);
	text_printf(out, "%s:%s%s\n", key, value ? " " : "", value ? value : "");
}

static void
put_rows(struct text *out, const struct settings_table *table, const char *but)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct setting *row = &table->rows[i];
		bool known = row->status == SETTING_READ || row->status == SETTING_BUILD;
		if (known && row->type != SETTING_OPEN && strcmp(row->path, but) != 0)
			put_row(out, row);
	}
}

static const char variables[] = "# ${VAR} and ${VAR:?message} put in environment variables.\n";

void
settings_print_sample(struct text *out, const struct settings_table *table)
{
	text_put(out, table->sample);
	text_put(out, variables);
	put_rows(out, table, "");
}

void
config_sample_environment(struct text *out)
{
	static const char path[] = "database_url";

	text_put(out, "# One environment of this project; its name is that of the file.\n");
	text_put(out, variables);
	text_printf(out, "\n%s: %s\n", path, setting_find(&settings_environment, path)->example);
	text_put(out, "\n# Folders of the schema tree, for build.\ninclude_dirs:\n  - db/schema\n");
	put_rows(out, &settings_environment, path);
}
