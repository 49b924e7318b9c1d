/*
 * `confiture migrate diff OLD NEW`: what differs, and the migration that makes it so. The interface
 * is the Python tool's; the differences and the statements are those of `confiture diff`.
 */
#include <string.h>

#include "cli/cmds.h"
#include "cli/comparison.h"
#include "cli/csv.h"
#include "cli/migration_pair.h"
#include "cli/migration_text.h"
#include "cli/project_documents.h"
#include "cli/render_structure.h"
#include "shared/snapshot/structure_changes.h"
#include "cli/structure_plan.h"
#include "shared/snapshot/structure_words.h"

#include "shared/base/banned.h"

struct making {
	struct cli *cli;
	const struct args *args;
	struct comparison comparison;
	struct schema_plan up, down;
	bool way_back; /* there is one */
	struct migrate_diff_result result;
};

/* ---- changes in words ---- */

static const char *
told(struct arena *arena, const struct diff_change *c)
{
	char *words = arena_str(arena, c->type);

	for (char *p = words; *p != '\0'; p++)
		*p = *p == '_' ? ' ' : *p;
	const char *name = c->column != NULL ? arena_printf(arena, "%s.%s", c->table, c->column)
			   : strcmp(c->kind, "table") == 0 ? c->table
							   : structure_bare(c->object);
	if (strcmp(c->action, "rename") == 0)
		return arena_printf(arena, "%s %s%s%s TO %s", words,
				    strcmp(c->kind, "column") == 0 ? c->table : "",
				    strcmp(c->kind, "column") == 0 ? "." : "", c->old_value,
				    c->new_value);
	if (strcmp(c->action, "alter") == 0 && strncmp(c->type, "ALTER", 5) == 0)
		name = arena_printf(arena, "%s %s", name, c->attribute);
	if (c->old_value != NULL && c->new_value != NULL && strpbrk(c->old_value, "\r\n") == NULL &&
	    strpbrk(c->new_value, "\r\n") == NULL)
		return arena_printf(arena, "%s %s FROM %s TO %s", words, name, c->old_value,
				    c->new_value);
	return arena_printf(arena, "%s %s", words, name);
}

static void
tell_changes(struct making *m)
{
	struct arena *arena = &m->cli->arena;
	const struct diff_result *all = structure_changes(arena, &m->comparison.diff);
	struct migrate_diff_result *r = &m->result;

	r->changes.count = all->changes.count;
	r->changes.items = arena_array(arena, all->changes.count + 1, sizeof(*r->changes.items));
	for (size_t i = 0; i < all->changes.count; i++)
		r->changes.items[i] = (struct told_change){
			.type = all->changes.items[i].type,
			.details = told(arena, &all->changes.items[i]),
		};
	r->change_count = (int64_t)r->changes.count;
	r->has_changes = all->has_changes;
	r->success = true;
}

/* ---- the migration ---- */

static void
put_texts(struct migration_pair *p)
{
	struct making *m = p->self;
	const struct structure_source *s = m->comparison.sources;
	struct arena *arena = &m->cli->arena;

	p->up = migration_text(
		m->cli, &m->up,
		arena_printf(arena, "%s: from %s to %s", p->name, s[0].shown, s[1].shown));
	if (m->way_back)
		p->down = migration_text(m->cli, &m->down,
					 arena_printf(arena,
						      "Undoes %s_%s.up.sql: from %s back to %s",
						      p->version, p->name, s[1].shown, s[0].shown));
}

static void
warn(struct making *m, const char *words)
{
	struct arena *arena = &m->cli->arena;
	const char **all = arena_array(arena, m->result.warnings.count + 1, sizeof(*all));

	for (size_t i = 0; i < m->result.warnings.count; i++)
		all[i] = m->result.warnings.items[i];
	all[m->result.warnings.count++] = words;
	m->result.warnings.items = all;
}

