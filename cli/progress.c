/*
 * A bar tells that something moves, and what. It appears only after a second, so that quick
 * commands stay quiet, and it is redrawn in place: never a log of progress.
 */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "shared/base/banned.h"

enum { QUIET_MS = 1000, NARROW = 80 };

void
progress_init(struct progress *p, struct cli *cli)
{
	*p = (struct progress){.cli = cli, .done = -1, .total = -1};
	p->started_ns = runtime_boot_ns(cli->rt);
}

static void
set_what(struct progress *p, const char *what)
{
	if (what != NULL)
		snprintf(p->what, sizeof(p->what), "%s", cli_safe(p->cli, what));
}

void
progress_update(struct progress *p, const struct job_event *event)
{
	if (event->done != INT_NULL)
		p->done = event->done;
	if (event->total != INT_NULL)
		p->total = event->total;
	if (strcmp(event->kind, "lock_waiting") == 0)
		set_what(p, "waiting for the migration lock");
	else
		set_what(p, event->file);
}

static size_t
terminal_width(FILE *file)
{
	struct winsize size = {0};

	if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return NARROW;
	return size.ws_col;
}

void
progress_draw(struct progress *p)
{
	uint64_t ms = (runtime_boot_ns(p->cli->rt) - p->started_ns) / NS_PER_MS;
	char line[256];
	int n = 0;

	if (!p->cli->progress || ms < QUIET_MS)
		return;
	if (p->total > 0)
		n = snprintf(line, sizeof(line), "[%*lld/%lld] ", p->total > 99 ? 4 : 2,
			     (long long)(p->done < 0 ? 0 : p->done), (long long)p->total);
	snprintf(line + n, sizeof(line) - (size_t)n, "%s  %llu s", p->what,
		 (unsigned long long)(ms / 1000));
	size_t width = terminal_width(p->cli->err);
	if (strlen(line) >= width)
		line[width - 1] = '\0';
	fprintf(p->cli->err, "\r\033[K%s", line);
	fflush(p->cli->err);
	p->shown = true;
}

void
progress_clear(struct progress *p)
{
	if (!p->shown)
		return;
	fputs("\r\033[K", p->cli->err);
	fflush(p->cli->err);
	p->shown = false;
}
