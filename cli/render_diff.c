/*
 * Differences as a reviewer reads them: by object, parts below their whole; + comes, - goes, ~ is
 * there on both sides. Bodies are compared line by line, privileges read as the statements that
 * would change them. What is not said differs in nothing.
 */
#include <string.h>

#include "cli/line_diff.h"
#include "cli/render_privileges.h"
#include "cli/render_structure.h"
#include "shared/schema/rename.h"
#include "shared/snapshot/structure_words.h"

#include "shared/base/banned.h"

enum { AROUND = 2, SHORT = 100, BODY_LINES = 40, STEP = 4 };

struct view {
	struct cli *cli;
	const struct schema_diff *diff;
};

static const char *
style(const struct view *v, enum style s)
{
	return cli_style(v->cli, v->cli->out, s);
}

static enum style
colour_of(char sign)
{
	return sign == '+' ? STYLE_GREEN : sign == '-' ? STYLE_RED : STYLE_YELLOW;
}

static void
say_signed(const struct view *v, int indent, char sign, const char *words)
{
	cli_say(v->cli, "%*s%s%c %s%s", indent, "", style(v, colour_of(sign)), sign,
		cli_safe(v->cli, words), style(v, STYLE_PLAIN));
}

/* ---- attributes ---- */

static const char *
shown(enum schema_type type, const char *value)
{
	if (type == SCHEMA_FLAG)
		return value != NULL ? "yes" : "no";
	return value == NULL ? "(none)" : value[0] == '\0' ? "(empty)" : value;
}

static void
say_lines(const struct view *v, int indent, const char *before, const char *after)
{
	struct line_change *lines;
	struct arena *arena = &v->cli->arena;
	size_t count = line_diff(arena, before ? before : "", after ? after : "", AROUND, &lines);

	for (size_t i = 0; i < count; i++) {
		const struct line_change *l = &lines[i];
		const char *text = l->sign == LINE_SKIPPED ? "" : arena_span(arena, l->line);

		if (l->sign == LINE_GONE || l->sign == LINE_NEW)
			say_signed(v, indent, l->sign == LINE_NEW ? '+' : '-', text);
		else if (l->sign == LINE_SAME)
			cli_say(v->cli, "%*s  %s", indent, "", cli_safe(v->cli, text));
		else
			cli_say(v->cli, "%*s  %s… %zu equal line%s%s", indent, "",
				style(v, STYLE_DIM), l->skipped, l->skipped == 1 ? "" : "s",
				style(v, STYLE_PLAIN));
	}
}

static bool
by_lines(enum schema_type type, const char *before, const char *after)
{
	const char *a = before ? before : "", *b = after ? after : "";

	return type != SCHEMA_FLAG && (strchr(a, '\n') != NULL || strchr(b, '\n') != NULL ||
				       strlen(a) + strlen(b) > SHORT);
}

static void
say_attribute(const struct view *v, int indent, const struct schema_change *c,
	      const struct schema_attribute_change *a)
{
	const struct schema_attribute *info = &schema_kind_info(c->kind)->attributes[a->place];
	struct cli *cli = v->cli;

	if (render_is_privileges(c->kind, a->place)) {
		render_privileges(cli, indent, c->after, a->before, a->after);
	} else if (by_lines(info->type, a->before, a->after)) {
		cli_say(cli, "%*s%s%s:%s", indent, "", style(v, STYLE_DIM), info->name,
			style(v, STYLE_PLAIN));
		say_lines(v, indent + STEP, a->before, a->after);
	} else {
		cli_say(cli, "%*s%s%s:%s %s%s%s → %s%s%s", indent, "", style(v, STYLE_DIM),
			info->name, style(v, STYLE_PLAIN), style(v, STYLE_RED),
			cli_safe(cli, shown(info->type, a->before)), style(v, STYLE_PLAIN),
			style(v, STYLE_GREEN), cli_safe(cli, shown(info->type, a->after)),
			style(v, STYLE_PLAIN));
	}
}

/* ---- what is made: said whole, but for whose it is ---- */

