/*
 * Where schemas are tried. Databases come from template0, which nobody fills: template1 may hold
 * what an administrator put there, and it would be taken for a part of the schema.
 */
#include "worker/ddl/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ddl_sql.h"
#include "shared/pg/connection.h"
#include "worker/postgres/local_cluster.h"
#include "worker/postgres/program.h"
#include "worker/postgres/temporary.h"

#include "shared/base/banned.h"

struct ddl_place {
	struct arena arena;
	struct secret url;
	bool own;
	struct local_cluster cluster;
	struct pg_conn *admin;
	const char **names; /* of the databases; the first is the place's own */
	size_t count, cap;
	unsigned made;
};

static const char application[] = "confiture scratch";

/* ---- subscriptions ---- */

/* A subscription is known to the whole server, and keeps its database. Its slot, on another server,
 * was never made by us and is left alone. */
static bool
drop_subscriptions(void *self, const char *database)
{
	struct ddl_place *p = self;
	struct pg_open_options options = {.application_name = application, .database = database};
	struct pg_statement statement = {.sql = ddl_sql_place_subscriptions};
	struct pg_rows *rows = NULL;
	struct pg_conn *c;

	if (!pg_open(p->url, &options, &c, NULL))
		return false;
	bool ok = pg_batch(c, &statement, 1, 0, &rows, NULL);
	for (size_t i = 0; ok && i < pg_rows_count(rows); i++) {
		const char *name = pg_quote(c, &p->arena, NULL, pg_rows_text(rows, i, 0));
		ok = pg_script(c, arena_printf(&p->arena, "ALTER SUBSCRIPTION %s DISABLE", name),
			       NULL) &&
		     pg_script(c,
			       arena_printf(&p->arena,
					    "ALTER SUBSCRIPTION %s SET (slot_name = NONE)", name),
			       NULL) &&
		     pg_script(c, arena_printf(&p->arena, "DROP SUBSCRIPTION %s", name), NULL);
	}
	if (rows != NULL)
		pg_rows_free(rows);
	pg_close(c);
	return ok;
}

static struct temporary_helper
helper_of(struct ddl_place *p)
{
	return (struct temporary_helper){drop_subscriptions, p};
}

/* ---- opening ---- */

static bool
nowhere(int major, struct error *err)
{
	error_set(err, E_CONFIG_001, "there is no database to load the schema files into");
	error_cause(err,
		    "no --scratch-url was given, and PostgreSQL's server programs%s are not "
		    "on this machine",
		    major > 0 ? " of that version" : "");
	error_hint(err,
		   "give a server to try it on: --scratch-url URL\napt-get install "
		   "postgresql-%d",
		   major > 0 ? major : 15);
	return false;
}

static bool
open_own(struct ddl_place *p, int major, struct error *err)
{
	const char *bin = program_folder(&p->arena, major);

	if (bin == NULL)
		return nowhere(major, err);
	p->own = true;
	if (!local_cluster_open(&p->cluster, bin, "UTF8", &p->arena, &p->admin, err))
		return false;
	p->url = local_cluster_url(&p->cluster, &p->arena);
	return true;
}

static bool
open_given(struct ddl_place *p, struct secret url, struct error *err)
{
	struct pg_open_options options = {.application_name = application};
	struct pg_statement stay = {.sql = ddl_sql_place_stay};

	if (!pg_open(url, &options, &p->admin, err))
		return error_wrap(err, "the scratch server");
	p->url = secret_copy(&p->arena, url);
	struct temporary_helper helper = helper_of(p);
	temporary_sweep(p->admin, &helper);
	/* The databases live as long as this session does. */
	return pg_batch(p->admin, &stay, 1, 0, NULL, err);
}

bool
ddl_place_open(const struct ddl_place_options *options, struct ddl_place **out, struct error *err)
{
	struct ddl_place *p = calloc(1, sizeof(*p));
	struct ddl_database first;

	if (p == NULL)
		abort();
	arena_init(&p->arena);
	p->cluster.owner_fd = -1;
	bool ok = secret_given(options->scratch_url) ? open_given(p, options->scratch_url, err)
						     : open_own(p, options->major, err);
	if (!ok || !ddl_place_more(p, &first, err)) {
		ddl_place_close(p);
		return false;
	}
	*out = p;
	return true;
}

const char *
ddl_place_server(const struct ddl_place_options *options, struct arena *arena)
{
	const char *bin =
		secret_given(options->scratch_url) ? NULL : program_folder(arena, options->major);
	struct stat st;

	if (bin == NULL)
		return NULL;
	const char *server = arena_printf(arena, "%s/postgres", bin);
	if (stat(server, &st) != 0)
		return NULL;
	return arena_printf(arena, "%s %lld %lld.%09ld", server, (long long)st.st_size,
			    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

/* ---- databases ---- */

static bool
explain(struct ddl_place *p, const char *role, struct error *err)
{
	bool no_right = err != NULL && strcmp(err->sqlstate, "42501") == 0;

	error_wrap(err, "cannot make a database on %s", pg_place(p->admin));
	if (no_right)
		error_hint(err,
			   "ALTER ROLE %s CREATEDB;\nor give a role or server where it may: "
			   "--scratch-url URL",
			   role);
	return false;
}

bool
ddl_place_more(struct ddl_place *p, struct ddl_database *out, struct error *err)
{
	struct pg_statement statement = {.sql = ddl_sql_place_role};
	char name[TEMPORARY_NAME];
	struct pg_rows *rows;

	if (!pg_batch(p->admin, &statement, 1, 0, &rows, err))
		return false;
	const char *role = arena_str(&p->arena, pg_rows_text(rows, 0, 0));
	/* Files are UTF-8. The server's own locale stays where it can. */
	bool utf8 = strcmp(pg_rows_text(rows, 0, 1), "UTF8") == 0;
	pg_rows_free(rows);
	const char *how = utf8 ? "TEMPLATE template0"
			       : "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'";
	if (!temporary_create(p->admin, TEMPORARY_SCRATCH, ++p->made, how, name, err))
		return explain(p, role, err);
	p->names = arena_grow(&p->arena, p->names, p->count, &p->cap, sizeof(*p->names));
	p->names[p->count++] = arena_str(&p->arena, name);
	*out = (struct ddl_database){.url = p->url, .name = p->names[p->count - 1]};
	return true;
}

void
ddl_place_less(struct ddl_place *p, const char *name)
{
	struct temporary_helper helper = helper_of(p);

	for (size_t i = 1; i < p->count; i++) {
		if (strcmp(p->names[i], name) != 0)
			continue;
		temporary_drop(p->admin, name, &helper);
		p->names[i] = p->names[--p->count];
		return;
	}
}

struct ddl_database
ddl_place_url(const struct ddl_place *p)
{
	return (struct ddl_database){.url = p->url, .name = p->names[0]};
}

bool
ddl_place_is_own(const struct ddl_place *p)
{
	return p->own;
}

/* ---- closing ---- */

void
ddl_place_close(struct ddl_place *p)
{
	if (p == NULL)
		return;
	struct temporary_helper helper = helper_of(p);
	/* A cluster of our own goes as a whole. */
	for (size_t i = 0; !p->own && i < p->count; i++)
		temporary_drop(p->admin, p->names[i], &helper);
	pg_close(p->admin);
	local_cluster_close(&p->cluster);
	arena_fini(&p->arena);
	free(p);
}
