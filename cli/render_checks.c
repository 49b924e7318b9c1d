/* preflight, verify and verify-checksums as text. */
#include "cli/render.h"
#include "cli/render_structural.h"

#include <string.h>

#include "shared/base/banned.h"

enum { NAME_WIDTH = 42, DIFF_INDENT = 6 };

static const char *const replay_place[][2] = {
	{"against", "preflight DB"},
	{"clone", "a clone"},
	{"throwaway", "a throwaway server"},
};

static void
end_line(struct cli *cli, bool ok, const char *sentence)
{
	cli_say(cli, "%s%s%s %s", cli_style(cli, cli->out, ok ? STYLE_GREEN : STYLE_RED),
		ok ? "✓" : "✗", cli_style(cli, cli->out, STYLE_PLAIN), sentence);
}

static void
render_replayed(struct cli *cli, const struct preflight_migration *m)
{
	const char *name = arena_printf(&cli->arena, "%s_%s", cli_safe(cli, m->version),
					cli_safe(cli, m->name));
	const char *result = m->status;

	if (strcmp(m->status, "replayed") == 0)
		result = arena_printf(&cli->arena, "applied in %s",
				      render_duration(cli, m->duration_ms));
	if (m->down != NULL)
		result = arena_printf(&cli->arena, "%s, down file %s", result, m->down->state);
	cli_say(cli, "   %-*s  %s", NAME_WIDTH, name, result);
	if (m->diff != NULL)
		render_structural(cli, DIFF_INDENT, m->diff->changes.items, m->diff->changes.count,
				  m->diff->total);
}

static void
render_issue(struct cli *cli, const struct issue *issue)
{
	bool error = strcmp(issue->severity, "error") == 0;
	const char *at = "";

	if (issue->file != NULL && issue->line != INT_NULL)
		at = arena_printf(&cli->arena, "%s:%lld: ", cli_safe(cli, issue->file),
				  (long long)issue->line);
	else if (issue->file != NULL)
		at = arena_printf(&cli->arena, "%s: ", cli_safe(cli, issue->file));
	cli_say(cli, "   %s%-7s%s %s  %s%s",
		cli_style(cli, cli->out, error ? STYLE_RED : STYLE_YELLOW), issue->severity,
		cli_style(cli, cli->out, STYLE_PLAIN), issue->code, at,
		cli_safe(cli, issue->message));
	if (issue->details != NULL && issue->details->cause != NULL)
		cli_say(cli, "           %s", cli_safe(cli, issue->details->cause));
}

static void
render_dependent(struct cli *cli, const struct dependent *d)
{
	const char *uses = "";

	for (size_t i = 0; i < d->referenced_columns.count; i++)
		uses = arena_printf(&cli->arena, "%s%s%s", uses, i > 0 ? ", " : " uses ",
				    cli_safe(cli, d->referenced_columns.items[i]));
	cli_say(cli, "           %s %s%s%s%s", cli_safe(cli, d->kind),
		d->schema ? cli_safe(cli, d->schema) : "", d->schema ? "." : "",
		cli_safe(cli, d->name), uses);
}

static void
render_dependents(struct cli *cli, const struct dependent_analysis *a)
{
	if (a == NULL)
		return;
	cli_say(cli, "▸ Checking what depends on replaced and dropped objects");
	if (a->skip_reason != NULL)
		cli_say(cli, "   skipped: %s", cli_safe(cli, a->skip_reason));
	else if (a->entries.count == 0)
		cli_say(cli, "   nothing");
	for (size_t i = 0; i < a->entries.count; i++) {
		const struct dependent_entry *e = &a->entries.items[i];
		bool error = strcmp(e->severity, "error") == 0;
		cli_say(cli, "   %s%-7s%s %s:%lld: %s %s",
			cli_style(cli, cli->out, error ? STYLE_RED : STYLE_YELLOW), e->severity,
			cli_style(cli, cli->out, STYLE_PLAIN), cli_safe(cli, e->source_file),
			(long long)e->source_line, e->kind, cli_safe(cli, e->qualified));
		for (size_t d = 0; d < e->dependents.count; d++)
			render_dependent(cli, &e->dependents.items[d]);
	}
}

