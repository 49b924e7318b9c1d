/*
 * The same project through a fleet: its environments' files become the worker's settings, so that a
 * test which writes such a file and runs confiture works in both modes without a word about it.
 */
#include "tests/support/project_fleet.h"

#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/fleet.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

void
project_fleet_open(struct project *p)
{
	p->fleet = calloc(1, sizeof(*p->fleet));
	REQUIRE(p->fleet != NULL);
	fleet_open(p->fleet, NULL);
}

void
project_fleet_close(struct project *p)
{
	fleet_close(p->fleet);
	free(p->fleet);
	free(p->served);
	p->fleet = NULL;
	p->served = NULL;
}

/* ---- environments' files as targets of a worker ---- */

struct served {
	char environments[512]; /* "fleet,local" */
	char targets[12000];
};

static void append(char *to, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void
append(char *to, size_t size, const char *fmt, ...)
{
	size_t at = strlen(to);
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(to + at, size - at, fmt, ap);
	va_end(ap);
	REQUIRE(n >= 0 && (size_t)n < size - at);
}

/* The value of `key` in a line, without quotes; false when the line has none. */
static bool
value_of(const char *line, const char *key, char out[512])
{
	const char *at = strstr(line, key);

	if (at == NULL)
		return false;
	at += strlen(key);
	at += strspn(at, " \"'");
	snprintf(out, 512, "%.*s", (int)strcspn(at, " \"'}\r\n"), at);
	return out[0] != '\0';
}

/* One environment's file, as the tests write them: a URL, or `targets:` with one in each. */
struct reading {
	const char *folder, *environment;
	char target[128]; /* whose lines are read: the environment's, or <environment>/<name> */
	bool in_targets;
	char table[512];
	bool served;
};

static void
read_line(struct reading *r, struct served *s, const char *line)
{
	size_t indent = strspn(line, " ");
	char value[512];

	if (line[indent] == '#')
		return;
	if (indent == 0)
		r->in_targets = strncmp(line, "targets:", 8) == 0;
	if (indent == 2 && r->in_targets)
		snprintf(r->target, sizeof(r->target), "%s/%.*s", r->environment,
			 (int)strcspn(line + 2, ":"), line + 2);
	if (value_of(line, "database_url:", value) && strncmp(value, "postgres", 8) == 0) {
		append(s->targets, sizeof(s->targets), "  %s:\n    database_url: \"%s\"\n",
		       r->target, value);
		r->served = true;
	}
	if (value_of(line, "password_file:", value))
		append(s->targets, sizeof(s->targets), "    password_file: \"%s/%s\"\n", r->folder,
		       value);
	if (value_of(line, "tracking_table:", value))
		snprintf(r->table, sizeof(r->table), "%s", value);
}

static void
serve_environment(struct served *s, const char *folder, const char *path, const char *name)
{
	struct reading r = {.folder = folder, .environment = name};
	char line[1024];
	FILE *file = fopen(path, "r");

	REQUIRE(file != NULL);
	snprintf(r.target, sizeof(r.target), "%s", name);
	while (fgets(line, sizeof(line), file) != NULL)
		read_line(&r, s, line);
	fclose(file);
	if (r.served && r.table[0] != '\0')
		append(s->targets, sizeof(s->targets), "    tracking_table: \"%s\"\n", r.table);
	if (r.served)
		append(s->environments, sizeof(s->environments), "%s%s",
		       s->environments[0] != '\0' ? "," : "", name);
}

static int
is_yaml(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 5 && e->d_name[0] != '.' && strcmp(e->d_name + len - 5, ".yaml") == 0;
}

static void
serve_folder(struct served *s, struct project *p)
{
	struct dirent **entries;
	int count = scandir(project_path(p, "db/environments"), &entries, is_yaml, alphasort);

	for (int i = 0; i < count; i++) {
		char path[300], name[256];
		snprintf(path, sizeof(path), "db/environments/%s", entries[i]->d_name);
		snprintf(name, sizeof(name), "%.*s", (int)strlen(entries[i]->d_name) - 5,
			 entries[i]->d_name);
		serve_environment(s, project_path(p, "db/environments"), project_path(p, path),
				  name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void
restart_worker(struct project *p, const struct served *s)
{
	struct fleet *f = p->fleet;

	if (f->worker_count > 0) {
		fleet_worker_kill(&f->workers[0], SIGTERM);
		process_free(&f->workers[0].process);
		f->worker_count = 0;
	}
	struct fleet_worker *w = fleet_worker(f, "tests", s->environments, s->targets);
	fleet_worker_start(f, w, NULL);
}

void
project_fleet_follow(struct project *p)
{
	struct served s = {.targets = ""};

	serve_folder(&s, p);
	if (s.targets[0] == '\0' || (p->served != NULL && strcmp(p->served, s.targets) == 0))
		return;
	free(p->served);
	p->served = strdup(s.targets);
	restart_worker(p, &s);
}
