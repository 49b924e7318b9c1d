/* The tables as the reference page. Nothing about a setting is written down twice. */
#include <string.h>

#include "shared/config/settings.h"

#include "shared/base/banned.h"

static const char *const status_words[] = {
	[SETTING_READ] = "read",
	[SETTING_ELSEWHERE] = "accepted; for other commands",
	[SETTING_BUILD] = "read by `build`",
	[SETTING_INERT] = "accepted; does nothing",
	[SETTING_REFUSED] = "refused",
};

/* "|" ends a cell of a table in Markdown, "<" begins a tag. */
static void
put_cell(struct text *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '|' || *s == '<')
			text_put_char(out, '\\');
		text_put_char(out, *s == '\n' ? ' ' : *s);
	}
}

static void
put_type(struct text *out, const struct setting *row)
{
	if (row->type == SETTING_CHOICE) {
		put_cell(out, row->choices);
		return;
	}
	text_put(out, setting_type_name(row->type));
	if (row->type == SETTING_INT)
		text_printf(out, ", %lld to %lld", (long long)row->min, (long long)row->max);
}

static void
put_row(struct text *out, const struct setting *row)
{
	text_printf(out, "| `%s` | ", row->path);
	put_type(out, row);
	text_put(out, " | ");
	if (row->fallback != NULL) {
		text_put(out, "`");
		put_cell(out, row->fallback);
		text_put(out, "`");
	}
	text_put(out, " | ");
	put_cell(out, row->meaning);
	text_printf(out, " | %s", status_words[row->status]);
	if (row->remark != NULL) {
		text_put(out, ": ");
		put_cell(out, row->remark);
	}
	text_put(out, " |\n");
}

static void
put_table(struct text *out, const struct settings_table *table)
{
	text_printf(out, "\n## %s: `%s`\n\n", table->title, table->file);
	if (table->strict)
		text_put(out, "A key that is not known is an error here (CONFIG_008).");
	if (table->strict && table->also != NULL)
		text_put(out, " The keys of an environment may stand here too, for the commands "
			      "that read them.");
	if (table->strict)
		text_put(out, "\n\n");
	text_put(out, "| key | type | default | meaning | |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < table->count; i++)
		put_row(out, &table->rows[i]);
}

void
config_settings_markdown(struct text *out)
{
	text_put(
		out,
		"# Settings\n\n"
		"Settings files are YAML: one document of maps, lists and texts, up to 1 MiB, "
		"without anchors, aliases and tags. A `*` below stands for any name.\n\n"
		"In every setting that is read, `${VAR}` is replaced by that environment variable, "
		"and `${VAR:?message}` fails with the message when it is empty or not set. What is "
		"put in is not looked at again. Any other `$` stands for itself.\n\n"
		"A key that is not known is a warning that names the nearest known one; "
		"`confiture validate-config --strict` makes it an error.\n");
	put_table(out, &settings_environment);
	put_table(out, &settings_project);
	put_table(out, &settings_coordinator);
	put_table(out, &settings_worker);
}
