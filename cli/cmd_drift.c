/* confiture drift: is a database what its schema files say? */
#include <string.h>

#include "cli/cmds.h"
#include "cli/documents.h"
#include "cli/exit_codes.h"
#include "cli/session.h"
#include "cli/structure.h"
#include "cli/structure_drift.h"
#include "cli/table.h"

#include "shared/base/banned.h"

enum { CELL = 48 };

/* ---- as text ---- */

/* Where two values begin to differ: the line of it, or its place in a long one. */
static size_t
first_difference(const char *a, const char *b)
{
	size_t at = 0, start;

	while (a[at] != '\0' && a[at] == b[at])
		at++;
	for (start = at; start > 0 && a[start - 1] != '\n'; start--)
		;
	if (at - start < CELL / 2)
		return start;
	for (start = at - CELL / 4; ((unsigned char)a[start] & 0xC0) == 0x80; start--)
		;
	return start;
}

/* One line from `start` on, not longer than people read in a table. */
static const char *
cell(struct cli *cli, const char *value, size_t start)
{
	size_t len, shown = 0, bytes = 0;

	if (value == NULL)
		return "";
	value += start;
	len = strcspn(value, "\n");
	while (bytes < len && shown < CELL) {
		bytes++;
		while (bytes < len && ((unsigned char)value[bytes] & 0xC0) == 0x80)
			bytes++;
		shown++;
	}
	return arena_printf(&cli->arena, "%s%.*s%s", start > 0 ? "…" : "", (int)bytes, value,
			    value[bytes] != '\0' ? "…" : "");
}

static void
show_items(struct cli *cli, const struct drift_result *r)
{
	static const char *const heads[] = {"severity", "what",	  "object",
					    "expected", "actual", NULL};
	struct table t;

	table_init(&t, cli, heads);
	for (size_t i = 0; i < r->drift_items.count; i++) {
		const struct drift_item *d = &r->drift_items.items[i];
		size_t at = d->expected && d->actual ? first_difference(d->expected, d->actual) : 0;
		const char *const cells[] = {d->severity, d->type, d->object,
					     cell(cli, d->expected, at), cell(cli, d->actual, at)};
		enum style style = d->severity[0] == 'c'   ? STYLE_RED
				   : d->severity[0] == 'w' ? STYLE_YELLOW
							   : STYLE_PLAIN;

		table_add(&t, style, cells);
	}
	table_print(&t);
}

static void
show(struct cli *cli, const struct drift_result *r)
{
	const char *plain = cli_style(cli, cli->out, STYLE_PLAIN);
	const char *files = r->expected_schema_source + strlen("file:");

	if (!r->has_drift) {
		cli_say(cli, "%s✓%s %s is what %s says", cli_style(cli, cli->out, STYLE_GREEN),
			plain, cli_safe(cli, r->database_name), cli_safe(cli, files));
	} else {
		show_items(cli, r);
		cli_say(cli,
			"%s✗%s %s is not what %s says: %lld critical, %lld warnings, %lld infos",
			cli_style(cli, cli->out, STYLE_RED), plain, cli_safe(cli, r->database_name),
			cli_safe(cli, files), (long long)r->critical_count,
			(long long)r->warning_count, (long long)r->info_count);
	}
	for (size_t i = 0; i < r->unmodelled.count; i++)
		cli_say(cli, "not compared: %s", cli_safe(cli, r->unmodelled.items[i]));
}

/* ---- what is compared ---- */

static bool
choose_files(const struct args *args, struct structure_source *out, struct error *err)
{
	const char *file = args_text(args, "schema"), *dir = args_text(args, "schema-dir");

	if ((file == NULL) == (dir == NULL))
		return error_set(err, E_USAGE_001,
				 file == NULL ? "what the database should be is not said: --schema "
						"or --schema-dir"
					      : "both --schema and --schema-dir say what the "
						"database should be");
	*out = (struct structure_source){.option = file != NULL ? "--schema" : "--schema-dir",
					 .word = file != NULL ? file : dir};
	return true;
}

static bool
choose_databases(struct cli *cli, const struct args *args, struct connections *out,
		 struct error *err)
{
	return connections_resolve(cli, args, CONNECTION_READS, out, err) &&
	       (out->count > 0 || structure_several(cli, "what was named", out, err));
}

