#include "tests/db/pairs/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/process.h"

#include "shared/base/banned.h"

static const char *const databases[] = {"pair_a", "pair_b"};

/* A database with a subscription cannot be dropped; nobody answers at its other end. */
static void
drop_subscriptions(struct arena *arena, const char *database)
{
	const char *url = arena_str(arena, cluster_url(database));
	const char *list = pg_query_text(
		url, "SELECT string_agg(format('ALTER SUBSCRIPTION %1$I DISABLE; ALTER SUBSCRIPTION"
		     " %1$I SET (slot_name = NONE); DROP SUBSCRIPTION %1$I;', s.subname), ' ')"
		     " FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"
		     " WHERE d.datname = current_database()");

	if (list != NULL && strncmp(list, "ERROR", 5) != 0 && !pg_exec(url, list))
		fprintf(stderr, "%s keeps a subscription\n", database);
}

void
stage_end(struct arena *arena)
{
	const char *url = arena_str(arena, cluster_url("postgres"));
	const char *names = pg_query_text(
		url, "SELECT string_agg(d.datname, ' ') FROM pg_database d JOIN pg_subscription s"
		     " ON s.subdbid = d.oid");

	for (size_t i = 0; i < ARRAY_LEN(databases); i++) {
		if (names != NULL && strstr(names, databases[i]) != NULL)
			drop_subscriptions(arena, databases[i]);
		if (!cluster_drop_database(databases[i]))
			fprintf(stderr, "%s is still there\n", databases[i]);
	}
}

bool
stage_begin(struct arena *arena, const struct corpus_pair *pair)
{
	const char *url = arena_str(arena, cluster_url("postgres")), **roles;
	size_t count = corpus_roles(arena, pair, &roles);

	stage_end(arena);
	bool ok = pg_exec(url, "DO $$ DECLARE r name; BEGIN"
			       " FOR r IN SELECT rolname FROM pg_roles WHERE oid >= 16384 LOOP"
			       " EXECUTE format('DROP ROLE %I', r); END LOOP; END $$");
	for (size_t i = 0; ok && i < count; i++)
		ok = pg_exec(url, arena_printf(arena, "CREATE ROLE \"%s\"", roles[i]));
	return ok;
}

static bool
psql(const char *database, const char *script, bool stop, struct text *said)
{
	static const char program[] = CONFITURE_PG_BINDIR "/psql";
	const char *argv[] = {program,
			      "-X",
			      "-q",
			      "-o",
			      "/dev/null",
			      "-v",
			      stop ? "ON_ERROR_STOP=1" : "ON_ERROR_STOP=0",
			      "-d",
			      cluster_url(database),
			      NULL};
	struct process_spec spec = {.argv = argv, .input = script};
	struct process p;

	bool ok = process_run(&p, &spec) == 0;
	text_put(said, p.err);
	process_free(&p);
	return ok;
}

bool
stage_run(struct arena *arena, const char *database, const char *script, struct text *why)
{
	(void)arena;
	return psql(database, script, true, why);
}

/* The other side may have made the role, and dumps of old servers set what is no more. */
static bool
is_forgiven(const char *line)
{
	return strstr(line, "ERROR:") == NULL ||
	       (strstr(line, "role \"") != NULL && strstr(line, "\" already exists") != NULL) ||
	       strstr(line, "unrecognized configuration parameter") != NULL;
}

static bool
load_text(struct arena *arena, const char *database, const char *script, struct text *why)
{
	struct text said;
	bool ok;

	text_init(&said, 0);
	ok = psql(database, script, false, &said);
	char *rest = arena_str(arena, said.ptr), *line;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (!is_forgiven(line)) {
			text_printf(why, "%s\n", line);
			ok = false;
		}
	text_fini(&said);
	return ok;
}

/* Copied file by file: a third faster than by the log, where nothing is synced. */
static bool
create(struct arena *arena, const char *database)
{
	return pg_exec(cluster_url("postgres"),
		       arena_printf(arena,
				    "CREATE DATABASE %s TEMPLATE template0 STRATEGY file_copy",
				    database));
}

/* meta.json does not list every role that a file names: the server does. */
static bool
make_missing_role(struct arena *arena, const char *said)
{
	const char *end = strstr(said, "\" does not exist"), *name = end;

	while (end != NULL && name > said && name[-1] != '"' && name[-1] != '\n')
		name--;
	if (end == NULL || name - said < 6 || strncmp(name - 6, "role \"", 6) != 0)
		return false;
	return pg_exec(cluster_url("postgres"),
		       arena_printf(arena, "CREATE ROLE \"%.*s\"", (int)(end - name), name));
}

bool
stage_load(struct arena *arena, const struct corpus_pair *pair, const char *database,
	   const char *file, struct text *why)
{
	const char *setup = corpus_text(arena, pair, "source_setup.sql");
	const char *script =
		arena_printf(arena, "SET client_min_messages = warning;\n%s\n%s",
			     setup != NULL ? setup : "", corpus_text(arena, pair, file));

	for (;;) {
		text_clear(why);
		if (!cluster_drop_database(database) || !create(arena, database))
			return false;
		if (load_text(arena, database, script, why))
			return true;
		if (!make_missing_role(arena, why->ptr))
			return false;
	}
}

bool
stage_fill(struct arena *arena, const struct corpus_pair *pair, const char *database,
	   const char *file, struct text *why)
{
	const char *rows = corpus_text(arena, pair, file);

	return rows == NULL || load_text(arena, database, rows, why);
}
