/* Structures that lie in files: snapshots, and SQL that a server must first make a database of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/structure.h"
#include "cli/structure_cache.h"
#include "shared/config/config.h"
#include "shared/pg/connection.h"
#include "shared/snapshot/snapshot.h"
#include "worker/catalog/catalog.h"
#include "worker/ddl/place.h"
#include "worker/ddl/tree.h"

#include "cli_sql.h"

#include "shared/base/banned.h"

/* ---- snapshots ---- */

enum { SNAPSHOT_BYTES = 256 * 1024 * 1024, CHUNK = 65536 };

static bool
read_stream(FILE *f, const char *path, struct text *out, struct error *err)
{
	char chunk[CHUNK];
	size_t got;

	while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0) {
		if (out->len + got > SNAPSHOT_BYTES)
			return error_set(err, E_DIFFER_400,
					 "%s is larger than a snapshot may be (%d MB)", path,
					 SNAPSHOT_BYTES / (1024 * 1024));
		text_put_span(out, span_of(chunk, got));
	}
	return !ferror(f) || error_errno(err, E_SCHEMA_201, errno, "%s cannot be read", path);
}

static bool
read_file(const char *path, struct text *out, struct error *err)
{
	FILE *f = fopen(path, "re");
	struct stat st;

	if (f == NULL)
		return error_errno(err, E_SCHEMA_201, errno, "%s cannot be read", path);
	bool ok = fstat(fileno(f), &st) == 0 && !S_ISDIR(st.st_mode)
			  ? read_stream(f, path, out, err)
			  : error_set(err, E_SCHEMA_201, "%s is no file", path);
	fclose(f);
	return ok;
}

static bool
not_a_snapshot(const char *path, struct error *err)
{
	struct error why = *err;

	error_set(err, E_DIFFER_400, "%s is no snapshot of a structure", path);
	error_cause(err, "%s", why.message);
	error_hint(err, "confiture introspect SRC -o %s", path);
	return false;
}

bool
structure_of_snapshot(struct structures *s, struct structure_source *source, struct error *err)
{
	struct error why = {0};
	struct text json;
	void *parsed = NULL;
	struct arena arena;

	text_init(&json, SNAPSHOT_BYTES + CHUNK);
	arena_init(&arena);
	bool ok = read_file(source->word, &json, err);
	if (ok)
		ok = (record_parse(&arena, &record_structure, text_span(&json), &parsed, &why) &&
		      snapshot_model(s->pool, parsed, &source->model, &why)) ||
		     (*err = why, not_a_snapshot(source->word, err));
	text_fini(&json);
	arena_fini(&arena);
	return ok;
}

/* ---- files of SQL ---- */

static struct ddl_place_options
place_options(const struct structures *s)
{
	return (struct ddl_place_options){
		.scratch_url = secret_of(s->scratch_url),
		.major = s->major,
	};
}

static bool
open_place(struct structures *s, struct ddl_database *out, struct error *err)
{
	const struct ddl_place_options options = place_options(s);

	if (s->place != NULL)
		return ddl_place_more(s->place, out, err);
	if (s->scratch_url != NULL && !config_url_valid(options.scratch_url, err))
		return error_wrap(err, "--scratch-url");
	if (!ddl_place_open(&options, &s->place, err))
		return false;
	*out = ddl_place_url(s->place);
	return true;
}

static void
tell(struct structures *s, const struct ddl_report *r)
{
	for (size_t i = 0; i < r->note_count; i++)
		cli_warn(s->cli, "%s:%u: %s", r->notes[i].file, r->notes[i].line,
			 r->notes[i].words);
	if (r->notes_dropped > 0)
		cli_warn(s->cli, "and %zu remarks more", r->notes_dropped);
}

static bool
role_of(struct structures *s, struct pg_conn *c, const char **out, struct error *err)
{
	const struct pg_statement statement = {.sql = cli_sql_current_role};
	struct pg_rows *rows;

	if (!pg_batch(c, &statement, 1, 0, &rows, err))
		return false;
	*out = schema_pool_text(s->pool, pg_rows_text(rows, 0, 0));
	pg_rows_free(rows);
	return true;
}

/* ---- what they became before ---- */

/* False: nothing can be known of it. A cluster of our own is made in the same way every time; a
 * server that was given may have changed. */
static bool
name_of(const struct structures *s, const struct ddl_tree *tree, char out[SHA256_HEX])
{
	const struct ddl_place_options options = place_options(s);
	struct arena *arena = &s->cli->arena;
	const struct structure_cache_key key = {
		.files = tree->sha256,
		.server = s->cached ? ddl_place_server(&options, arena) : NULL,
		.own = s->cached ? structure_cache_own(arena) : NULL,
	};

	if (key.server == NULL || key.own == NULL)
		return false;
	structure_cache_name(&key, out);
	return true;
}

/* Whether loading the same files again would give the same: no code has run, nobody was told of
 * anything, and nothing came from the extensions of this machine. */
static bool
lasts(const struct structure_source *source, const struct ddl_report *r)
{
	const struct schema_model *m = source->model;
	size_t extension = schema_model_from(m, SCHEMA_KIND_extension, "");

	while (extension < m->count && m->objects[extension].kind == SCHEMA_KIND_extension &&
	       strcmp(m->objects[extension].address, "plpgsql") == 0)
		extension++;
	return r->calls == 0 && r->note_count == 0 &&
	       (extension == m->count || m->objects[extension].kind != SCHEMA_KIND_extension);
}

static bool
known_before(struct structures *s, const char *name, struct structure_source *source)
{
	if (!structure_cache_find(name, s->pool, &source->model))
		return false;
	source->role = source->model->role;
	return true;
}

/* ---- loading ---- */

static bool
load(struct structures *s, struct pg_conn *c, const struct ddl_tree *tree, const char *name,
     struct structure_source *source, struct error *err)
{
	const struct ddl_load_options options = {.own_server = ddl_place_is_own(s->place)};
	struct ddl_report report = {0};

	if (!ddl_load(c, tree->files, tree->count, &options, &s->cli->arena, &report, err))
		return false;
	tell(s, &report);
	if (!role_of(s, c, &source->role, err) ||
	    !catalog_read(c, NULL, s->pool, &source->model, err))
		return false;
	if (name != NULL && lasts(source, &report))
		structure_cache_keep(name, source->model);
	return true;
}

static bool
load_new(struct structures *s, const struct ddl_tree *tree, const char *name,
	 struct structure_source *source, struct error *err)
{
	struct ddl_database database;
	struct pg_conn *c;

	if (!open_place(s, &database, err))
		return error_wrap(err, "%s", source->word);
	const struct pg_open_options options = {.application_name = "confiture scratch",
						.database = database.name};
	if (!pg_open(database.url, &options, &c, err))
		return error_wrap(err, "the scratch server");
	bool ok = load(s, c, tree, name, source, err);
	pg_close(c);
	return ok;
}

bool
structure_of_files(struct structures *s, struct structure_source *source, struct error *err)
{
	char name[SHA256_HEX];
	struct ddl_tree tree;

	if (!ddl_tree_read(source->word, &s->cli->arena, &tree, err))
		return error_wrap(err, "%s", source->word);
	bool named = name_of(s, &tree, name);
	return (named && known_before(s, name, source)) ||
	       load_new(s, &tree, named ? name : NULL, source, err);
}
