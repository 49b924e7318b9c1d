/*
 * One session per process. It collects what a command registers (databases, where the files lie)
 * and starts the embedded coordinator and worker with the first request, so that commands that need
 * neither never pay for them. The journal's folder is made only when something is going to change:
 * commands that only read leave no trace.
 */
#include "cli/session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/embedded.h"
#include "cli/journal_place.h"
#include "cli/remote.h"
#include "cli/targets.h"
#include "coordinator/coordinator.h"
#include "shared/pg/dsn.h"

#include "shared/base/banned.h"

enum { CALL_WAIT_MS = 30000 };

struct session {
	struct cli *cli;
	struct arena arena;
	struct embedded_target *targets;
	size_t target_count, target_cap;
	const char *migrations_dir;
	const struct bundle_text *schema;
	size_t schema_count;
	uint64_t deadline_ns;
	uint64_t timeout_ms; /* 0 = none */
	const char *idempotency_key;
	struct net_client *client;
	struct remote remote; /* no URLs: embedded */
	const struct hello_reply *hello;
	bool allow_detach, detached;
	struct embedded *embedded; /* NULL with another coordinator */
	struct journal_place place;
};

struct session *
cli_session(struct cli *cli)
{
	if (cli->session != NULL)
		return cli->session;
	struct session *s = arena_new(&cli->arena, struct session);
	*s = (struct session){
		.cli = cli, .migrations_dir = "db/migrations", .deadline_ns = RUNTIME_FOREVER};
	arena_init(&s->arena);
	cli->session = s;
	return s;
}

void
cli_session_close(struct cli *cli)
{
	struct session *s = cli->session;

	if (s == NULL)
		return;
	session_end(s);
	arena_fini(&s->arena);
	cli->session = NULL;
}

void
session_end(struct session *s)
{
	if (s->embedded == NULL)
		return;
	embedded_stop(s->embedded);
	s->embedded = NULL;
	s->client = NULL;
}

static const struct embedded_target *
find_target(const struct session *s, const char *name)
{
	for (size_t i = 0; i < s->target_count; i++) {
		if (strcmp(s->targets[i].name, name) == 0)
			return &s->targets[i];
	}
	return NULL;
}

void
session_add_target(struct session *s, const char *name, struct secret url,
		   const char *tracking_table)
{
	if (find_target(s, name) != NULL)
		return;
	s->targets = arena_grow(&s->arena, s->targets, s->target_count, &s->target_cap,
				sizeof(*s->targets));
	s->targets[s->target_count++] = (struct embedded_target){
		.name = arena_str(&s->arena, name),
		.url = secret_copy(&s->arena, url),
		.tracking_table =
			arena_str(&s->arena, tracking_table ? tracking_table : "tb_confiture"),
		.key = secret_given(url) ? dsn_key(&s->arena, url) : NULL,
	};
}

bool
session_has_target(const struct session *s, const char *name)
{
	return find_target(s, name) != NULL;
}

bool
session_target_spec(const struct session *s, const char *name, struct target_spec *out)
{
	const struct embedded_target *t = find_target(s, name);

	if (t == NULL)
		return false;
	*out = embedded_target_spec(t);
	return true;
}

const char *
session_target_key(struct session *s, const char *name)
{
	const struct embedded_target *t = find_target(s, name);

	return t ? t->key : NULL;
}

void
session_set_bundles(struct session *s, const char *migrations_dir)
{
	s->migrations_dir = arena_str(&s->arena, migrations_dir);
}

void
session_set_schema(struct session *s, const struct bundle_text *files, size_t count)
{
	s->schema = files;
	s->schema_count = count;
}

const char *
session_bundles(const struct session *s)
{
	return s->migrations_dir;
}

void
session_set_limits(struct session *s, const char *idempotency_key, int64_t timeout_ms)
{
	s->idempotency_key = arena_str(&s->arena, idempotency_key);
	s->timeout_ms = timeout_ms > 0 ? (uint64_t)timeout_ms : 0;
	session_next_target(s);
}

