/*
 * The only place that prints results. stdout carries the result and nothing else; remarks,
 * warnings and errors go to stderr. In JSON mode stdout holds exactly one document.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/safe.h"
#include "shared/config/yaml.h"

#include "shared/base/banned.h"

static const char *const styles[] = {
	[STYLE_PLAIN] = "\033[0m",  [STYLE_BOLD] = "\033[1m",	 [STYLE_DIM] = "\033[2m",
	[STYLE_GREEN] = "\033[32m", [STYLE_YELLOW] = "\033[33m", [STYLE_RED] = "\033[31m",
	[STYLE_CYAN] = "\033[36m",
};

const char *
cli_style(const struct cli *cli, FILE *file, enum style s)
{
	bool color = file == cli->err ? cli->color_err : file == cli->out && cli->color_out;
	return color ? styles[s] : "";
}

const char *
cli_safe(struct cli *cli, const char *text)
{
	return safe_text(&cli->arena, text);
}

void
cli_warn(struct cli *cli, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *words = arena_vprintf(&cli->arena, fmt, ap);
	va_end(ap);
	fprintf(cli->err, "%swarning:%s %s\n", cli_style(cli, cli->err, STYLE_YELLOW),
		cli_style(cli, cli->err, STYLE_PLAIN), safe_lines(&cli->arena, words));
}

void
cli_note(struct cli *cli, const char *fmt, ...)
{
	if (cli->quiet || cli->json)
		return;
	va_list ap;
	va_start(ap, fmt);
	vfprintf(cli->err, fmt, ap);
	va_end(ap);
	fputc('\n', cli->err);
}

void
cli_say(struct cli *cli, const char *fmt, ...)
{
	if (cli->json)
		return;
	va_list ap;
	va_start(ap, fmt);
	vfprintf(cli->out, fmt, ap);
	va_end(ap);
	fputc('\n', cli->out);
}

/* {"kind":"result", and then the document's own keys, in one line */
static void
print_result_line(struct cli *cli, const struct text *json)
{
	bool empty = json->len <= 2;
	fprintf(cli->out, "{\"kind\":\"result\"%s%s\n", empty ? "" : ",", json->ptr + 1);
}

static void
write_file(struct cli *cli, const struct text *json)
{
	FILE *f = fopen(cli->output_file, "we");
	bool ok = f != NULL;
	if (ok) {
		ok = fwrite(json->ptr, 1, json->len, f) == json->len && fputc('\n', f) != EOF;
		ok = fclose(f) == 0 && ok;
	}
	if (!ok) {
		cli_warn(cli, "%s: the result could not be written: %s", cli->output_file,
			 strerror(errno));
		cli->output_failed = true;
		return;
	}
	if (!cli->quiet)
		fprintf(cli->err, "result written to %s\n", cli_safe(cli, cli->output_file));
}

void
cli_document(struct cli *cli, const struct record *of, const void *ptr)
{
	if (!cli->json && cli->output_file == NULL)
		return;
	struct text json;
	text_init(&json, 0);
	if (cli->output_file != NULL) {
		record_json(&json, of, ptr, 2);
		write_file(cli, &json);
		text_clear(&json);
	}
	if (cli->ndjson) {
		record_json(&json, of, ptr, 0);
		print_result_line(cli, &json);
	} else if (cli->json && cli->output_file == NULL) {
		record_json(&json, of, ptr, 2);
		fprintf(cli->out, "%s\n", json.ptr);
	}
	text_fini(&json);
}

void
cli_document_yaml(struct cli *cli, const struct record *of, const void *ptr)
{
	struct text json, yaml;

	text_init(&json, 0);
	text_init(&yaml, 0);
	record_json(&json, of, ptr, 0);
	if (!yaml_of_json(text_span(&json), &yaml)) {
		cli_warn(cli, "the result could not be written as YAML");
		cli->output_failed = true;
	} else if (cli->output_file != NULL) {
		yaml.len--; /* a file's last line ends by itself */
		write_file(cli, &yaml);
	} else {
		fwrite(yaml.ptr, 1, yaml.len, cli->out);
	}
	text_fini(&json);
	text_fini(&yaml);
}

bool
cli_confirm(struct cli *cli, const char *question)
{
	if (cli->no_input || cli->json || !isatty(STDIN_FILENO) || !isatty(fileno(cli->err)))
		return false;
	fprintf(cli->err, "%s [y/N] ", question);
	fflush(cli->err);
	char *line = NULL;
	size_t cap = 0;
	ssize_t n = getline(&line, &cap, stdin);
	bool yes = n > 0 && (line[0] == 'y' || line[0] == 'Y');
	free(line);
	return yes;
}
