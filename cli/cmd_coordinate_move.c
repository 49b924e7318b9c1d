/* confiture coordinate start|complete|merge|renew|release|abandon|resolve */
#include "cli/cmds.h"
#include "cli/coordinate.h"
#include "cli/documents.h"

#include "shared/base/banned.h"

static bool
landed_files(struct cli *cli, const struct args *args, struct intent_move *out, struct error *err)
{
	const char *const *names;
	size_t count = args_list(args, "files", &names);

	out->files.items = arena_array(&cli->arena, count, sizeof(struct landed_file));
	for (size_t i = 0; i < count; i++) {
		struct landed_file *f = &out->files.items[i];
		f->name = names[i];
		if (!coordinate_file(cli, names[i], &f->sql, err))
			return false;
	}
	out->files.count = count;
	return true;
}

static void
say_exceeds(struct cli *cli, const struct intent_shown *r)
{
	for (size_t i = 0; i < r->exceeds.count; i++) {
		const struct footprint_access *x = &r->exceeds.items[i];
		cli_warn(cli,
			 "it landed without having been said: %s %s%s%s%s%s%s (statement %lld)",
			 x->mode, x->kind, x->schema != NULL ? " " : "",
			 x->schema != NULL ? x->schema : "", x->schema != NULL ? "." : " ", x->name,
			 x->part != NULL ? arena_printf(&cli->arena, ".%s", x->part) : "",
			 (long long)x->statement);
	}
}

static int
show_moved(struct cli *cli, const struct intent_shown *r)
{
	const struct intent *i = r->intent;
	struct intent_moved doc = {.intent_id = i->id,
				   .feature_name = i->feature_name,
				   .status = i->status,
				   .reason = i->reason,
				   .lease_expires_at = i->lease_expires_at,
				   .token = i->token,
				   .files = {i->files.items, i->files.count},
				   .exceeds = {r->exceeds.items, r->exceeds.count},
				   .intent = r->intent};

	render_intent(cli, i);
	say_exceeds(cli, r);
	cli_document(cli, &record_intent_moved, &doc);
	return 0;
}

static int
move(struct cli *cli, const struct args *args, const char *action)
{
	struct intent_move request = {.intent = args_text(args, "intent-id"),
				      .action = action,
				      .agent = coordinate_agent(args),
				      .reason = args_text(args, "reason"),
				      .token = args_given(args, "token") ? args_int(args, "token")
									 : INT_NULL,
				      .ttl_ms = args_int(args, "ttl")};
	struct error err = {0};
	void *reply = NULL;

	if (!landed_files(cli, args, &request, &err) ||
	    !coordinate_ask(cli, args, true, MESSAGE_intent_move, &request, &reply, &err))
		return cli_fail(cli, &err);
	if (reply != NULL)
		return show_moved(cli, reply);
	error_set(&err, E_INTENT_001, "there is no intent %s", request.intent);
	return cli_fail(cli, &err);
}

int
cmd_coordinate_start(struct cli *cli, const struct args *args)
{
	return move(cli, args, "start");
}

int
cmd_coordinate_complete(struct cli *cli, const struct args *args)
{
	return move(cli, args, "complete");
}

int
cmd_coordinate_merge(struct cli *cli, const struct args *args)
{
	return move(cli, args, "merge");
}

int
cmd_coordinate_renew(struct cli *cli, const struct args *args)
{
	return move(cli, args, "renew");
}

int
cmd_coordinate_release(struct cli *cli, const struct args *args)
{
	return move(cli, args, "release");
}

int
cmd_coordinate_abandon(struct cli *cli, const struct args *args)
{
	return move(cli, args, "abandon");
}

int
cmd_coordinate_resolve(struct cli *cli, const struct args *args)
{
	struct conflict_resolve request = {.conflict = args_int(args, "conflict-id"),
					   .notes = args_text(args, "notes"),
					   .agent = coordinate_agent(args)};
	struct error err = {0};
	void *reply = NULL;

	if (!coordinate_ask(cli, args, true, MESSAGE_conflict_resolve, &request, &reply, &err))
		return cli_fail(cli, &err);
	if (reply == NULL) {
		error_set(&err, E_INTENT_004, "there is no conflict %lld",
			  (long long)request.conflict);
		return cli_fail(cli, &err);
	}
	const struct conflict_resolved *r = reply;
	cli_say(cli, "conflict %lld was looked at; intent %s is %s", (long long)r->conflict_id,
		cli_safe(cli, r->intent), r->status);
	cli_document(cli, &record_conflict_resolved, r);
	return 0;
}