void
session_next_target(struct session *s)
{
	if (s->timeout_ms > 0)
		s->deadline_ns = runtime_deadline(s->cli->rt, s->timeout_ms);
}

void
session_use_client(struct session *s, struct net_client *client)
{
	s->client = client;
}

struct net_client *
session_client(struct session *s)
{
	return s->client;
}

struct cli *
session_cli(struct session *s)
{
	return s->cli;
}

uint64_t
session_deadline(const struct session *s)
{
	return s->deadline_ns;
}

const char *
session_idempotency_key(const struct session *s)
{
	return s->idempotency_key;
}

bool
session_choose(struct session *s, const struct args *args, struct error *err)
{
	return remote_choose(s->cli, args, &s->remote, err);
}

const struct remote *
session_remote(const struct session *s)
{
	return s->remote.url_count > 0 ? &s->remote : NULL;
}

const struct hello_reply *
session_hello(const struct session *s)
{
	return s->hello;
}

void
session_stay_here(struct session *s)
{
	if (session_remote(s) == NULL)
		return;
	s->remote = (struct remote){0};
	s->client = NULL;
}

void
session_allow_detach(struct session *s)
{
	s->allow_detach = true;
}

bool
session_may_detach(const struct session *s)
{
	const struct cli *cli = s->cli;

	return s->allow_detach && session_remote(s) != NULL && !cli->json && !cli->no_input &&
	       isatty(STDIN_FILENO) && isatty(fileno(cli->err));
}

void
session_note_detached(struct session *s)
{
	s->detached = true;
}

bool
session_detached(const struct session *s)
{
	return s->detached;
}

static bool
find_place(struct session *s, struct error *err)
{
	char cwd[4096];

	if (s->place.file != NULL)
		return true;
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return error_set(err, E_JRNL_001, "the current folder is gone");
	return journal_place_find(&s->arena, cwd, &s->place, err);
}

const char *
session_journal(struct session *s)
{
	if (!find_place(s, NULL) || access(s->place.file, R_OK) != 0)
		return NULL;
	return s->place.file;
}

bool
session_has_journal(struct session *s)
{
	return session_remote(s) != NULL || session_journal(s) != NULL;
}

bool
session_shared_journal(struct session *s, struct error *err)
{
	if (session_remote(s) != NULL || s->client != NULL)
		return true;
	if (!find_place(s, err))
		return false;
	if (s->place.moved == NULL)
		return true;
	error_set(err, E_JRNL_001,
		  "claims need a journal that everybody on this project shares, and there is none");
	error_cause(err, "%s", s->place.moved);
	error_hint(err, "make that folder writable, or use a coordinator: --coordinator URL");
	return false;
}

bool
session_start(struct session *s, bool changes, struct error *err)
{
	if (s->client != NULL)
		return true;
	if (session_remote(s) != NULL)
		return remote_dial(s->cli, &s->remote, &s->client, &s->hello, err);
	if (changes) {
		if (!find_place(s, err) || !journal_place_make(&s->place, err))
			return false;
		if (s->place.moved != NULL)
			cli_note(s->cli, "%s", s->place.moved);
	}
	struct embedded_config config = {
		.targets = s->targets,
		.target_count = s->target_count,
		.migrations_dir = s->migrations_dir,
		.journal = changes ? s->place.file : NULL,
		.agent = agent_name(s->cli),
		.factory = cli_target_factory(s->cli),
		.loader = schema_loader_postgres(),
		.schema = s->schema,
		.schema_count = s->schema_count,
	};
	s->embedded = embedded_start(s->cli->rt, &config);
	s->client = embedded_client(s->embedded);
	return true;
}

bool
session_call(struct session *s, enum message_kind kind, const void *request, void **reply,
	     struct error *err)
{
	uint64_t deadline = runtime_deadline(s->cli->rt, CALL_WAIT_MS);

	/* Whatever is asked here is about the journal: jobs, audit. */
	if (!session_start(s, true, err))
		return false;
	if (deadline > s->deadline_ns)
		deadline = s->deadline_ns;
	return net_call(s->client, kind, request, deadline, &s->cli->arena, reply, err);
}
