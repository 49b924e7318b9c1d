/*
 * up, down, down-to and baseline as text. Each finished migration was a line already while it ran
 * (live.c); here come the dry runs and the last line.
 */
#include "cli/render.h"
#include "cli/render_structural.h"

#include <string.h>

#include "shared/base/banned.h"

static void
tick(struct cli *cli, const char *sentence)
{
	cli_say(cli, "%s✓%s %s", cli_style(cli, cli->out, STYLE_GREEN),
		cli_style(cli, cli->out, STYLE_PLAIN), sentence);
}

static void
cross(struct cli *cli, const char *sentence)
{
	cli_say(cli, "%s✗%s %s", cli_style(cli, cli->out, STYLE_RED),
		cli_style(cli, cli->out, STYLE_PLAIN), sentence);
}

static const char *
join(struct cli *cli, const char *const *items, size_t count)
{
	struct text t;

	text_init(&t, 65536);
	for (size_t i = 0; i < count; i++) {
		text_put(&t, i > 0 ? ", " : "");
		text_put(&t, cli_safe(cli, items[i]));
	}
	const char *joined = arena_str(&cli->arena, t.ptr);
	text_fini(&t);
	return joined;
}

static void
render_dry_up(struct cli *cli, const struct up_result *r)
{
	const char *doing = r->dry_run_execute ? "Ran, and rolled back" : "Would apply";

	if (r->migrations.count == 0) {
		tick(cli, "Nothing is pending.");
		return;
	}
	cli_say(cli, "%s %zu migration(s):", doing, r->migrations.count);
	render_plan(cli, r->migrations.items, r->migrations.count);
	cli_say(cli, "Nothing was changed.");
}

void
render_up(struct cli *cli, const struct up_result *r)
{
	render_hints(cli, r->hints.items, r->hints.count);
	if (r->success && (r->dry_run || r->dry_run_execute)) {
		render_dry_up(cli, r);
		return;
	}
	if (r->structural_diff != NULL) {
		cli_say(cli, "What changed in the structure:%s",
			r->structural_diff->has_changes ? "" : " nothing");
		render_structural(cli, 3, r->structural_diff->changes.items,
				  r->structural_diff->changes.count, r->structural_diff->total);
	}
	const char *applied =
		arena_printf(&cli->arena, "Applied %zu migration(s) in %s.", r->applied.count,
			     render_duration(cli, (double)r->total_duration_ms));
	if (r->irreversible_versions.count > 0)
		cross(cli, arena_printf(&cli->arena, "Without a .down.sql: %s",
					join(cli, r->irreversible_versions.items,
					     r->irreversible_versions.count)));
	if (!r->success)
		cross(cli, arena_printf(&cli->arena, "%s Still pending: %zu.", applied,
					r->pending.count));
	else if (r->applied.count == 0)
		tick(cli, r->pending.count == 0 ? "Nothing is pending."
						: "Nothing to apply up to there.");
	else
		tick(cli, applied);
}

static void
render_dry_down(struct cli *cli, const struct planned_migration *items, size_t count)
{
	if (count == 0) {
		tick(cli, "Nothing to roll back.");
		return;
	}
	cli_say(cli, "Would roll back %zu migration(s):", count);
	render_plan(cli, items, count);
	cli_say(cli, "Nothing was changed.");
}

void
render_down(struct cli *cli, const struct down_result *r)
{
	render_hints(cli, r->hints.items, r->hints.count);
	if (r->success && r->dry_run) {
		render_dry_down(cli, r->migrations.items, r->migrations.count);
		return;
	}
	const char *done = arena_printf(&cli->arena, "Rolled back %zu migration(s) in %s.",
					r->rolled_back.count,
					render_duration(cli, (double)r->total_duration_ms));
	if (!r->success)
		cross(cli, done);
	else if (r->rolled_back.count == 0)
		tick(cli, "Nothing to roll back.");
	else
		tick(cli, done);
}

void
render_down_to(struct cli *cli, const struct down_to_result *r)
{
	render_hints(cli, r->hints.items, r->hints.count);
	if (r->errors.count == 0 && r->dry_run) {
		render_dry_down(cli, r->migrations.items, r->migrations.count);
		return;
	}
	const char *done = arena_printf(
		&cli->arena, "Rolled back %zu migration(s), from %s to %s.", r->rolled_back.count,
		cli_safe(cli, r->from ? r->from : "-"), cli_safe(cli, r->to));
	if (r->errors.count > 0)
		cross(cli, done);
	else if (r->rolled_back.count == 0)
		tick(cli, arena_printf(&cli->arena, "Already at %s.", cli_safe(cli, r->to)));
	else
		tick(cli, done);
}

static const struct {
	const char *status, *words;
} baseline_words[] = {
	{"marked", "marked as applied"},
	{"already_applied", "already applied"},
	{"source_only", "no file here, left out"},
	{"beyond_through", "beyond --through, left out"},
};

void
render_baseline(struct cli *cli, const struct baseline_result *r)
{
	for (size_t i = 0; i < r->migrations.count; i++) {
		const struct baseline_row *row = &r->migrations.items[i];
		const char *words = row->status;
		for (size_t w = 0; w < ARRAY_LEN(baseline_words); w++) {
			if (strcmp(baseline_words[w].status, row->status) == 0)
				words = baseline_words[w].words;
		}
		cli_say(cli, "   %s %s (%s%s)", cli_safe(cli, row->version),
			cli_safe(cli, row->name),
			r->dry_run && strcmp(row->status, "marked") == 0 ? "would be " : "", words);
	}
	for (size_t i = 0; i < r->warnings.count; i++)
		cli_warn(cli, "%s", cli_safe(cli, r->warnings.items[i]));
	cli_say(cli, "%s %lld migration(s) as applied, skipped %lld already applied",
		r->dry_run ? "Would mark" : "Marked", (long long)r->marked, (long long)r->skipped);
}
