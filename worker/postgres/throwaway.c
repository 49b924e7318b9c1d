/*
 * An empty cluster on this machine, filled with the structure of the source and none of its rows:
 * pg_dump -s of the source, psql. It needs no right on the source but to read it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "shared/pg/dsn.h"
#include "target_sql.h"
#include "worker/postgres/program.h"
#include "worker/postgres/scratch.h"

#include "shared/base/banned.h"

struct source_facts {
	const char *database;
	const char *encoding;
	const char *bin; /* folder of the server programs */
};

static bool
copy_roles(struct scratch *s, struct pg_conn *to, struct arena *arena, struct error *err)
{
	struct pg_statement statement = {.sql = target_sql_throwaway_roles};
	struct pg_rows *rows;
	bool ok = pg_batch(s->admin, &statement, 1, 0, &rows, err);

	for (size_t i = 0; ok && i < pg_rows_count(rows); i++) {
		const char *name = pg_quote(to, arena, NULL, pg_rows_text(rows, i, 0));
		ok = pg_script(to, arena_printf(arena, "CREATE ROLE %s", name), err);
	}
	if (ok)
		pg_rows_free(rows);
	return ok;
}

static bool
make_database(struct pg_conn *to, const char *name, struct arena *arena, struct error *err)
{
	if (strcmp(name, "postgres") == 0)
		return true;
	return pg_script(to,
			 arena_printf(arena, "CREATE DATABASE %s TEMPLATE template0",
				      pg_quote(to, arena, NULL, name)),
			 err);
}

/* The source's credentials reach pg_dump in a file that only we can read, never in its arguments.
 */
static bool
write_service(struct scratch *s, const struct target_spec *source, struct arena *arena,
	      const char **path, struct error *err)
{
	*path = arena_printf(arena, "%s/service", s->cluster.folder);
	int fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_errno(err, E_INTERNAL_ERROR, errno, "cannot write %s", *path);
	bool ok = dsn_write_service(source->url, source->database, fd, err);
	return close(fd) == 0 && ok;
}

static bool
copy_structure(struct scratch *s, const struct target_spec *source,
	       const struct source_facts *facts, struct arena *arena, struct error *err)
{
	const char *service, *dump = arena_printf(arena, "%s/structure.sql", s->cluster.folder);

	if (!write_service(s, source, arena, &service, err))
		return false;
	const char *pg_dump[] = {arena_printf(arena, "%s/pg_dump", facts->bin), "--schema-only",
				 "--no-tablespaces", "--no-subscriptions", NULL};
	const char *env[] = {"PGSERVICE=source", arena_printf(arena, "PGSERVICEFILE=%s", service),
			     "PGAPPNAME=confiture scratch", NULL};
	const char *psql[] = {arena_printf(arena, "%s/psql", facts->bin),
			      "-Xq",
			      "-v",
			      "ON_ERROR_STOP=1",
			      "-h",
			      s->cluster.folder,
			      "-p",
			      "5432",
			      "-U",
			      "postgres",
			      "-d",
			      facts->database,
			      "-f",
			      dump,
			      NULL};
	const char *psql_env[] = {"PGOPTIONS=-c client_min_messages=warning", "PGSERVICE",
				  "PGPASSWORD", NULL};
	if (!program_run(&(struct program){.argv = pg_dump, .env = env, .output = dump}, err))
		return error_wrap(err, "reading the structure of %s", facts->database);
	unlink(service);
	if (!program_run(&(struct program){.argv = psql, .env = psql_env}, err))
		return error_wrap(err, "loading the structure of %s into the throwaway cluster",
				  facts->database);
	return true;
}

static bool
read_source(struct scratch *s, struct arena *arena, struct source_facts *out, struct error *err)
{
	struct pg_statement statement = {.sql = target_sql_throwaway_source};
	struct pg_rows *rows;
	int major = pg_server_version_num(s->admin) / 10000;

	if (!pg_batch(s->admin, &statement, 1, 0, &rows, err))
		return false;
	out->database = arena_str(arena, pg_rows_text(rows, 0, 0));
	out->encoding = arena_str(arena, pg_rows_text(rows, 0, 1));
	pg_rows_free(rows);
	out->bin = program_folder(arena, major);
	if (out->bin != NULL)
		return true;
	error_set(err, E_CONFIG_001,
		  "PostgreSQL's server programs (%d or newer) are not on this machine", major);
	error_hint(err, "apt-get install postgresql-%d\nconfiture migrate preflight --against URL",
		   major);
	return false;
}

bool
throwaway_make(struct scratch *s, const struct target_spec *source, struct arena *arena,
	       struct target_spec *spec, struct error *err)
{
	struct source_facts facts;
	struct pg_conn *to;

	if (!read_source(s, arena, &facts, err) ||
	    !local_cluster_open(&s->cluster, facts.bin, facts.encoding, arena, &to, err))
		return false;
	bool ok = copy_roles(s, to, arena, err) && make_database(to, facts.database, arena, err);
	pg_close(to);
	if (!ok || !copy_structure(s, source, &facts, arena, err))
		return false;
	*spec = *source;
	spec->url = local_cluster_url(&s->cluster, arena);
	spec->database = facts.database;
	return true;
}

void
throwaway_drop(struct scratch *s)
{
	local_cluster_close(&s->cluster);
}
