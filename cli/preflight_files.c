/*
 * The schema files of a preflight, as files of its job: they travel as migrations do, and the
 * worker that replays also compares.
 */
#include "cli/preflight_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/session.h"
#include "shared/digest/digest.h"
#include "worker/ddl/tree.h"

#include "shared/base/banned.h"

#define USUAL_SCHEMA "db/schema"

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct bundle_file *)a)->name, ((const struct bundle_file *)b)->name);
}

/* A name without a folder would be a migration's. */
static const char *
name_of(struct arena *arena, const char *path)
{
	return strchr(path, '/') != NULL ? path : arena_printf(arena, "./%s", path);
}

static void
add_files(struct cli *cli, const struct ddl_tree *tree, struct job_request *request)
{
	struct arena *arena = &cli->arena;
	struct bundle_info *bundle = request->bundle;
	size_t count = bundle->files.count;
	struct bundle_file *all = arena_array(arena, count + tree->count + 1, sizeof(*all));
	struct bundle_text *texts = arena_array(arena, tree->count + 1, sizeof(*texts));
	char hex[SHA256_HEX];

	if (count > 0)
		memcpy(all, bundle->files.items, count * sizeof(*all));
	for (size_t i = 0; i < tree->count; i++) {
		const struct ddl_file *f = &tree->files[i];
		sha256_of(f->text, hex);
		texts[i] = (struct bundle_text){name_of(arena, f->path), f->text};
		all[count++] = (struct bundle_file){.name = texts[i].name,
						    .sha256 = arena_str(arena, hex),
						    .size = (int64_t)f->text.len,
						    .schema = true};
	}
	if (count > 0)
		qsort(all, count, sizeof(*all), by_name);
	bundle->files.items = all;
	bundle->files.count = count;
	session_set_schema(cli_session(cli), texts, tree->count);
}

/* The usual folder, where it is. */
static const char *
choose(const struct args *args)
{
	const char *asked = args_text(args, "compare-schema");
	struct stat st;

	if (asked != NULL || args_flag(args, "no-compare-schema"))
		return asked;
	return stat(USUAL_SCHEMA, &st) == 0 && S_ISDIR(st.st_mode) ? USUAL_SCHEMA : NULL;
}

bool
preflight_files(struct cli *cli, const struct args *args, struct job_request *request,
		struct error *err)
{
	struct job_options *o = &request->options;
	const char *url = args_text(args, "scratch-url");
	struct error why = {0};
	struct ddl_tree tree;

	if (args_given(args, "compare-schema") && args_flag(args, "no-compare-schema"))
		return error_set(err, E_USAGE_001,
				 "--compare-schema and --no-compare-schema exclude each other");
	if (strcmp(o->replay, "static") == 0)
		return true;
	o->schema = choose(args);
	o->schema_asked = args_given(args, "compare-schema");
	if (o->schema == NULL)
		return true;
	if (ddl_tree_read(o->schema, &cli->arena, &tree, &why)) {
		/* A folder that nobody wrote anything in says nothing of how the database is. */
		if (!o->schema_asked && ddl_tree_is_bare(&tree))
			o->schema = NULL;
		else
			add_files(cli, &tree, request);
	} else if (o->schema_asked) {
		return *err = why, false;
	} else {
		o->schema_missing = arena_str(&cli->arena, why.message);
	}
	return url == NULL || connection_add_other(cli, "scratch", "--scratch-url", url, NULL,
						   &o->scratch_target, err);
}
