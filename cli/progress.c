/*
 * A bar tells that something moves, and what. It appears only after a second, so that quick
 * commands stay quiet, and it is redrawn in place: never a log of progress.
 */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "shared/base/text.h"

#include "shared/base/banned.h"

enum { QUIET_MS = 1000, NARROW = 80, WIDE = 60, BAR_CELLS = 24 };

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

/* "████████░░░░  11/31 " */
static void
put_bar(const struct progress *p, struct text *line)
{
	int64_t done = p->done < 0 ? 0 : p->done;
	size_t full = (size_t)(done * BAR_CELLS / p->total);

	for (size_t i = 0; i < BAR_CELLS; i++)
		text_put(line, i < full ? "█" : "░");
	text_printf(line, " %lld/%lld  ", (long long)done, (long long)p->total);
}

/* Columns a text takes: its characters, for what we print. */
static size_t
columns(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

void
progress_draw(struct progress *p)
{
	uint64_t ms = (runtime_boot_ns(p->cli->rt) - p->started_ns) / NS_PER_MS;
	struct text line;

	if (!p->cli->progress || ms < QUIET_MS)
		return;
	text_init(&line, 1024);
	if (p->total > 0 && terminal_width(p->cli->err) > WIDE)
		put_bar(p, &line);
	text_printf(&line, "%s  %llu s", p->what, (unsigned long long)(ms / 1000));
	/* A line that wraps could not be redrawn in place. */
	size_t width = terminal_width(p->cli->err);
	for (size_t over = columns(line.ptr); over >= width && line.len > 0; over--) {
		do
			line.len--;
		while (line.len > 0 && ((unsigned char)line.ptr[line.len] & 0xc0) == 0x80);
	}
	fprintf(p->cli->err, "\r\033[K%.*s", (int)line.len, line.ptr);
	fflush(p->cli->err);
	text_fini(&line);
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
