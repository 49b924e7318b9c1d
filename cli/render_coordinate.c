/*
 * Intents, claims and conflicts as text: one screen says who holds what, since and until when, who
 * waits for whom, what is in the way and what to do about it.
 */
#include "cli/coordinate.h"

#include <string.h>

#include "cli/render.h"
#include "cli/table.h"

#include "shared/base/banned.h"

static const struct {
	const char *word;
	enum style style;
} styles[] = {
	{"registered", STYLE_CYAN}, {"in_progress", STYLE_CYAN}, {"completed", STYLE_GREEN},
	{"merged", STYLE_DIM},	    {"abandoned", STYLE_DIM},	 {"expired", STYLE_DIM},
	{"conflicted", STYLE_RED},  {"error", STYLE_RED},	 {"warning", STYLE_YELLOW},
};

static enum style
style_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
		if (strcmp(styles[i].word, word) == 0)
			return styles[i].style;
	}
	return STYLE_PLAIN;
}

static const char *
colored(struct cli *cli, const char *word)
{
	return arena_printf(&cli->arena, "%s%s%s", cli_style(cli, cli->out, style_of(word)), word,
			    cli_style(cli, cli->out, STYLE_PLAIN));
}

static void
line(struct cli *cli, const char *label, const char *text)
{
	if (text != NULL && text[0] != '\0')
		cli_say(cli, "  %-10s %s", label, cli_safe(cli, text));
}

/* Several claims on one object are one line: "public.users.email (alter, index)". */
static void
claim_lines(struct cli *cli, const struct intent *r)
{
	for (size_t i = 0; i < r->claims.count; i++) {
		const struct intent_claim *k = &r->claims.items[i];
		const char *modes = k->mode;
		bool seen = false;
		for (size_t n = 0; n < i; n++)
			seen |= strcmp(r->claims.items[n].object, k->object) == 0;
		for (size_t n = i + 1; !seen && n < r->claims.count; n++) {
			if (strcmp(r->claims.items[n].object, k->object) == 0 &&
			    strcmp(r->claims.items[n].mode, k->mode) != 0)
				modes = arena_printf(&cli->arena, "%s, %s", modes,
						     r->claims.items[n].mode);
		}
		if (!seen)
			line(cli, i == 0 ? "holds" : "",
			     arena_printf(&cli->arena, "%s (%s)", k->object, modes));
	}
}

void
render_intent(struct cli *cli, const struct intent *r)
{
	if (cli->json)
		return;
	cli_say(cli, "intent %s: %s%s", cli_safe(cli, r->id), colored(cli, r->status),
		r->waiting ? ", waiting for its claims" : "");
	line(cli, "feature", r->feature_name);
	line(cli, "agent", r->agent_id);
	line(cli, "scope", r->scope);
	line(cli, "branch", r->branch != NULL ? r->branch : r->branch_name);
	line(cli, "why", r->reason);
	claim_lines(cli, r);
	if (r->token != INT_NULL)
		line(cli, "number", arena_printf(&cli->arena, "%lld", (long long)r->token));
	if (r->lease_expires_at != NULL)
		line(cli, "until",
		     arena_printf(&cli->arena, "%s, unless it is renewed",
				  render_time(cli, r->lease_expires_at)));
	for (size_t i = 0; i < r->unjudged.count; i++)
		line(cli, i == 0 ? "unjudged" : "",
		     arena_printf(&cli->arena, "statement %lld: %s",
				  (long long)r->unjudged.items[i].statement,
				  r->unjudged.items[i].reason));
}

static void
render_conflict(struct cli *cli, const struct intent_conflict *k)
{
	const char *number =
		k->id > 0 ? arena_printf(&cli->arena, "conflict %lld: ", (long long)k->id) : "";

	cli_say(cli, "%s%s, %s: %s%s", number, colored(cli, k->severity), k->conflict_type,
		k->affected_objects.count > 0 ? cli_safe(cli, k->affected_objects.items[0]) : "",
		k->reviewed ? " (looked at)" : "");
	line(cli, "why", k->reason);
	line(cli, k->live_claim ? "held by" : "with",
	     arena_printf(&cli->arena, "%s, intent %s", k->agent_b != NULL ? k->agent_b : "?",
			  k->intent_b));
	line(cli, "this", k->statement_a);
	line(cli, "that", k->statement_b);
	line(cli, "to do", k->remedy);
	if (k->reviewed)
		line(cli, "agreed", k->resolution_notes);
	else if (k->id > 0)
		line(cli, "then",
		     arena_printf(&cli->arena,
				  "confiture coordinate resolve --conflict-id %lld --notes TEXT",
				  (long long)k->id));
}

void
render_conflicts(struct cli *cli, const struct intent_conflict *items, size_t count)
{
	if (cli->json)
		return;
	for (size_t i = 0; i < count; i++) {
		cli_say(cli, "%s", "");
		render_conflict(cli, &items[i]);
	}
}

