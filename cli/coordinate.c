/*
 * What an agent says about its work becomes a draft here: files are read, statements cut, branch
 * and worktree found. What the statements touch is worked out by the coordinator, not believed from
 * here.
 */
#include "cli/coordinate.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/files.h"
#include "cli/journal_place.h"
#include "cli/registry.h"
#include "cli/safe.h"
#include "cli/session.h"
#include "shared/migration/migration.h"
#include "shared/sql/mask.h"
#include "shared/sql/split.h"

#include "shared/base/banned.h"

enum { FILE_MAX = 1024 * 1024 };

const char *
coordinate_agent(const struct args *args)
{
	const char *agent = args_text(args, "agent-id");

	if (agent != NULL)
		return agent;
	agent = getenv("CONFITURE_AGENT_ID");
	return agent != NULL && agent[0] != '\0' ? agent : NULL;
}

bool
coordinate_ask(struct cli *cli, const struct args *args, bool reads, enum message_kind kind,
	       const void *request, void **reply, struct error *err)
{
	struct session *s = cli_session(cli);

	session_set_limits(s, args_text(args, "idempotency-key"),
			   args_given(args, "timeout") ? args_int(args, "timeout") : 0);
	if (!session_shared_journal(s, err) || !registry_count(cli, args, err))
		return false;
	if (reads && !session_has_journal(s))
		return true;
	return session_call(s, kind, request, reply, err);
}

/* ---- files ---- */
static bool
read_all(int fd, char *into, size_t size, size_t *got)
{
	*got = 0;
	while (*got < size) {
		ssize_t n = read(fd, into + *got, size - *got);
		if (n < 0)
			return false;
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return true;
}

bool
coordinate_file(struct cli *cli, const char *path, const char **out, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t got;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		int why = fd < 0 ? errno : EINVAL;
		if (fd >= 0)
			close(fd);
		return error_errno(err, E_INTENT_006, why, "%s cannot be read", path);
	}
	if (st.st_size > FILE_MAX) {
		close(fd);
		return error_set(err, E_INTENT_006, "%s has %lld bytes; an intent has at most %d",
				 path, (long long)st.st_size, FILE_MAX);
	}
	char *text = arena_alloc(&cli->arena, (size_t)st.st_size + 1);
	bool ok = read_all(fd, text, (size_t)st.st_size, &got);
	close(fd);
	*out = text;
	if (!ok)
		return error_errno(err, E_INTENT_006, errno, "%s cannot be read", path);
	return memchr(text, '\0', got) == NULL ||
	       error_set(err, E_INTENT_006, "%s holds zero bytes: it is no SQL", path);
}

const char *
coordinate_version(struct cli *cli, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct bundle_file file = {.name = slash != NULL ? slash + 1 : path};
	struct bundle_info bundle = {.files = {&file, 1}};
	struct migration_set set;

	migration_set_build(&cli->arena, &bundle, &set);
	return set.count == 1 ? set.items[0].version : NULL;
}

static bool
ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), tail = strlen(end);

	return len > tail && strcmp(s + len - tail, end) == 0;
}

/* ---- statements ---- */
struct text_source {
	struct span left;
};

static bool
source_read(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct text_source *s = self;

	(void)err;
	*got = size < s->left.len ? size : s->left.len;
	memcpy(buf, s->left.ptr, *got);
	s->left = span_of(s->left.ptr + *got, s->left.len - *got);
	return true;
}

/* One by one; what cannot be cut is one piece, which then cannot be judged. */
static void
cut(struct cli *cli, const char *sql, struct intent_draft *out)
{
	struct text_source text = {span_str(sql)};
	struct sql_splitter *s = sql_splitter_new("", (struct sql_source){source_read, &text});
	size_t cap = 0;
	bool end = false, ok;
	struct sql_piece piece;

	while ((ok = sql_splitter_next(s, &piece, &end, NULL)) && !end) {
		out->schema_changes.items =
			arena_grow(&cli->arena, out->schema_changes.items,
				   out->schema_changes.count, &cap, sizeof(char *));
		out->schema_changes.items[out->schema_changes.count++] =
			arena_span(&cli->arena, piece.text);
	}
	sql_splitter_free(s);
	if (ok)
		return;
	out->schema_changes.items = arena_array(&cli->arena, 1, sizeof(char *));
	out->schema_changes.items[0] = sql;
	out->schema_changes.count = 1;
}

