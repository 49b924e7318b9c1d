/* `confiture` without a command: version, exit codes, help, and the pages for packagers. */
#include "cli/cmds.h"
#include "cli/docs.h"
#include "cli/exit_codes.h"
#include "cli/help.h"
#include "cli/man.h"

#include "shared/base/banned.h"

static int
print_text(struct cli *cli, void (*make)(struct text *))
{
	struct text text;
	text_init(&text, 0);
	make(&text);
	fwrite(text.ptr, 1, text.len, cli->out);
	text_fini(&text);
	return 0;
}

static int
write_pages(struct cli *cli, const char *dir,
	    bool (*write)(struct arena *, const char *, struct error *))
{
	struct error err = {0};
	if (!write(&cli->arena, dir, &err))
		return cli_fail(cli, &err);
	return 0;
}

int
cmd_root(struct cli *cli, const struct args *args)
{
	if (args_flag(args, "version"))
		return fprintf(cli->out, "confiture version %s\n", CONFITURE_VERSION) > 0 ? 0 : 1;
	if (args_flag(args, "exit-codes"))
		return print_text(cli, exit_codes_markdown);
	if (args_flag(args, "exit-codes-json"))
		return print_text(cli, exit_codes_json);
	if (args_given(args, "man"))
		return write_pages(cli, args_text(args, "man"), man_write);
	if (args_given(args, "docs"))
		return write_pages(cli, args_text(args, "docs"), docs_write);
	help_print(cli, cli->out, cli->command);
	return 0;
}
