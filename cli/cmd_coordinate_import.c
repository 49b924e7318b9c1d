/* confiture coordinate import: the Python tool's registry, taken over. */
#include "cli/cmds.h"
#include "cli/registry.h"
#include "cli/safe.h"
#include "cli/session.h"

#include "shared/base/banned.h"

static void
show(struct cli *cli, const struct registry_imported *r)
{
	if (cli->json)
		return;
	cli_say(cli, "%lld intent(s) taken over, %lld were here already; %lld of them open",
		(long long)r->added, (long long)r->known, (long long)r->open);
	for (size_t i = 0; i < r->left.count; i++)
		cli_say(cli, "left: %s: %s", cli_safe(cli, r->left.items[i].intent),
			cli_safe(cli, r->left.items[i].reason));
	if (r->open > 0)
		cli_note(cli, "what is in the way of them: confiture coordinate conflicts");
}

int
cmd_coordinate_import(struct cli *cli, const struct args *args)
{
	struct session *s = cli_session(cli);
	struct registry_imported r = {0};
	struct error err = {0};

	session_set_limits(s, NULL, args_given(args, "timeout") ? args_int(args, "timeout") : 0);
	if (!session_shared_journal(s, &err) || !registry_take_over(cli, args, &r, &err))
		return cli_fail(cli, &err);
	show(cli, &r);
	cli_document(cli, &record_registry_imported, &r);
	return 0;
}