/* What stands in the same folder may have been applied already. */
static void
warn_older(struct cli *cli, const char *path, const char *version)
{
	const char *slash = strrchr(path, '/');
	const char *dir = slash != NULL
				  ? arena_span(&cli->arena, span_of(path, (size_t)(slash - path)))
				  : ".";
	struct bundle_info bundle = {0};
	struct migration_set set;

	if (!bundle_scan(&cli->arena, dir, false, &bundle, NULL))
		return;
	migration_set_build(&cli->arena, &bundle, &set);
	if (set.count > 0 && strcmp(set.items[set.count - 1].version, version) > 0)
		cli_warn(cli,
			 "%s is older than %s: where that is applied already, it runs out of order",
			 version, cli_safe(cli, set.items[set.count - 1].file));
}

static bool
take_changes(struct cli *cli, const char *changes, struct intent_draft *out, struct error *err)
{
	const char *text, *version;

	if (!ends_with(changes, ".sql")) {
		if (strlen(changes) > FILE_MAX)
			return error_set(err, E_INTENT_006,
					 "%zu bytes of SQL; an intent has at most %d",
					 strlen(changes), FILE_MAX);
		cut(cli, sql_mask_secrets(&cli->arena, changes), out);
		return true;
	}
	if (!coordinate_file(cli, changes, &text, err))
		return false;
	out->schema_changes.items = arena_array(&cli->arena, 1, sizeof(char *));
	out->schema_changes.items[0] = sql_mask_secrets(&cli->arena, text);
	out->schema_changes.count = 1;
	version = coordinate_version(cli, changes);
	if (version != NULL) {
		warn_older(cli, changes, version);
		out->versions.items = arena_array(&cli->arena, 1, sizeof(char *));
		out->versions.items[0] = version;
		out->versions.count = 1;
	}
	return true;
}

/* ---- the rest ---- */
static bool
take_hours(const char *words, int64_t *ms, struct error *err)
{
	char *end;
	double hours = strtod(words, &end);

	if (*words == '\0' || *end != '\0' || !isfinite(hours) || hours < 0 || hours > 1e6)
		return error_set(err, E_USAGE_001, "--estimated-hours: %s is no number of hours",
				 words);
	*ms = (int64_t)(hours * 3600 * 1000);
	return true;
}

/* Here an environment is a file; a coordinator elsewhere knows its own. */
static bool
take_environment(struct cli *cli, const struct args *args, struct intent_draft *out,
		 struct error *err)
{
	const char *env = args_text(args, "env");

	out->environment = env;
	if (env == NULL || session_remote(cli_session(cli)) != NULL)
		return true;
	if (env[0] != '\0' && env[0] != '.' && strchr(env, '/') == NULL &&
	    file_exists(arena_printf(&cli->arena, "db/environments/%s.yaml", env)))
		return true;
	error_set(err, E_CONFIG_004,
		  "there is no environment %s: db/environments/%s.yaml is not there", env, env);
	return false;
}

static void
take_place(struct cli *cli, const struct args *args, struct intent_draft *out)
{
	struct git_place place;

	git_place_here(&cli->arena, &place);
	out->worktree = place.worktree;
	out->branch = args_text(args, "branch");
	if (out->branch == NULL)
		out->branch = place.branch;
}

static bool
take_metadata(struct cli *cli, const char *metadata, struct intent_draft *out, struct error *err)
{
	struct error why = {0};

	out->metadata = "{}";
	if (metadata == NULL ||
	    record_free_json(&cli->arena, span_str(metadata), &out->metadata, &why))
		return true;
	return error_set(err, E_INTENT_006, "--metadata: %s", why.message);
}

bool
coordinate_draft(struct cli *cli, const struct args *args, struct intent_draft *out,
		 struct error *err)
{
	const char *hours = args_text(args, "estimated-hours");
	const char *const *tables;
	size_t count = args_list(args, "tables-affected", &tables);
	const char *feature = args_text(args, "feature-name");
	const char *risk = args_text(args, "risk-level");

	*out = (struct intent_draft){.agent = coordinate_agent(args),
				     .feature_name = feature != NULL ? feature : "check",
				     .risk_level = risk != NULL ? risk : "low"};
	out->tables_affected.items = arena_bytes(&cli->arena, tables, count * sizeof(*tables));
	out->tables_affected.count = count;
	take_place(cli, args, out);
	return registry_database(cli, args, &out->database, err) &&
	       take_hours(hours != NULL ? hours : "0", &out->estimated_duration_ms, err) &&
	       take_metadata(cli, args_text(args, "metadata"), out, err) &&
	       take_changes(cli, args_text(args, "schema-changes"), out, err) &&
	       take_environment(cli, args, out, err);
}
