/* `confiture explain [CODE]`: the error table as pages, offline. */
#include <string.h>

#include "cli/args.h"
#include "cli/cmds.h"
#include "cli/exit_codes.h"
#include "cli/project_documents.h"
#include "shared/base/parse.h"

#include "shared/base/banned.h"

static void
split_lines(struct arena *arena, const char *lines, const char ***out, size_t *count)
{
	size_t cap = 0;
	while (*lines != '\0') {
		size_t n = strcspn(lines, "\n");
		*out = arena_grow(arena, *out, *count, &cap, sizeof(**out));
		(*out)[(*count)++] = arena_span(arena, span_of(lines, n));
		lines += n + (lines[n] == '\n' ? 1 : 0);
	}
}

static void
page_fill(struct arena *arena, const struct error_code *code, struct code_page *page)
{
	*page = (struct code_page){
		.code = code->name,
		.exit_code = code->exit_code,
		.class_ = exit_classes[code->exit_code].name,
		.severity = error_severity_name(code->severity),
		.meaning = code->meaning,
		.why = code->why[0] != '\0' ? code->why : NULL,
	};
	split_lines(arena, code->remedy, &page->remediation.items, &page->remediation.count);
}

static int
unknown_code(struct cli *cli, const char *name)
{
	const struct error_code *all[ERROR_CODE_COUNT];
	const char *names[ERROR_CODE_COUNT];
	exit_codes_all(all);
	for (size_t i = 0; i < ERROR_CODE_COUNT; i++)
		names[i] = all[i]->name;
	char *upper = arena_str(&cli->arena, name);
	for (char *p = upper; *p != '\0'; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
	const char *near = nearest_word(upper, names, ERROR_CODE_COUNT);
	struct error err = {0};
	error_set(&err, E_USAGE_001, "no such error code: %s.%s%s%s", name,
		  near != NULL ? " Did you mean \"" : "", near != NULL ? near : "",
		  near != NULL ? "\"?" : "");
	if (near != NULL)
		error_detail(&err, "did_you_mean", "%s", near);
	error_hint(&err, "confiture explain%s%s", near != NULL ? " " : "",
		   near != NULL ? near : "");
	return cli_fail(cli, &err);
}

static void
say_page(struct cli *cli, const struct code_page *page)
{
	const char *bold = cli_style(cli, cli->out, STYLE_BOLD);
	const char *plain = cli_style(cli, cli->out, STYLE_PLAIN);
	cli_say(cli, "%s%s%s: %s", bold, page->code, plain, page->meaning);
	cli_say(cli, "%s", "");
	cli_say(cli, "  severity   %s", page->severity);
	cli_say(cli, "  exit code  %lld (%s)", (long long)page->exit_code, page->class_);
	if (page->why != NULL)
		cli_say(cli, "  why        %s", page->why);
	for (size_t i = 0; i < page->remediation.count; i++)
		cli_say(cli, "  %-9s  %s", i == 0 ? "next step" : "", page->remediation.items[i]);
}

static int
explain_all(struct cli *cli)
{
	const struct error_code *all[ERROR_CODE_COUNT];
	exit_codes_all(all);
	struct code_list list = {.codes.count = ERROR_CODE_COUNT};
	list.codes.items = arena_array(&cli->arena, ERROR_CODE_COUNT, sizeof(*list.codes.items));
	for (size_t i = 0; i < ERROR_CODE_COUNT; i++) {
		page_fill(&cli->arena, all[i], &list.codes.items[i]);
		cli_say(cli, "%-26s exit %-2d  %s", all[i]->name, all[i]->exit_code,
			all[i]->meaning);
	}
	cli_document(cli, &record_code_list, &list);
	return 0;
}

int
cmd_explain(struct cli *cli, const struct args *args)
{
	const char *name = args_argument(args, 0);
	if (name == NULL)
		return explain_all(cli);
	const struct error_code *code = error_code_named(name);
	if (code == NULL)
		return unknown_code(cli, name);
	struct code_page page;
	page_fill(&cli->arena, code, &page);
	say_page(cli, &page);
	cli_document(cli, &record_code_page, &page);
	return 0;
}