static size_t
definition_of(enum schema_kind kind)
{
	const struct schema_kind_info *info = schema_kind_info(kind);

	for (size_t i = 0; i < info->count; i++)
		if (strcmp(info->attributes[i].name, "definition") == 0)
			return i;
	return info->count;
}

static void
say_body(const struct view *v, int indent, const char *name, const char *value)
{
	struct cli *cli = v->cli;
	struct span line;
	size_t count = 0, left = 0;

	if (strchr(value, '\n') == NULL) {
		say_signed(v, indent, '+', arena_printf(&cli->arena, "%s: %s", name, value));
		return;
	}
	say_signed(v, indent, '+', arena_printf(&cli->arena, "%s:", name));
	while (structure_line(&value, &line)) {
		if (count++ < BODY_LINES)
			say_signed(v, indent + STEP, '+', arena_span(&cli->arena, line));
		else
			left++;
	}
	if (left > 0)
		cli_say(cli, "%*s%s… %zu lines more%s", indent + STEP, "", style(v, STYLE_DIM),
			left, style(v, STYLE_PLAIN));
}

static void
say_made(const struct view *v, int indent, const struct schema_object *o)
{
	const struct schema_kind_info *info = schema_kind_info(o->kind);
	size_t definition = definition_of(o->kind);
	bool defined = definition < info->count && o->values[definition] != NULL;

	for (size_t i = 0; i < info->count; i++) {
		const char *value = o->values[i];

		if (value == NULL || i == SCHEMA_owner || info->attributes[i].use == SCHEMA_TOLD ||
		    structure_summed(o->kind, i) ||
		    (defined && i >= SCHEMA_COMMON && i != definition))
			continue;
		if (render_is_privileges(o->kind, i))
			render_privileges(v->cli, indent, o, NULL, value);
		else
			say_body(v, indent, info->attributes[i].name, value);
	}
}

/* ---- changes ---- */

static const char *
words_of(const struct view *v, const struct structure_entry *e, bool summed)
{
	const struct schema_object *o = e->object;
	struct arena *arena = &v->cli->arena;
	const char *summary = summed ? structure_summary(arena, o) : "";

	return arena_printf(arena, "%s %s%s%s", structure_kind_words(arena, o->kind),
			    o == e->whole ? o->address : o->name, summary[0] ? " " : "", summary);
}

static void
say_change(const struct view *v, int indent, const struct structure_entry *e)
{
	const struct schema_change *c = e->change;
	bool made = c->before == NULL, gone = c->after == NULL;
	bool summed = made || (gone && e->object != e->whole);

	say_signed(v, indent, made ? '+' : gone ? '-' : '~', words_of(v, e, summed));
	if (made)
		say_made(v, indent + STEP, e->object);
	for (size_t i = 0; i < c->count; i++)
		say_attribute(v, indent + STEP, c, &c->attributes[i]);
}

/* "with 3 columns, 1 constraint": what goes with the whole is not said one by one. */
static void
say_gone_parts(const struct view *v, const struct structure_entry *entries, size_t count)
{
	struct text t;

	text_init(&t, 0);
	for (size_t i = 0; i < count;) {
		enum schema_kind kind = entries[i].object->kind;
		size_t same = 0;

		while (i + same < count && entries[i + same].object->kind == kind)
			same++;
		const char *words = structure_kind_words(&v->cli->arena, kind);
		const char *many = kind == SCHEMA_KIND_index	? "indexes"
				   : kind == SCHEMA_KIND_policy ? "policies"
								: NULL;
		text_put(&t, t.len > 0 ? ", " : "with ");
		if (same > 1 && many != NULL)
			text_printf(&t, "%zu %s", same, many);
		else
			text_printf(&t, "%zu %s%s", same, words, same > 1 ? "s" : "");
		i += same;
	}
	say_signed(v, STEP, '-', t.ptr);
	text_fini(&t);
}

/* One whole with what is said of its parts. */
static void
say_group(const struct view *v, const struct structure_entry *entries, size_t count)
{
	const struct structure_entry head = {.object = entries[0].whole, .whole = entries[0].whole};
	bool own = entries[0].object == entries[0].whole;
	bool gone = own && entries[0].change->after == NULL;
	size_t first = own ? 1 : 0;

	cli_say(v->cli, "%s", "");
	if (own)
		say_change(v, 0, &entries[0]);
	else
		say_signed(v, 0, '~', words_of(v, &head, false));
	if (gone && count > first)
		say_gone_parts(v, entries + first, count - first);
	for (size_t i = first; !gone && i < count; i++)
		say_change(v, STEP, &entries[i]);
}

