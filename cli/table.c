/* Aligned columns for people: status, jobs, audit. No frames: they survive copying into a mail. */
#include "cli/table.h"

#include <string.h>

#include "shared/base/banned.h"

enum { GAP = 2, INDENT = 2 };

void
table_init(struct table *t, struct cli *cli, const char *const *heads)
{
	*t = (struct table){.cli = cli};
	while (heads[t->columns] != NULL && t->columns < TABLE_COLUMNS) {
		t->heads[t->columns] = heads[t->columns];
		t->columns++;
	}
}

void
table_add(struct table *t, enum style style, const char *const *cells)
{
	t->rows = arena_grow(&t->cli->arena, t->rows, t->count, &t->cap, sizeof(*t->rows));
	struct table_row *row = &t->rows[t->count++];

	row->style = style;
	for (size_t i = 0; i < t->columns; i++)
		row->cells[i] = cells[i] ? cli_safe(t->cli, cells[i]) : "";
}

static size_t
characters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

static void
print_row(const struct table *t, const char *const *cells, const size_t *widths, enum style style)
{
	struct cli *cli = t->cli;
	struct text line;

	text_init(&line, 0);
	text_repeat(&line, ' ', INDENT);
	text_put(&line, cli_style(cli, cli->out, style));
	for (size_t i = 0; i < t->columns; i++) {
		text_put(&line, cells[i]);
		if (i + 1 < t->columns)
			text_repeat(&line, ' ', widths[i] - characters(cells[i]) + GAP);
	}
	text_put(&line, cli_style(cli, cli->out, STYLE_PLAIN));
	cli_say(cli, "%s", line.ptr);
	text_fini(&line);
}

void
table_print(const struct table *t)
{
	size_t widths[TABLE_COLUMNS] = {0};

	for (size_t i = 0; i < t->columns; i++) {
		widths[i] = characters(t->heads[i]);
		for (size_t r = 0; r < t->count; r++) {
			size_t w = characters(t->rows[r].cells[i]);
			widths[i] = w > widths[i] ? w : widths[i];
		}
	}
	print_row(t, t->heads, widths, STYLE_BOLD);
	for (size_t r = 0; r < t->count; r++)
		print_row(t, t->rows[r].cells, widths, t->rows[r].style);
}
