/*
 * How an error is shown: the envelope in JSON mode; for people what happened, where (with the line
 * of the file itself), why, and the next step.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/safe.h"
#include "shared/net/net.h"

#include "shared/base/banned.h"

enum { LINE_SHOWN = 160 };

static void
print_label(struct cli *cli, const char *label, const char *lines)
{
	const char *dim = cli_style(cli, cli->err, STYLE_DIM);
	const char *plain = cli_style(cli, cli->err, STYLE_PLAIN);
	for (const char *line = safe_lines(&cli->arena, lines); *line != '\0';) {
		size_t n = strcspn(line, "\n");
		fprintf(cli->err, "  %s%-5s%s %.*s\n", dim, label, plain, (int)n, line);
		line += n + (line[n] == '\n' ? 1 : 0);
		label = "";
	}
}

/* The wanted line without its end, in the arena; NULL when it cannot be read. */
static char *
read_line(struct cli *cli, const char *path, uint32_t wanted)
{
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return NULL;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n = 0;
	for (uint32_t at = 0; at < wanted && n >= 0; at++)
		n = getline(&line, &cap, f);
	char *copy = NULL;
	if (n > 0) {
		size_t len = strcspn(line, "\r\n");
		copy = arena_span(&cli->arena, span_of(line, len));
	}
	free(line);
	fclose(f);
	return copy;
}

static bool
is_lead(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* Up to LINE_SHOWN characters around `column`; *before = how many of them stand before it. */
static struct span
window(const char *line, uint32_t column, size_t *before)
{
	size_t first = column > LINE_SHOWN / 2 ? column - LINE_SHOWN / 2 : 0;
	size_t at = 0;
	const char *p = line;
	for (; *p != '\0' && at < first; at++)
		for (p++; !is_lead(*p); p++)
			;
	const char *start = p;
	for (size_t shown = 0; *p != '\0' && shown < LINE_SHOWN; shown++)
		for (p++; !is_lead(*p); p++)
			;
	*before = column > 0 ? column - 1 - at : 0;
	return span_of(start, (size_t)(p - start));
}

/* How wide the first `count` characters of `part` come out once they are made safe. */
static size_t
shown_width(struct cli *cli, struct span part, size_t count)
{
	const char *p = part.ptr;
	const char *end = part.ptr + part.len;
	for (; p < end && count > 0; count--)
		for (p++; p < end && !is_lead(*p); p++)
			;
	const char *head = safe_lines(
		&cli->arena, arena_span(&cli->arena, span_of(part.ptr, (size_t)(p - part.ptr))));
	size_t width = count;
	for (; *head != '\0'; head++)
		width += is_lead(*head) ? 1 : 0;
	return width;
}

/* Lines of settings files may hold passwords and are never shown. */
static bool
may_show(const char *file)
{
	size_t n = strlen(file);
	return n > 4 && strcmp(file + n - 4, ".sql") == 0;
}

static void
print_source(struct cli *cli, const struct error_position *at)
{
	bool shown = at->line > 0 && may_show(at->file);
	char *line = shown ? read_line(cli, at->file, at->line) : NULL;
	if (line == NULL || line[0] == '\0')
		return;
	size_t before = 0;
	struct span part = window(line, at->column, &before);
	const char *number = arena_printf(&cli->arena, "%u", at->line);
	const char *dim = cli_style(cli, cli->err, STYLE_DIM);
	const char *plain = cli_style(cli, cli->err, STYLE_PLAIN);
	fprintf(cli->err, "  %s%6s |%s %s\n", dim, number, plain,
		safe_lines(&cli->arena, arena_span(&cli->arena, part)));
	if (at->column == 0)
		return;
	size_t width = shown_width(cli, part, before);
	fprintf(cli->err, "  %s       |%s %*s%s^%s\n", dim, plain, (int)width, "",
		cli_style(cli, cli->err, STYLE_RED), plain);
}

static void
print_place(struct cli *cli, const struct error_position *at)
{
	if (at->file[0] == '\0')
		return;
	const char *place = at->file;
	if (at->line > 0)
		place = arena_printf(&cli->arena, "%s:%u", place, at->line);
	if (at->line > 0 && at->column > 0)
		place = arena_printf(&cli->arena, "%s:%u", place, at->column);
	print_label(cli, "at:", place);
	print_source(cli, at);
}

static void
print_words(struct cli *cli, const struct error *err)
{
	fprintf(cli->err, "%serror:%s %s %s[%s]%s\n", cli_style(cli, cli->err, STYLE_RED),
		cli_style(cli, cli->err, STYLE_PLAIN), safe_lines(&cli->arena, err->message),
		cli_style(cli, cli->err, STYLE_DIM), err->code->name,
		cli_style(cli, cli->err, STYLE_PLAIN));
	print_place(cli, &err->at);
	print_label(cli, "why:", err->cause);
	print_label(cli, "next:", err->hint[0] != '\0' ? err->hint : err->code->remedy);
}

int
cli_fail(struct cli *cli, const struct error *err)
{
	if (!cli->json) {
		fflush(cli->out);
		print_words(cli, err);
		return err->code->exit_code;
	}
	struct issue *issue = arena_new(&cli->arena, struct issue);
	error_to_issue(&cli->arena, err, issue);
	struct error_envelope envelope = {.ok = false, .error = issue};
	struct text json;
	text_init(&json, 0);
	record_json(&json, &record_error_envelope, &envelope, cli->ndjson ? 0 : 2);
	if (cli->ndjson)
		fprintf(cli->out, "{\"kind\":\"result\",%s\n", json.ptr + 1);
	else
		fprintf(cli->out, "%s\n", json.ptr);
	text_fini(&json);
	return err->code->exit_code;
}