static size_t
collect(const struct view *v, struct structure_entry **out)
{
	const struct schema_diff *d = v->diff;
	struct structure_entry *entries =
		arena_array(&v->cli->arena, d->count + 1, sizeof(*entries));

	for (size_t i = 0; i < d->count; i++) {
		const struct schema_change *c = &d->changes[i];
		const struct schema_object *o = c->after != NULL ? c->after : c->before;
		const struct schema_model *m = c->after != NULL ? d->to : d->from;

		entries[i] = (struct structure_entry){o, structure_whole(m, o), c};
	}
	structure_sort(entries, d->count, false);
	*out = entries;
	return d->count;
}

/* They come first, as in the plan: all else has the new names. */
static void
say_renames(const struct view *v)
{
	const struct schema_renames *r = v->diff->renames;
	struct cli *cli = v->cli;

	for (size_t i = 0; r != NULL && i < r->count; i++) {
		const struct schema_renamed *n = &r->items[i];
		const char *kind =
			n->label ? arena_printf(&cli->arena, "label of %s", n->after->address)
				 : structure_kind_words(&cli->arena, n->after->kind);

		cli_say(cli, "%s%s» %s %s%s → %s%s%s%s", i == 0 ? "\n" : "", style(v, STYLE_YELLOW),
			cli_safe(cli, kind), cli_safe(cli, n->label ? n->old : n->before->address),
			style(v, STYLE_PLAIN), style(v, STYLE_GREEN),
			cli_safe(cli, n->label ? n->new : n->after->address), style(v, STYLE_PLAIN),
			n->follows ? "  (follows)" : "");
	}
}

static void
say_sum(const struct view *v)
{
	const struct schema_diff *d = v->diff;
	size_t renamed = d->renames != NULL ? d->renames->count : 0;
	size_t made = 0, gone = 0, changed = 0;

	for (size_t i = 0; i < d->count; i++) {
		const struct schema_change *c = &d->changes[i];

		made += c->before == NULL && !c->with_whole ? 1 : 0;
		gone += c->after == NULL && !c->with_whole ? 1 : 0;
		changed += c->before != NULL && c->after != NULL ? 1 : 0;
	}
	cli_say(v->cli, "\n%s%zu to make, %zu to drop, %zu to change",
		renamed > 0 ? arena_printf(&v->cli->arena, "%zu to rename, ", renamed) : "", made,
		gone, changed);
}

static void
say_unmodelled(const struct view *v, const struct schema_model *m, const char *source)
{
	for (size_t i = 0; i < m->unmodelled_count; i++)
		cli_say(v->cli, "%snot compared, in %s: %s%s", style(v, STYLE_DIM),
			cli_safe(v->cli, source), cli_safe(v->cli, m->unmodelled[i]),
			style(v, STYLE_PLAIN));
}

void
render_structure_diff(struct cli *cli, const struct schema_diff *d, const char *from,
		      const char *to)
{
	const struct view v = {cli, d};
	struct structure_entry *entries;

	if (d->count == 0 && d->renames == NULL) {
		cli_say(cli, "%s✓%s No differences between %s and %s", style(&v, STYLE_GREEN),
			style(&v, STYLE_PLAIN), cli_safe(cli, from), cli_safe(cli, to));
	} else {
		cli_say(cli, "from %s\nto   %s", cli_safe(cli, from), cli_safe(cli, to));
		say_renames(&v);
		size_t count = collect(&v, &entries);
		for (size_t i = 0; i < count;) {
			size_t same = 1;
			while (i + same < count &&
			       structure_same_whole(&entries[i], &entries[i + same]))
				same++;
			say_group(&v, &entries[i], same);
			i += same;
		}
		say_sum(&v);
	}
	say_unmodelled(&v, d->from, from);
	say_unmodelled(&v, d->to, to);
}
