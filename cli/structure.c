/*
 * What a word names, and in which order things are read: what cannot be right is refused before
 * anything is opened, and files are loaded last, into a server at least as new as the others.
 */
#include "cli/structure.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/connection.h"
#include "cli/connection_remote.h"
#include "cli/session.h"
#include "shared/snapshot/structure_owners.h"
#include "shared/config/config.h"
#include "worker/ddl/place.h"

#include "shared/base/banned.h"

void
structures_open(struct structures *s, struct cli *cli, const struct args *args)
{
	*s = (struct structures){
		.cli = cli,
		.pool = schema_pool_new(),
		.scratch_url = args_text(args, "scratch-url"),
		.cached = !args_flag(args, "no-cache"),
	};
}

void
structures_close(struct structures *s)
{
	structures_close_databases(s);
	ddl_place_close(s->place);
	schema_pool_free(s->pool);
	*s = (struct structures){0};
}

/* ---- what the word means ---- */

static bool
ends_with(const char *word, const char *end)
{
	size_t n = strlen(word), m = strlen(end);

	return n > m && strcmp(word + n - m, end) == 0;
}

/* "production", and "production/eu" too. */
static bool
is_environment(struct cli *cli, const char *word)
{
	size_t len = strcspn(word, "/");
	const char *file = arena_printf(&cli->arena, "db/environments/%.*s.yaml", (int)len, word);

	return len > 0 && word[0] != '.' && access(file, F_OK) == 0;
}

static bool
missing(struct structure_source *source, struct error *err)
{
	error_set(err, E_SCHEMA_201, "there is no file or folder %s", source->word);
	error_hint(err, "ls -ld %s", source->word);
	return false;
}

/* No file, no path, no URL: can only mean an environment. Says which there are; a coordinator's
 * have no file here, and what is said of them comes later. */
static bool
no_file(struct structures *s, struct structure_source *source, bool *environment, struct error *err)
{
	struct connections none;

	if (strpbrk(source->word, "/.") != NULL)
		return missing(source, err);
	*environment = true;
	return session_remote(cli_session(s->cli)) != NULL ||
	       connections_of_environment(s->cli, source->word, &none, err);
}

/* Also what is none and may hold a password: it is shown nowhere. */
static bool
looks_like_url(const char *word)
{
	return strstr(word, "://") != NULL || strpbrk(word, "=@") != NULL;
}

static bool
judge(struct structures *s, struct structure_source *source, bool *environment, struct error *err)
{
	const char *word = source->word;
	struct stat st;
	bool there;

	*environment = false;
	source->from = STRUCTURE_DATABASE;
	if (source->target != NULL)
		return true;
	there = stat(word, &st) == 0;
	if (!there && looks_like_url(word))
		return session_remote(cli_session(s->cli)) != NULL
			       ? connection_url_refused(s->cli, "it", err)
			       : config_url_valid(secret_of(word), err);
	source->shown = word;
	if (ends_with(word, ".json"))
		source->from = STRUCTURE_SNAPSHOT;
	else if (ends_with(word, ".sql"))
		source->from = STRUCTURE_FILES;
	else if (is_environment(s->cli, word))
		*environment = true;
	else if (there && S_ISDIR(st.st_mode))
		source->from = STRUCTURE_FILES;
	else if (there)
		return error_set(err, E_USAGE_001,
				 "%s is neither a snapshot (*.json) nor an SQL file (*.sql)", word);
	else
		return no_file(s, source, environment, err);
	return there || *environment || missing(source, err);
}

/* ---- reading ---- */

static bool
read_one(struct structures *s, struct structure_source *source, bool environment, struct error *err)
{
	switch (source->from) {
	case STRUCTURE_SNAPSHOT:
		return structure_of_snapshot(s, source, err);
	case STRUCTURE_FILES:
		return structure_of_files(s, source, err);
	case STRUCTURE_DATABASE:
		break;
	}
	if (source->target != NULL)
		return structure_of_target(s, source, err);
	return environment ? structure_of_environment(s, source, err)
			   : structure_of_url(s, source, err);
}

static void
match_owners(struct structures *s, struct structure_source *a, const struct structure_source *b)
{
	if (a->from == STRUCTURE_FILES && b->from != STRUCTURE_FILES)
		structure_take_owners(s->pool, a->model, a->role, b->model, b->role);
}

bool
structures_read(struct structures *s, struct structure_source *sources, size_t count,
		struct error *err)
{
	bool *environment = arena_array(&s->cli->arena, count + 1, sizeof(*environment));
	bool ok = true;

	for (size_t i = 0; i < count; i++)
		if (!judge(s, &sources[i], &environment[i], err))
			return error_wrap(err, "%s", sources[i].option);
	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; ok && i < count; i++)
			if ((sources[i].from == STRUCTURE_FILES) == (pass == 1))
				ok = read_one(s, &sources[i], environment[i], err);
		ok = ok && structures_read_databases(s, err);
	}
	for (size_t i = 0; ok && i + 1 < count; i++) {
		match_owners(s, &sources[i], &sources[i + 1]);
		match_owners(s, &sources[i + 1], &sources[i]);
	}
	return ok;
}