static bool
detect(struct cli *cli, const struct args *args, struct structure_source sources[2],
       struct drift_result *out, struct error *err)
{
	const struct drift_rules rules = {.grants = args_flag(args, "check-acls"),
					  .owners = args_flag(args, "check-ownership"),
					  .warn_only = args_flag(args, "warn-only")};
	uint64_t began = cli->rt->ops->boot_ns(cli->rt);
	struct structures s;
	struct schema_diff d;

	structures_open(&s, cli, args);
	bool ok = structures_read(&s, sources, 2, err);
	if (ok) {
		schema_diff(&cli->arena, sources[0].model, sources[1].model, &d);
		out->database_name = sources[0].database;
		out->expected_schema_source = arena_printf(&cli->arena, "file:%s", sources[1].word);
		structure_drift(&cli->arena, &d, &rules, out);
		out->detection_time_ms =
			(int64_t)((cli->rt->ops->boot_ns(cli->rt) - began) / 1000000);
		/* Before the pool goes, in which its texts lie. */
		*out = *(struct drift_result *)record_copy(&cli->arena, &record_drift_result, out);
	}
	structures_close(&s);
	return ok;
}

/* ---- one database, or several ---- */

static int
exit_code_of(const struct args *args, const struct drift_result *r)
{
	bool any = args_flag(args, "fail-on-warning") || args_given(args, "schema-dir");

	return r->has_critical_drift || (any && r->has_drift) ? 1 : 0;
}

/* The document of one database, and as text what it says. */
static int
look_at(struct cli *cli, const struct args *args, const struct structure_source *files,
	const struct connection_target *t, struct drift_result **out, struct error *err)
{
	struct structure_source sources[2] = {
		{.option = "the database", .word = t->name, .target = t->name}, *files};

	*out = RECORD_NEW(&cli->arena, drift_result);
	if (!detect(cli, args, sources, *out, err)) {
		*out = NULL;
		return err->code->exit_code;
	}
	if (!cli->json)
		show(cli, *out);
	return exit_code_of(args, *out);
}

static void
look_at_target(struct cli *cli, const struct args *args, const struct structure_source *files,
	       const struct connection_target *t, struct target_result *out)
{
	struct error err = {0};
	struct drift_result *r;

	cli_say(cli, "%s▸ %s%s", cli_style(cli, cli->out, STYLE_BOLD), t->name,
		cli_style(cli, cli->out, STYLE_PLAIN));
	session_next_target(cli_session(cli));
	*out = (struct target_result){.target = t->name, .environment = t->environment};
	out->exit_code = look_at(cli, args, files, t, &r, &err);
	out->ok = out->exit_code == 0;
	if (r != NULL) {
		out->result = (struct any){&record_drift_result, r};
		return;
	}
	out->error = arena_new(&cli->arena, struct issue);
	error_to_issue(&cli->arena, &err, out->error);
	error_wrap(&err, "target %s", t->name);
	if (!cli->json)
		cli_fail(cli, &err);
}

/* It only reads, so it goes on behind one that drifts or cannot be read. */
static int
look_at_all(struct cli *cli, const struct args *args, const struct structure_source *files,
	    const struct connections *found)
{
	struct targets_summary summary = {.total = (int64_t)found->count};
	struct targets_result all = {.summary = &summary};

	all.targets.count = found->count;
	all.targets.items = arena_array(&cli->arena, found->count, sizeof(*all.targets.items));
	for (size_t i = 0; i < found->count; i++) {
		struct target_result *t = &all.targets.items[i];

		look_at_target(cli, args, files, &found->items[i], t);
		summary.succeeded += t->ok;
		summary.failed += !t->ok;
		summary.exit_code = exit_code_worst((int)summary.exit_code, (int)t->exit_code);
	}
	cli_document(cli, &record_targets_result, &all);
	return (int)summary.exit_code;
}

int
cmd_drift(struct cli *cli, const struct args *args)
{
	struct connections found = {0};
	struct structure_source files;
	struct drift_result *r;
	struct error err = {0};

	if (!choose_files(args, &files, &err) || !choose_databases(cli, args, &found, &err))
		return cli_fail(cli, &err);
	if (found.several)
		return look_at_all(cli, args, &files, &found);
	int exit_code = look_at(cli, args, &files, &found.items[0], &r, &err);
	if (r == NULL)
		return cli_fail(cli, &err);
	cli_document(cli, &record_drift_result, r);
	return exit_code;
}