static const char *
claimed_objects(struct cli *cli, const struct intent *r)
{
	const char *all = r->waiting ? "(waits)" : "";

	for (size_t i = 0; i < r->claims.count && i < 3; i++)
		all = arena_printf(&cli->arena, "%s%s%s", all, i > 0 ? ", " : "",
				   r->claims.items[i].object);
	return r->claims.count > 3 ? arena_printf(&cli->arena, "%s, …", all) : all;
}

void
render_intent_list(struct cli *cli, const struct intent_list *r)
{
	static const char *const heads[] = {"intent", "status", "agent", "feature",
					    "scope",  "holds",	"until", NULL};
	struct table t;

	if (cli->json)
		return;
	if (r->intents.count == 0) {
		cli_say(cli, "no intents");
		return;
	}
	table_init(&t, cli, heads);
	for (size_t i = 0; i < r->intents.count; i++) {
		const struct intent *x = &r->intents.items[i];
		const char *cells[] = {x->id,
				       x->status,
				       x->agent_id,
				       x->feature_name,
				       x->scope,
				       claimed_objects(cli, x),
				       render_time(cli, x->lease_expires_at)};
		table_add(&t, style_of(x->status), cells);
	}
	table_print(&t);
	if (r->total > (int64_t)r->intents.count)
		cli_note(cli, "%zu of %lld", r->intents.count, (long long)r->total);
}

void
render_conflicted(struct cli *cli, const struct conflicted_list *r)
{
	if (cli->json)
		return;
	if (r->conflicted_intents.count == 0)
		cli_say(cli, "no intent is conflicted");
	for (size_t i = 0; i < r->conflicted_intents.count; i++) {
		const struct conflicted_intent *x = &r->conflicted_intents.items[i];
		if (i > 0)
			cli_say(cli, "%s", "");
		render_intent(cli, x->intent);
		render_conflicts(cli, x->conflicts.items, x->conflicts.count);
	}
}

void
render_claims(struct cli *cli, const struct claim_list *r)
{
	static const char *const heads[] = {"object", "mode",  "held by", "feature",
					    "scope",  "since", "until",	  NULL};
	static const char *const waiting[] = {"waits", "feature", "since", "for", NULL};
	struct table t, w;

	if (cli->json)
		return;
	if (r->claims.count == 0)
		cli_say(cli, "nothing is claimed");
	table_init(&t, cli, heads);
	for (size_t i = 0; i < r->claims.count; i++) {
		const struct held_claim *k = &r->claims.items[i];
		const char *cells[] = {k->object,
				       k->mode,
				       k->agent_id,
				       k->feature_name,
				       k->scope,
				       render_time(cli, k->since),
				       render_time(cli, k->expires_at)};
		table_add(&t, STYLE_PLAIN, cells);
	}
	if (r->claims.count > 0)
		table_print(&t);
	if (r->waiting.count == 0)
		return;
	cli_say(cli, "%s", "");
	table_init(&w, cli, waiting);
	for (size_t i = 0; i < r->waiting.count; i++) {
		const struct claim_waiter *k = &r->waiting.items[i];
		const char *for_whom = "";
		for (size_t n = 0; n < k->waits_for.count; n++)
			for_whom = arena_printf(&cli->arena, "%s%s%s", for_whom, n > 0 ? ", " : "",
						k->waits_for.items[n]);
		const char *cells[] = {k->agent_id, k->feature_name, render_time(cli, k->since),
				       for_whom};
		table_add(&w, STYLE_YELLOW, cells);
	}
	table_print(&w);
}

void
render_event_line(struct cli *cli, const struct intent_event *e)
{
	const char *objects = "";

	for (size_t i = 0; i < e->objects.count; i++)
		objects = arena_printf(&cli->arena, "%s%s%s", objects, i > 0 ? ", " : ": ",
				       e->objects.items[i]);
	cli_say(cli, "%6lld  %s  %-16s %s  %s%s%s%s%s", (long long)e->seq,
		render_time(cli, e->time), e->kind, cli_safe(cli, e->intent),
		e->agent != NULL ? cli_safe(cli, e->agent) : "",
		e->to != NULL ? arena_printf(&cli->arena, " -> %s", e->to) : "",
		e->reason != NULL ? arena_printf(&cli->arena, " (%s)", cli_safe(cli, e->reason))
				  : "",
		e->others.count > 0
			? arena_printf(&cli->arena, " with %s", cli_safe(cli, e->others.items[0]))
			: "",
		cli_safe(cli, objects));
}

void
render_events(struct cli *cli, const struct intent_events *r)
{
	for (size_t i = 0; i < r->events.count; i++)
		render_event_line(cli, &r->events.items[i]);
}