static bool
find_ways(struct making *m, struct error *err)
{
	struct error none = {0};
	struct arena *arena = &m->cli->arena;

	if (!comparison_plan(&m->comparison, m->args, &m->up, err))
		return false;
	if (!args_flag(m->args, "allow-data-loss") && !structure_plan_keeps(arena, &m->up, err)) {
		error_hint(err, "confiture migrate diff … --generate --name %s --allow-data-loss",
			   args_text(m->args, "name"));
		return false;
	}
	m->way_back = comparison_plan_back(&m->comparison, m->args, &m->down, &none);
	if (!m->way_back) {
		warn(m, arena_printf(arena, "no way back, and no .down.sql: %s", none.message));
		cli_warn(m->cli, "no way back, and no .down.sql: %s", none.message);
	}
	structure_plan_warn(m->cli, &m->up);
	return true;
}

static bool
generate(struct making *m, struct error *err)
{
	struct migrate_diff_result *r = &m->result;
	struct arena *arena = &m->cli->arena;
	struct migration_pair pair = {.cli = m->cli,
				      .args = m->args,
				      .dir = args_text(m->args, "migrations-dir"),
				      .name = args_text(m->args, "name"),
				      .texts = put_texts,
				      .self = m};

	if (!find_ways(m, err) || !migration_pair_make(&pair, err))
		return false;
	r->migration_generated = true;
	r->migration_file = pair.up_path;
	r->down_file = pair.down != NULL ? pair.down_path : NULL;
	r->version = pair.version;
	migration_text_losses(arena, &m->up, &r->loses.items, &r->loses.count);
	migration_text_losses(arena, &m->down, &r->down_loses.items, &r->down_loses.count);
	if (pair.warning != NULL)
		warn(m, pair.warning);
	return true;
}

/* ---- showing ---- */

static void
say(struct making *m)
{
	struct cli *cli = m->cli;
	const struct migrate_diff_result *r = &m->result;
	const struct comparison *c = &m->comparison;

	render_structure_diff(cli, &c->diff, c->sources[0].shown, c->sources[1].shown);
	if (!r->migration_generated)
		return;
	cli_say(cli, "\nmade  %s", cli_safe(cli, r->migration_file));
	if (r->down_file != NULL)
		cli_say(cli, "made  %s%s", cli_safe(cli, r->down_file),
			r->down_loses.count > 0 ? "  (loses what came since: see its remarks)"
						: "");
}

static bool
show(struct making *m, struct error *err)
{
	struct cli *cli = m->cli;
	struct text csv;

	if (!cli->csv) {
		if (!cli->json)
			say(m);
		cli_document(cli, &record_migrate_diff_result, &m->result);
		return true;
	}
	text_init(&csv, 0);
	text_put(&csv, "type,details\n");
	for (size_t i = 0; i < m->result.changes.count; i++) {
		csv_cell(&csv, m->result.changes.items[i].type, ',');
		csv_cell(&csv, m->result.changes.items[i].details, '\n');
	}
	bool ok = csv_show(cli, &csv, args_text(m->args, "report"), err);
	text_fini(&csv);
	return ok;
}

static bool
name_given(const struct args *args, struct error *err)
{
	const char *name = args_text(args, "name");

	if (!args_flag(args, "generate"))
		return true;
	if (name != NULL)
		return migration_pair_name(name, err);
	error_set(err, E_USAGE_001, "--generate needs --name");
	error_hint(err, "confiture migrate diff OLD NEW --generate --name NAME");
	return false;
}

int
cmd_migrate_diff(struct cli *cli, const struct args *args)
{
	struct making m = {
		.cli = cli,
		.args = args,
		.comparison.sources = {{.option = "OLD", .word = args_argument(args, 0)},
				       {.option = "NEW", .word = args_argument(args, 1)}}};
	struct error err = {0};

	cli->output_file = args_text(args, "report");
	if (!name_given(args, &err))
		return cli_fail(cli, &err);
	bool ok = comparison_open(&m.comparison, cli, args, &err);
	if (ok)
		tell_changes(&m);
	ok = ok && (!args_flag(args, "generate") || !m.result.has_changes || generate(&m, &err)) &&
	     show(&m, &err);
	comparison_close(&m.comparison);
	return ok ? 0 : cli_fail(cli, &err);
}