static void
render_end(struct cli *cli, const struct preflight_result *r, bool replays)
{
	const struct dependent_analysis *a = r->dependent_analysis;
	const char *text = arena_printf(
		&cli->arena,
		"Preflight failed: %lld error(s), %lld warning(s) in %lld migration(s).",
		(long long)r->summary->errors, (long long)r->summary->warnings,
		(long long)r->summary->migrations_checked);

	if (r->ok)
		text = replays ? "Preflight passed. Safe to deploy."
			       : "The files are sound; nothing was replayed.";
	else if (r->summary->errors == 0 && a != NULL && a->has_blocking)
		text = arena_printf(&cli->arena, "Preflight failed: %zu object(s) have dependents.",
				    a->entries.count);
	end_line(cli, r->ok, text);
	if (!replays)
		cli_note(cli, "replay them with --against URL, --clone or --throwaway");
}

void
render_preflight(struct cli *cli, const struct preflight_result *r)
{
	bool replays = strcmp(r->mode, "static") != 0;

	if (replays) {
		const char *place = r->mode;
		for (size_t i = 0; i < ARRAY_LEN(replay_place); i++) {
			if (strcmp(replay_place[i][0], r->mode) == 0)
				place = replay_place[i][1];
		}
		cli_say(cli, "▸ Replaying pending migrations on %s", place);
		for (size_t i = 0; i < r->migrations.count; i++)
			render_replayed(cli, &r->migrations.items[i]);
		if (r->migrations.count == 0)
			cli_say(cli, "   nothing is pending");
		if (r->structural_diff != NULL && r->migrations.count > 1)
			cli_say(cli, "   %lld change(s) of the structure in all",
				(long long)r->structural_diff->total);
	}
	render_schema_drift(cli, r->drift_vs_schema);
	if (r->issues.count > 0)
		cli_say(cli, "▸ Findings");
	for (size_t i = 0; i < r->issues.count; i++)
		render_issue(cli, &r->issues.items[i]);
	render_dependents(cli, r->dependent_analysis);
	render_end(cli, r, replays);
}

void
render_verify(struct cli *cli, const struct verify_result *r)
{
	for (size_t i = 0; i < r->results.count; i++) {
		const struct verify_row *row = &r->results.items[i];
		bool failed = strcmp(row->status, "failed") == 0;
		const char *why = "";
		if (strcmp(row->status, "no_file") == 0)
			continue;
		if (row->error != NULL)
			why = arena_printf(&cli->arena, ": %s", cli_safe(cli, row->error));
		else if (failed)
			why = arena_printf(&cli->arena, ": the answer was %s",
					   row->actual_value ? cli_safe(cli, row->actual_value)
							     : "null");
		cli_say(cli, "   %s %s %s(%s)%s%s", cli_safe(cli, row->version),
			cli_safe(cli, row->name),
			cli_style(cli, cli->out, failed ? STYLE_RED : STYLE_GREEN), row->status,
			cli_style(cli, cli->out, STYLE_PLAIN), why);
	}
	if (!r->ledger_present)
		cli_say(cli, "There is no tracking table: nothing to verify.");
	else
		end_line(cli, r->failed_count == 0,
			 arena_printf(&cli->arena,
				      "%lld verified, %lld failed, %lld without a file",
				      (long long)r->verified_count, (long long)r->failed_count,
				      (long long)r->skipped_count));
}

void
render_checksums(struct cli *cli, const struct checksum_result *r)
{
	for (size_t i = 0; i < r->issues.count; i++)
		render_issue(cli, &r->issues.items[i]);
	if (!r->ledger_present)
		cli_say(cli, "There is no tracking table: nothing to compare.");
	else if (r->fixed != INT_NULL)
		end_line(cli, r->ok,
			 arena_printf(&cli->arena, "%lld checksum(s) recorded anew",
				      (long long)r->fixed));
	else
		end_line(cli, r->ok,
			 arena_printf(
				 &cli->arena, "%lld compared, %lld changed, %lld without a file",
				 (long long)r->summary->checked, (long long)r->summary->mismatched,
				 (long long)r->summary->skipped));
}
