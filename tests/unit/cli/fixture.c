/* What the tests of the command line share: a program in a folder of its own, and a coordinator
 * whose answers are written down beforehand. */
#include "tests/unit/cli/fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/session.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

void
fixture_begin(struct fixture *f)
{
	static const char *const variables[] = {"CONFITURE_DATABASE_URL",
						"DATABASE_URL",
						"CONFITURE_AGENT_ID",
						"PGHOST",
						"PGPORT",
						"PGDATABASE",
						"PGSERVICE",
						"XDG_STATE_HOME",
						"XDG_CONFIG_HOME",
						"CONFITURE_COORDINATOR",
						"CONFITURE_TOKEN",
						"CONFITURE_TOKEN_FILE"};

	*f = (struct fixture){.folder = "/tmp/cli-test-XXXXXX"};
	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		unsetenv(variables[i]);
	REQUIRE(mkdtemp(f->folder) != NULL);
	REQUIRE(chdir(f->folder) == 0);
	f->cli.rt = runtime_system();
	arena_init(&f->cli.arena);
	f->cli.out = open_memstream(&f->out, &f->out_len);
	f->cli.err = open_memstream(&f->err, &f->err_len);
	f->cli.command_line = "confiture test";
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void
fixture_end(struct fixture *f)
{
	cli_session_close(&f->cli);
	fclose(f->cli.out);
	fclose(f->cli.err);
	free(f->out);
	free(f->err);
	arena_fini(&f->cli.arena);
	REQUIRE(chdir("/") == 0);
	CHECK(nftw(f->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

const char *
fixture_out(struct fixture *f)
{
	fflush(f->cli.out);
	return f->out;
}

const char *
fixture_err(struct fixture *f)
{
	fflush(f->cli.err);
	return f->err;
}

void
fixture_file(const char *path, const char *text)
{
	char folder[256];

	snprintf(folder, sizeof(folder), "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(folder, 0755);
		*slash = '/';
	}
	FILE *file = fopen(path, "we");
	REQUIRE(file != NULL);
	fputs(text, file);
	fclose(file);
}

void
fixture_args(struct fixture *f, const char *line, struct args *out)
{
	struct arena *arena = &f->cli.arena;
	char **argv = arena_array(arena, strlen(line) + 3, sizeof(*argv));
	char *rest = arena_str(arena, line);
	struct error err = {0};
	int argc = 0;

	argv[argc++] = arena_str(arena, "confiture");
	while (rest != NULL) {
		argv[argc++] = rest;
		rest = strchr(rest, ' ');
		if (rest != NULL)
			*rest++ = '\0';
	}
	if (!args_parse(arena, argc, argv, out, &err))
		CHECK_STR(err.message, "");
	REQUIRE(err.code == NULL);
}

/* ---- a coordinator of prepared answers ---- */

static void
remember(struct script *s, enum message_kind kind, const void *request)
{
	if (kind == MESSAGE_job_watch && s->watched_count < ARRAY_LEN(s->watched))
		s->watched[s->watched_count++] = *(const struct job_watch *)request;
	if (kind == MESSAGE_job_submit && s->submitted_count < ARRAY_LEN(s->submitted)) {
		s->submitted[s->submitted_count] = *(const struct job_submit *)request;
		s->specs[s->submitted_count] = *s->submitted[s->submitted_count].spec;
		s->submitted_count++;
	}
}

static bool
script_call(struct net_client *c, enum message_kind kind, const void *request, uint64_t deadline_ns,
	    struct arena *arena, void **reply, struct error *err)
{
	struct script *s = (struct script *)c;

	(void)deadline_ns;
	if (kind == MESSAGE_job_cancel) {
		s->cancelled++;
		return error_set(err, E_JOB_002, "too late");
	}
	if (s->pause_ms > 0)
		runtime_system()->ops->sleep_ns(runtime_system(), s->pause_ms * NS_PER_MS);
	const struct script_step *step = &s->steps[s->at];
	if (s->at + 1 < s->count)
		s->at++;
	remember(s, kind, request);
	CHECK_INT(kind, step->kind);
	if (step->reply == NULL)
		return error_set(err, step->refusal, "refused");
	*reply = record_copy(arena, message_type(kind)->reply, step->reply);
	return true;
}

void
script_init(struct script *s, const struct script_step *steps, size_t count)
{
	static const struct net_client_ops ops = {.call = script_call};

	*s = (struct script){.base = {.ops = &ops}, .steps = steps, .count = count};
}

static uint64_t
hurried_ns(struct runtime *rt)
{
	const struct script *s =
		(const struct script *)((const char *)rt - offsetof(struct script, clock));

	return runtime_boot_ns(runtime_system()) * s->hurry;
}

struct runtime *
script_clock(struct script *s)
{
	s->clock_ops = *runtime_system()->ops;
	s->clock_ops.boot_ns = hurried_ns;
	s->clock = (struct runtime){.ops = &s->clock_ops, .boot_id = runtime_system()->boot_id};
	return &s->clock;
}
