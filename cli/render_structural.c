/* Changes of a structure out of records: + comes, - goes, ~ is there on both sides. */
#include "cli/render_structural.h"

#include <string.h>

#include "shared/base/banned.h"

enum { LINES_MOST = 60, VALUE_MOST = 60, STEP = 2 };

/* One line, not longer than people read beside another. */
static const char *
short_value(struct cli *cli, const char *value)
{
	size_t len, shown = 0, bytes = 0;

	if (value == NULL)
		return "(none)";
	len = strcspn(value, "\n");
	while (bytes < len && shown < VALUE_MOST) {
		bytes++;
		while (bytes < len && ((unsigned char)value[bytes] & 0xC0) == 0x80)
			bytes++;
		shown++;
	}
	return arena_printf(&cli->arena, "%s%s",
			    cli_safe(cli, arena_span(&cli->arena, span_of(value, bytes))),
			    value[bytes] != '\0' ? " …" : "");
}

static const char *
what_differs(struct cli *cli, const struct structure_change *c)
{
	const char *own = c->new_value != NULL ? c->new_value : c->old_value;

	if (c->attribute != NULL)
		return arena_printf(&cli->arena, "  %s: %s → %s", cli_safe(cli, c->attribute),
				    short_value(cli, c->before), short_value(cli, c->after));
	if (c->parts.count > 0)
		return arena_printf(&cli->arena, "  with %zu part%s", c->parts.count,
				    c->parts.count == 1 ? "" : "s");
	return own != NULL ? arena_printf(&cli->arena, "  %s", short_value(cli, own)) : "";
}

static void
say_change(struct cli *cli, int indent, const struct structure_change *c)
{
	static const struct {
		const char *action;
		char sign;
		enum style style;
	} rows[] = {{"create", '+', STYLE_GREEN},
		    {"drop", '-', STYLE_RED},
		    {"alter", '~', STYLE_YELLOW}};
	size_t at = 0;

	while (at + 1 < ARRAY_LEN(rows) && strcmp(rows[at].action, c->action) != 0)
		at++;
	cli_say(cli, "%*s%s%c %s %s%s%s", indent, "", cli_style(cli, cli->out, rows[at].style),
		rows[at].sign, cli_safe(cli, c->kind), cli_safe(cli, c->object),
		cli_style(cli, cli->out, STYLE_PLAIN), what_differs(cli, c));
}

void
render_structural(struct cli *cli, int indent, const struct structure_change *changes, size_t count,
		  int64_t total)
{
	size_t shown = count < LINES_MOST ? count : LINES_MOST;

	for (size_t i = 0; i < shown; i++)
		say_change(cli, indent, &changes[i]);
	if (total > (int64_t)shown)
		cli_say(cli, "%*s… and %lld more%s", indent, "",
			(long long)total - (long long)shown,
			count > shown ? " (-f json shows them)" : "");
}

void
render_schema_drift(struct cli *cli, const struct schema_drift *d)
{
	if (d == NULL)
		return;
	cli_say(cli, "▸ Comparing with %s", cli_safe(cli, d->schema));
	if (strcmp(d->state, "not_compared") == 0)
		cli_say(cli, "   not compared: %s", d->reason ? cli_safe(cli, d->reason) : "");
	else if (strcmp(d->state, "equal") == 0)
		cli_say(cli, "   the same");
	else
		cli_say(cli,
			"   %lld difference(s), as what would make the database what the files "
			"say:",
			(long long)d->total);
	render_structural(cli, 3 + STEP, d->changes.items, d->changes.count,
			  d->total == INT_NULL ? 0 : d->total);
	for (size_t i = 0; i < d->unmodelled.count; i++)
		cli_say(cli, "   never compared: %s", cli_safe(cli, d->unmodelled.items[i]));
}
