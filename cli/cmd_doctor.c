/*
 * confiture doctor: looks at everything a command needs, in the order in which it is needed, and
 * says what it saw. It changes nothing, and it goes on after a failure: the next thing may be wrong
 * too.
 */
#include <string.h>

#include "cli/cmds.h"
#include "cli/doctor.h"
#include "cli/remote.h"
#include "cli/safe.h"
#include "cli/session.h"
#include "shared/pg/connection.h"

#include "shared/base/banned.h"

static struct doctor_check *
add(struct doctor *d, const char *name, const char *target, const char *status)
{
	struct doctor_result *r = &d->result;

	r->checks.items = arena_grow(&d->cli->arena, r->checks.items, r->checks.count, &d->cap,
				     sizeof(*r->checks.items));
	struct doctor_check *c = &r->checks.items[r->checks.count++];
	*c = (struct doctor_check){.name = name, .target = target, .status = status};
	r->warnings += status[0] == 'w';
	r->failures += status[0] == 'f';
	if (status[0] == 'f')
		d->exit_code = exit_code_worst(d->exit_code, 1);
	return c;
}

void
doctor_note(struct doctor *d, const char *name, const char *target, const char *status,
	    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, name, target, status)->message = arena_vprintf(&d->cli->arena, fmt, ap);
	va_end(ap);
}

void
doctor_error(struct doctor *d, const char *name, const char *target, const char *status,
	     const struct error *err)
{
	struct doctor_check *c = add(d, name, target, status);
	struct issue issue;

	if (status[0] == 'f')
		d->exit_code = exit_code_worst(d->exit_code, err->code->exit_code);
	error_to_issue(&d->cli->arena, err, &issue);
	c->code = issue.code;
	c->message = err->cause[0] == '\0'
			     ? issue.message
			     : arena_printf(&d->cli->arena, "%s: %s", issue.message, err->cause);
	if (issue.details != NULL) {
		c->remediation.items = issue.details->remediation.items;
		c->remediation.count = issue.details->remediation.count;
	}
}

static void
draw(struct cli *cli, const struct doctor_check *c)
{
	enum style style = c->status[0] == 'o'	 ? STYLE_GREEN
			   : c->status[0] == 'w' ? STYLE_YELLOW
						 : STYLE_RED;

	/* The server's own words may have several lines. */
	const char *message = safe_lines(&cli->arena, c->message), *rest = strchr(message, '\n');
	int first = (int)strcspn(message, "\n");
	cli_say(cli, "%s%-4s%s  %-12s %s%s%.*s%s%s%s", cli_style(cli, cli->out, style), c->status,
		cli_style(cli, cli->out, STYLE_PLAIN), c->name,
		c->target ? cli_safe(cli, c->target) : "", c->target ? ": " : "", first, message,
		c->code ? " [" : "", c->code ? c->code : "", c->code ? "]" : "");
	while (rest != NULL && rest[1] != '\0') {
		const char *line = rest + 1 + strspn(rest + 1, " ");
		cli_say(cli, "%20s%.*s", "", (int)strcspn(line, "\n"), line);
		rest = strchr(line, '\n');
	}
	for (size_t i = 0; i < c->remediation.count; i++)
		cli_say(cli, "%20s%s", "", cli_safe(cli, c->remediation.items[i]));
}

static void
look_here(struct doctor *d)
{
	struct connections databases;

	doctor_settings(d, &databases);
	doctor_journal(d);
	for (size_t i = 0; i < databases.count; i++)
		doctor_target(d, &databases.items[i]);
}

static void
look_elsewhere(struct doctor *d)
{
	struct connections databases;

	if (!doctor_coordinator(d))
		return;
	doctor_settings(d, &databases);
	for (size_t i = 0; i < databases.count; i++)
		doctor_remote_target(d, &databases.items[i]);
}

int
cmd_doctor(struct cli *cli, const struct args *args)
{
	struct doctor d = {.cli = cli, .args = args};
	int libpq = pg_library_version_num();

	session_set_limits(cli_session(cli), NULL,
			   args_given(args, "timeout") ? args_int(args, "timeout") : 0);
	doctor_note(&d, "version", NULL, "ok", "confiture " CONFITURE_VERSION ", libpq %d.%d",
		    libpq / 10000, libpq % 10000);
	doctor_files(&d);
	if (session_remote(cli_session(cli)) != NULL)
		look_elsewhere(&d);
	else
		look_here(&d);
	d.result.ok = d.result.failures == 0;
	cli_document(cli, &record_doctor_result, &d.result);
	for (size_t i = 0; !cli->json && i < d.result.checks.count; i++)
		draw(cli, &d.result.checks.items[i]);
	return d.exit_code;
}
