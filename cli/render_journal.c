/* Jobs and audit events as text. */
#include "cli/render.h"

#include <string.h>

#include "cli/table.h"

#include "shared/base/banned.h"

static const struct {
	const char *state;
	enum style style;
} styles[] = {
	{"succeeded", STYLE_GREEN}, {"failed", STYLE_RED},	  {"unknown", STYLE_RED},
	{"cancelled", STYLE_DIM},   {"cancelling", STYLE_YELLOW}, {"running", STYLE_CYAN},
};

static enum style
style_of(const char *state)
{
	for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
		if (strcmp(styles[i].state, state) == 0)
			return styles[i].style;
	}
	return STYLE_PLAIN;
}

const char *
render_time(struct cli *cli, const char *time)
{
	if (time == NULL || strlen(time) < 19)
		return time;
	return arena_printf(&cli->arena, "%.10s %.8sZ", time, time + 11);
}

void
render_job_list(struct cli *cli, const struct job_list *r)
{
	static const char *const heads[] = {"job",	 "kind", "target", "state",
					    "submitted", "exit", "agent",  NULL};
	struct table t;

	if (r->jobs.count == 0) {
		cli_say(cli, "no jobs");
		return;
	}
	table_init(&t, cli, heads);
	for (size_t i = 0; i < r->jobs.count; i++) {
		const struct job_info *j = &r->jobs.items[i];
		const char *cells[] = {
			j->id,
			j->kind,
			j->target,
			j->state,
			render_time(cli, j->submitted_at),
			j->exit_code == INT_NULL
				? ""
				: arena_printf(&cli->arena, "%lld", (long long)j->exit_code),
			j->agent};
		table_add(&t, style_of(j->state), cells);
	}
	table_print(&t);
	if (r->total > (int64_t)r->jobs.count)
		cli_note(cli, "%zu of %lld; more with --limit", r->jobs.count, (long long)r->total);
}

static void
line(struct cli *cli, const char *label, const char *text)
{
	if (text != NULL)
		cli_say(cli, "  %-10s %s", label, cli_safe(cli, text));
}

void
render_job_info(struct cli *cli, const struct job_info *r)
{
	cli_say(cli, "job %s: %s%s%s", cli_safe(cli, r->id),
		cli_style(cli, cli->out, style_of(r->state)), r->state,
		cli_style(cli, cli->out, STYLE_PLAIN));
	line(cli, "kind", r->kind);
	line(cli, "target", r->target);
	line(cli, "agent", r->agent);
	line(cli, "submitted", render_time(cli, r->submitted_at));
	line(cli, "started", render_time(cli, r->started_at));
	line(cli, "finished", render_time(cli, r->finished_at));
	if (r->attempt > 1)
		line(cli, "attempt", arena_printf(&cli->arena, "%lld", (long long)r->attempt));
	if (r->exit_code != INT_NULL)
		line(cli, "exit code", arena_printf(&cli->arena, "%lld", (long long)r->exit_code));
	line(cli, "note", r->note);
}

void
render_job_shown(struct cli *cli, const struct job_shown *r)
{
	render_job_info(cli, r->info);
	if (r->spec->options != NULL)
		line(cli, "command", r->spec->options->command);
	line(cli, "database", r->spec->target_key);
	if (r->outcome == NULL)
		return;
	if (r->outcome->result.ptr != NULL)
		render_result(cli, &r->outcome->result);
	if (r->outcome->error != NULL)
		line(cli, "error",
		     arena_printf(&cli->arena, "%s [%s]", r->outcome->error->message,
				  r->outcome->error->code));
}

void
render_audit_log(struct cli *cli, const struct audit_log *r)
{
	static const char *const heads[] = {"seq",     "time",	 "actor", "kind",
					    "subject", "detail", NULL};
	struct table t;

	if (r->events.count == 0) {
		cli_say(cli, "no events");
		return;
	}
	table_init(&t, cli, heads);
	for (size_t i = 0; i < r->events.count; i++) {
		const struct audit_event *e = &r->events.items[i];
		const char *cells[] = {arena_printf(&cli->arena, "%lld", (long long)e->seq),
				       render_time(cli, e->time),
				       e->actor,
				       e->kind,
				       e->subject,
				       e->detail};
		table_add(&t, STYLE_PLAIN, cells);
	}
	table_print(&t);
}

void
render_audit_report(struct cli *cli, const struct audit_report *r)
{
	cli_say(cli, "%s%s%s %lld event(s)%s",
		cli_style(cli, cli->out, r->ok ? STYLE_GREEN : STYLE_RED), r->ok ? "✓" : "✗",
		cli_style(cli, cli->out, STYLE_PLAIN), (long long)r->events,
		r->ok ? ", each as it was written" : "");
	if (r->head != NULL)
		line(cli, "head", r->head);
	if (r->first_bad != INT_NULL)
		line(cli, "first bad", arena_printf(&cli->arena, "%lld", (long long)r->first_bad));
	line(cli, "problem", r->problem);
}
