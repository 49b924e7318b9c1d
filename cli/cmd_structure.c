/* fingerprint, introspect and diff: what the structure of something is, and what differs. */
#include <string.h>

#include "cli/cmds.h"
#include "cli/render_structure.h"
#include "cli/structure.h"
#include "cli/structure_changes.h"
#include "cli/structure_plan.h"
#include "shared/schema/fingerprint.h"
#include "shared/snapshot/snapshot.h"

#include "shared/base/banned.h"

/* ---- fingerprint ---- */

static void
show_fingerprint(struct cli *cli, const struct structure_source *source)
{
	const struct schema_model *m = source->model;
	struct fingerprint_result *r = RECORD_NEW(&cli->arena, fingerprint_result);
	char hash[SHA256_HEX];

	schema_fingerprint(m, hash);
	cli_say(cli, "%s", hash);
	if (!cli->json && cli->output_file == NULL)
		return;
	r->source = source->shown;
	r->fingerprint = arena_str(&cli->arena, hash);
	r->objects.count = m->count;
	r->objects.items = arena_array(&cli->arena, m->count + 1, sizeof(*r->objects.items));
	for (size_t i = 0; i < m->count; i++) {
		const struct schema_object *o = &m->objects[i];

		schema_fingerprint_object(o, hash);
		r->objects.items[i] = (struct object_fingerprint){
			.kind = schema_kind_info(o->kind)->name,
			.address = o->address,
			.fingerprint = arena_str(&cli->arena, hash),
		};
	}
	cli_document(cli, &record_fingerprint_result, r);
}

int
cmd_fingerprint(struct cli *cli, const struct args *args)
{
	struct structure_source source = {.option = "SRC", .word = args_argument(args, 0)};
	struct structures s;
	struct error err = {0};

	structures_open(&s, cli, args);
	bool ok = structures_read(&s, &source, 1, &err);
	if (ok)
		show_fingerprint(cli, &source);
	structures_close(&s);
	return ok ? 0 : cli_fail(cli, &err);
}

/* ---- introspect ---- */

static bool
choose_source(const struct args *args, struct structure_source *out, struct error *err)
{
	const char *url = args_text(args, "db"), *word = args_argument(args, 0);

	if ((url == NULL) == (word == NULL))
		return error_set(err, E_USAGE_001,
				 url == NULL ? "what is to be read is not named: SRC or --db"
					     : "both SRC and --db say what is to be read");
	*out = (struct structure_source){.option = url != NULL ? "--db" : "SRC",
					 .word = url != NULL ? url : word};
	return true;
}

int
cmd_introspect(struct cli *cli, const struct args *args)
{
	struct structure_source source;
	struct structures s;
	struct error err = {0};

	if (!choose_source(args, &source, &err))
		return cli_fail(cli, &err);
	structures_open(&s, cli, args);
	bool ok = structures_read(&s, &source, 1, &err);
	if (ok) {
		if (!cli->json)
			render_structure(cli, source.model, source.shown);
		if (cli->json || cli->output_file != NULL)
			cli_document(cli, &record_structure,
				     snapshot_of(&cli->arena, source.model, source.shown));
	}
	structures_close(&s);
	return ok ? 0 : cli_fail(cli, &err);
}

/* ---- diff ---- */

static bool
covered(struct arena *arena, const struct structure_source *sources, size_t count,
	struct error *err)
{
	const char *list = "";
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		left += sources[i].model->unmodelled_count;
	if (left == 0)
		return true;
	error_set(err, E_DIFFER_404, "%zu thing%s not compared", left, left == 1 ? " is" : "s are");
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < sources[i].model->unmodelled_count; k++) {
			const char *what = sources[i].model->unmodelled[k];
			list = arena_printf(arena, "%s%s%s", list, list[0] != '\0' ? "\n" : "",
					    what);
			error_detail_item(err, "unmodelled", what);
		}
	error_cause(err, "%s", list);
	return false;
}

/* The differences are told whether there is a way from the one to the other or not. */
static bool
show_diff(struct cli *cli, const struct args *args, const struct schema_diff *d,
	  const struct structure_source *sources, struct error *err)
{
	bool script = strcmp(args_text(args, "format"), "sql") == 0;
	struct schema_plan plan = {0};
	struct error none = {0};

	if (!structure_plan(cli, args, d, &plan, script ? err : &none)) {
		if (script)
			return false;
		cli_warn(cli, "no plan: %s", none.message);
	}
	if (script && !structure_plan_show(cli, args, &plan, err))
		return false;
	if (!script && !cli->json)
		render_structure_diff(cli, d, sources[0].shown, sources[1].shown);
	if (!cli->json && cli->output_file == NULL)
		return true;
	struct diff_result *result = structure_changes(&cli->arena, d);
	structure_plan_fill(&cli->arena, &plan, result);
	cli_document(cli, &record_diff_result, result);
	return true;
}

int
cmd_diff(struct cli *cli, const struct args *args)
{
	struct structure_source sources[] = {
		{.option = "--from", .word = args_text(args, "from")},
		{.option = "--to", .word = args_text(args, "to")},
	};
	struct structures s;
	struct schema_diff d;
	struct error err = {0};

	structures_open(&s, cli, args);
	bool ok = structures_read(&s, sources, ARRAY_LEN(sources), &err) &&
		  (!args_flag(args, "strict-coverage") ||
		   covered(&cli->arena, sources, ARRAY_LEN(sources), &err));
	if (ok) {
		schema_diff(&cli->arena, sources[0].model, sources[1].model, &d);
		ok = show_diff(cli, args, &d, sources, &err);
	}
	structures_close(&s);
	if (!ok)
		return cli_fail(cli, &err);
	return d.count > 0 ? 1 : 0;
}
