/* A structure as people read it: by schema, each table with its parts, an object a line. */
#include "cli/render_structure.h"

#include <string.h>

#include "shared/snapshot/structure_words.h"
#include "shared/schema/fingerprint.h"

#include "shared/base/banned.h"

static void
say_head(struct cli *cli, const struct schema_model *m, const char *source)
{
	char hash[SHA256_HEX];

	schema_fingerprint(m, hash);
	cli_say(cli, "source       %s", cli_safe(cli, source));
	if (m->server_version != NULL)
		cli_say(cli, "server       %s", cli_safe(cli, m->server_version));
	cli_say(cli, "fingerprint  %s", hash);
}

static void
say_schema(struct cli *cli, const char *schema)
{
	cli_say(cli, "%s", "");
	if (schema == NULL)
		cli_say(cli, "%sdatabase%s", cli_style(cli, cli->out, STYLE_BOLD),
			cli_style(cli, cli->out, STYLE_PLAIN));
	else
		cli_say(cli, "%sschema %s%s", cli_style(cli, cli->out, STYLE_BOLD),
			cli_safe(cli, schema), cli_style(cli, cli->out, STYLE_PLAIN));
}

static void
say_object(struct cli *cli, const struct structure_entry *e)
{
	const struct schema_object *o = e->object;
	bool part = o != e->whole;
	const char *kind = structure_kind_words(&cli->arena, o->kind);
	const char *summary = structure_summary(&cli->arena, o);
	/* Two functions may have one name: those are told by their address. */
	const char *name = part ? o->name : o->address;

	cli_say(cli, "%s%s%s%s %s%s%s", part ? "    " : "  ",
		cli_style(cli, cli->out, part ? STYLE_DIM : STYLE_CYAN), kind,
		cli_style(cli, cli->out, STYLE_PLAIN), cli_safe(cli, name),
		summary[0] != '\0' ? " " : "", cli_safe(cli, summary));
}

void
render_structure(struct cli *cli, const struct schema_model *m, const char *source)
{
	struct structure_entry *entries = arena_array(&cli->arena, m->count + 1, sizeof(*entries));

	for (size_t i = 0; i < m->count; i++)
		entries[i] = (struct structure_entry){.object = &m->objects[i],
						      .whole = structure_whole(m, &m->objects[i])};
	structure_sort(entries, m->count, true);
	say_head(cli, m, source);
	for (size_t i = 0; i < m->count; i++) {
		const char *schema = entries[i].whole->schema;
		const char *last = i > 0 ? entries[i - 1].whole->schema : NULL;

		if (i == 0 || (schema != last && (!schema || !last || strcmp(schema, last) != 0)))
			say_schema(cli, schema);
		say_object(cli, &entries[i]);
	}
	if (m->unmodelled_count > 0)
		cli_say(cli, "\nnot a part of it, and never compared");
	for (size_t i = 0; i < m->unmodelled_count; i++)
		cli_say(cli, "  %s", cli_safe(cli, m->unmodelled[i]));
}
