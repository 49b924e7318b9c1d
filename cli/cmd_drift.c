/* confiture drift: is a database what its schema files say? */
#include <string.h>

#include "cli/cmds.h"
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
choose_database(struct cli *cli, const struct args *args, struct structure_source *out,
		struct error *err)
{
	struct connections found = {0};
	const char *const *names;
	size_t count = args_list(args, "env", &names);

	if (session_remote(cli_session(cli)) != NULL)
		return structure_elsewhere(count > 0 ? names[0] : "local", err);
	if (!connections_resolve(cli, args, CONNECTION_READS, &found, err))
		return false;
	if (found.count != 1)
		return structure_several(cli, "what was named", &found, err);
	*out = (struct structure_source){.option = "the database",
					 .word = found.items[0].name,
					 .target = found.items[0].name};
	return true;
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
		out->database_name = strrchr(sources[0].shown, '/') + 1;
		out->expected_schema_source = arena_printf(&cli->arena, "file:%s", sources[1].word);
		structure_drift(&cli->arena, &d, &rules, out);
		out->detection_time_ms =
			(int64_t)((cli->rt->ops->boot_ns(cli->rt) - began) / 1000000);
		if (!cli->json)
			show(cli, out);
		cli_document(cli, &record_drift_result, out);
	}
	structures_close(&s);
	return ok;
}

int
cmd_drift(struct cli *cli, const struct args *args)
{
	struct structure_source sources[2];
	struct drift_result *r = RECORD_NEW(&cli->arena, drift_result);
	struct error err = {0};

	if (!choose_files(args, &sources[1], &err) ||
	    !choose_database(cli, args, &sources[0], &err) || !detect(cli, args, sources, r, &err))
		return cli_fail(cli, &err);
	bool any = args_flag(args, "fail-on-warning") || args_given(args, "schema-dir");
	return r->has_critical_drift || (any && r->has_drift) ? 1 : 0;
}
