/* worker/loader.h by PostgreSQL: a place, the files loaded into it, the catalogue read. */
#include "worker/loader.h"

#include <string.h>

#include "ddl_sql.h"
#include "worker/catalog/catalog.h"
#include "worker/ddl/load.h"
#include "worker/ddl/place.h"

#include "shared/base/banned.h"

enum { NOTES_SHOWN = 20 };

struct loading {
	const struct schema_request *request;
	struct schema_pool *pool;
	struct arena *arena;
	struct schema_loaded *out;
};

static bool
role_of(struct loading *l, struct pg_conn *c, struct error *err)
{
	const struct pg_statement statement = {.sql = ddl_sql_loader_role};
	struct pg_rows *rows;

	if (!pg_batch(c, &statement, 1, 0, &rows, err))
		return false;
	l->out->role = schema_pool_text(l->pool, pg_rows_text(rows, 0, 0));
	pg_rows_free(rows);
	return true;
}

static void
take_notes(struct loading *l, const struct ddl_report *r)
{
	size_t count = r->note_count < NOTES_SHOWN ? r->note_count : NOTES_SHOWN;

	l->out->notes = arena_array(l->arena, count + 1, sizeof(*l->out->notes));
	for (size_t i = 0; i < count; i++)
		l->out->notes[l->out->note_count++] =
			arena_printf(l->arena, "%s:%u: %s", r->notes[i].file, r->notes[i].line,
				     r->notes[i].words);
}

static bool
load(struct loading *l, struct pg_conn *c, bool own_server, struct error *err)
{
	const struct ddl_load_options options = {.own_server = own_server};
	size_t count = l->request->count;
	struct ddl_file *files = arena_array(l->arena, count + 1, sizeof(*files));
	struct ddl_report report = {0};

	for (size_t i = 0; i < count; i++)
		files[i] = (struct ddl_file){l->request->files[i].path, l->request->files[i].text};
	if (!ddl_load(c, files, count, &options, l->arena, &report, err))
		return false;
	take_notes(l, &report);
	return role_of(l, c, err) && catalog_read(c, NULL, l->pool, &l->out->model, err);
}

static bool
load_on(struct loading *l, struct secret url, const char *words, struct error *err)
{
	const struct ddl_place_options options = {.scratch_url = url, .major = l->request->major};
	struct ddl_place *place;
	struct pg_conn *c;

	if (!ddl_place_open(&options, &place, err))
		return false;
	struct ddl_database database = ddl_place_url(place);
	const struct pg_open_options how = {.application_name = "confiture scratch",
					    .database = database.name};
	bool ok = pg_open(database.url, &how, &c, err);
	if (ok) {
		ok = load(l, c, ddl_place_is_own(place), err);
		pg_close(c);
	}
	ddl_place_close(place);
	l->out->place = words;
	return ok;
}

static bool
no_right(const struct error *err)
{
	return error_is(err, E_TARGET_003) || strcmp(err->sqlstate, "42501") == 0;
}

/* What the database's own server does not let us do, one of our own does. Without that, what the
 * first one said is worth more. */
static bool
load_somewhere(struct loading *l, struct error *err)
{
	const struct schema_request *r = l->request;
	struct error first = {0};

	if (secret_given(r->scratch))
		return load_on(l, r->scratch, "the scratch server", err);
	bool tried = secret_given(r->server);
	if (tried && load_on(l, r->server, "the server of the replay", &first))
		return true;
	if (tried && !no_right(&first)) {
		*err = first;
		return false;
	}
	if (load_on(l, secret_of(NULL), "a cluster of our own", err))
		return true;
	if (tried && error_is(err, E_CONFIG_001))
		*err = first;
	return false;
}

static bool
loader_load(struct schema_loader *self UNUSED, const struct schema_request *request,
	    struct schema_pool *pool, struct arena *arena, struct schema_loaded *out,
	    struct error *err)
{
	struct loading l = {.request = request, .pool = pool, .arena = arena, .out = out};

	*out = (struct schema_loaded){0};
	return load_somewhere(&l, err);
}

struct schema_loader *
schema_loader_postgres(void)
{
	static struct schema_loader loader = {.load = loader_load};

	return &loader;
}
