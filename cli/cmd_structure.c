/* fingerprint and introspect: what the structure of something is. */
#include <string.h>

#include "cli/cmds.h"
#include "cli/introspection.h"
#include "cli/render_structure.h"
#include "cli/structure.h"
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

/* --db is the Python tool's way to ask, and gets its document. */
static bool
choose_source(const struct args *args, struct structure_source *out, struct error *err)
{
	static const char *const only[] = {"schema", "all-tables", "hints"};
	const char *url = args_text(args, "db"), *word = args_argument(args, 0);

	if ((url == NULL) == (word == NULL))
		return error_set(err, E_USAGE_001,
				 url == NULL ? "what is to be read is not named: SRC or --db"
					     : "both SRC and --db say what is to be read");
	for (size_t i = 0; url == NULL && i < ARRAY_LEN(only); i++) {
		if (args_given(args, only[i]))
			return error_set(err, E_USAGE_001,
					 "--%s goes with --db; a snapshot holds all that there is",
					 only[i]);
	}
	*out = (struct structure_source){.option = url != NULL ? "--db" : "SRC",
					 .word = url != NULL ? url : word};
	return true;
}

static void
put(struct cli *cli, const struct args *args, const struct record *of, const void *ptr)
{
	if (strcmp(args_text(args, "format"), "yaml") == 0)
		cli_document_yaml(cli, of, ptr);
	else
		cli_document(cli, of, ptr);
}

static void
put_introspection(struct cli *cli, const struct args *args, const struct structure_source *source)
{
	const struct introspection_options options = {
		.schema = args_text(args, "schema"),
		.all_tables = args_flag(args, "all-tables"),
		.hints = args_flag(args, "hints"),
	};
	struct introspection_result *r = RECORD_NEW(&cli->arena, introspection_result);
	char now[TIME_TEXT];

	time_print(cli->rt->ops->wall_us(cli->rt), now);
	r->database = source->database != NULL ? source->database : source->shown;
	r->introspected_at = now;
	introspection_of(&cli->arena, source->model, &options, r);
	put(cli, args, &record_introspection_result, r);
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
	bool text = strcmp(args_text(args, "format"), "text") == 0;
	if (ok && text)
		render_structure(cli, source.model, source.shown);
	if (ok && (!text || cli->output_file != NULL)) {
		if (args_given(args, "db"))
			put_introspection(cli, args, &source);
		else
			put(cli, args, &record_structure,
			    snapshot_of(&cli->arena, source.model, source.shown));
	}
	structures_close(&s);
	return ok ? 0 : cli_fail(cli, &err);
}
