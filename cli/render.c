/* Which record is drawn by what, and the pieces that several drawings share. */
#include "cli/render.h"

#include "shared/base/banned.h"

/* clang-format off */
#define DRAWINGS(D) \
	D(status_result, render_status) \
	D(current_result, render_current) \
	D(up_result, render_up) \
	D(down_result, render_down) \
	D(down_to_result, render_down_to) \
	D(baseline_result, render_baseline) \
	D(preflight_result, render_preflight) \
	D(verify_result, render_verify) \
	D(checksum_result, render_checksums) \
	D(job_list, render_job_list) \
	D(job_shown, render_job_shown) \
	D(job_info, render_job_info) \
	D(audit_log, render_audit_log) \
	D(audit_report, render_audit_report)
/* clang-format on */

#define DRAWING_FN(rec, fn)                                                                        \
	static void draw_##rec(struct cli *cli, const void *ptr)                                   \
	{                                                                                          \
		fn(cli, ptr);                                                                      \
	}
DRAWINGS(DRAWING_FN)

#define DRAWING_ROW(rec, fn) {&record_##rec, draw_##rec},
static const struct {
	const struct record *of;
	void (*draw)(struct cli *cli, const void *ptr);
} drawings[] = {DRAWINGS(DRAWING_ROW)};

void
render_result(struct cli *cli, const struct any *result)
{
	for (size_t i = 0; result->ptr != NULL && i < ARRAY_LEN(drawings); i++) {
		if (drawings[i].of == result->of)
			drawings[i].draw(cli, result->ptr);
	}
}

void
render_hints(struct cli *cli, const struct hint *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cli_note(cli, "%shint:%s %s", cli_style(cli, cli->err, STYLE_CYAN),
			 cli_style(cli, cli->err, STYLE_PLAIN), cli_safe(cli, items[i].message));
}

const char *
render_duration(struct cli *cli, double ms)
{
	if (ms < 10000)
		return arena_printf(&cli->arena, "%.0f ms", ms);
	if (ms < 60000)
		return arena_printf(&cli->arena, "%.1f s", ms / 1000);
	return arena_printf(&cli->arena, "%d min %d s", (int)(ms / 60000), (int)(ms / 1000) % 60);
}

static void
render_planned(struct cli *cli, const struct planned_migration *m)
{
	const char *measured = m->duration_ms == INT_NULL
				       ? ""
				       : arena_printf(&cli->arena, ", ran in %s",
						      render_duration(cli, (double)m->duration_ms));

	cli_say(cli, "   %s %s (%zu statement(s)%s%s)", cli_safe(cli, m->version),
		cli_safe(cli, m->name), m->statements.count,
		m->transactional ? ", one transaction" : ", outside transactions", measured);
	for (size_t i = 0; i < m->statements.count; i++) {
		const struct planned_statement *s = &m->statements.items[i];
		cli_say(cli, "      %s%s:%lld%s  %s%s", cli_style(cli, cli->out, STYLE_DIM),
			cli_safe(cli, m->file), (long long)s->line,
			cli_style(cli, cli->out, STYLE_PLAIN), cli_safe(cli, s->kind),
			s->transactional ? "" : "  (cannot run in a transaction)");
	}
}

void
render_plan(struct cli *cli, const struct planned_migration *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		render_planned(cli, &items[i]);
}
