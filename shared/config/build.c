/* What build reads of an environment's file: which folders, and how they are put together. */
#include <string.h>

#include "shared/base/parse.h"
#include "shared/config/config.h"
#include "shared/config/settings.h"

#include "shared/base/banned.h"

static const char *const all_files[] = {"**/*.sql"};
static const char *const top_files[] = {"*.sql"};

/* ---- one folder ---- */

/* The keys of an entry that is a map; `at` is where they go. */
struct dir_reader {
	struct settings_check *c;
	const char *path; /* include_dirs[2] */
	struct config_dir *dir;
};

static bool
wrong(struct dir_reader *r, const struct entry *e, const char *what)
{
	const char *path =
		e->key != NULL ? arena_printf(r->c->arena, "%s.%s", r->path, e->key) : r->path;

	return setting_wrong(r->c, e->value.line, e->value.column, path, what);
}

static bool
read_text(struct dir_reader *r, const struct entry *e, const char **out)
{
	const char *why;

	if (e->value.kind != NODE_TEXT)
		return wrong(r, e, "must be a text");
	if (!settings_expand(r->c->arena, e->value.text, out, &why))
		return wrong(r, e, why);
	return true;
}

static bool
read_texts(struct dir_reader *r, const struct entry *e, const char *const **out, size_t *count)
{
	const char **items = arena_array(r->c->arena, e->value.count + 1, sizeof(*items));

	*count = 0;
	*out = items;
	if (e->value.kind == NODE_TEXT) {
		*count = 1;
		return read_text(r, e, &items[0]);
	}
	if (e->value.kind != NODE_LIST)
		return wrong(r, e, "must be a list of texts");
	for (; *count < e->value.count; ++*count) {
		if (!read_text(r, &e->value.entries[*count], &items[*count]))
			return false;
	}
	return true;
}

static bool
read_bool(struct dir_reader *r, const struct entry *e, bool *out)
{
	if (e->value.kind == NODE_TEXT && parse_bool(e->value.text, out))
		return true;
	return wrong(r, e, "must be true or false");
}

static bool
read_key(struct dir_reader *r, const struct entry *e)
{
	struct config_dir *d = r->dir;

	if (strcmp(e->key, "path") == 0)
		return read_text(r, e, &d->path);
	if (strcmp(e->key, "recursive") == 0)
		return read_bool(r, e, &d->recursive);
	if (strcmp(e->key, "auto_discover") == 0)
		return read_bool(r, e, &d->may_lack);
	if (strcmp(e->key, "include") == 0)
		return read_texts(r, e, &d->include, &d->include_count);
	if (strcmp(e->key, "exclude") == 0)
		return read_texts(r, e, &d->exclude, &d->exclude_count);
	if (strcmp(e->key, "order") == 0)
		return (e->value.kind == NODE_TEXT && parse_int(e->value.text, &d->order)) ||
		       wrong(r, e, "must be a whole number");
	settings_warn(r->c, e->line, true, "unknown key \"%s.%s\"", r->path,
		      settings_show(r->c->arena, e->key));
	return true;
}

/* Without patterns, or with the one for all folders where only the top is wanted. */
static void
fill_patterns(struct config_dir *d)
{
	bool usual = d->include_count == 0 ||
		     (d->include_count == 1 && strcmp(d->include[0], all_files[0]) == 0);

	if (!usual)
		return;
	d->include = d->recursive ? all_files : top_files;
	d->include_count = 1;
}

static bool
read_dir(struct settings_check *c, const struct entry *e, const char *path, struct config_dir *out)
{
	struct dir_reader r = {c, path, out};

	*out = (struct config_dir){
		.recursive = true, .line = e->value.line, .column = e->value.column};
	if (e->value.kind == NODE_TEXT && !read_text(&r, e, &out->path))
		return false;
	out->may_lack = e->value.kind == NODE_MAP;
	for (size_t i = 0; e->value.kind == NODE_MAP && i < e->value.count; i++) {
		const struct entry *key = &e->value.entries[i];
		if (key->value.kind != NODE_NULL && !read_key(&r, key))
			return false;
	}
	if (out->path == NULL || *out->path == '\0')
		return setting_wrong(c, e->value.line, e->value.column, path,
				     "must be a folder, or a map with its path");
	fill_patterns(out);
	return true;
}

static bool
no_dirs(struct settings_check *c)
{
	error_set(c->err, E_CONFIG_001, "%s says no folders: include_dirs is missing", c->file);
	error_at(c->err, c->file, 1, 1);
	error_hint(c->err, "add the lines\ninclude_dirs:\n  - db/schema");
	return false;
}

static bool
read_dirs(struct settings_check *c, const struct node *root, struct config_build *out)
{
	const struct node *list = document_get(root, "include_dirs");
	struct entry one = {0};

	if (list == NULL)
		return no_dirs(c);
	if (list->kind == NODE_MAP)
		return setting_wrong(c, list->line, list->column, "include_dirs",
				     "must be a list of folders");
	bool single = list->kind == NODE_TEXT;
	one.value = *list;
	out->dir_count = single ? 1 : list->count;
	out->dirs = arena_array(c->arena, out->dir_count + 1, sizeof(*out->dirs));
	for (size_t i = 0; i < out->dir_count; i++) {
		const char *path =
			single ? "include_dirs" : arena_printf(c->arena, "include_dirs[%zu]", i);
		if (!read_dir(c, single ? &one : &list->entries[i], path, &out->dirs[i]))
			return false;
	}
	return true;
}

/* ---- the rest ---- */

/* The walk has expanded and checked it. */
static void
read_excluded(struct settings_check *c, const struct node *root, struct config_build *out)
{
	const struct node *list = document_get(root, "exclude_dirs");
	size_t count = list == NULL ? 0 : list->kind == NODE_TEXT ? 1 : list->count;
	const char **items = arena_array(c->arena, count + 1, sizeof(*items));

	for (size_t i = 0; i < count; i++)
		items[i] = list->kind == NODE_TEXT ? list->text : list->entries[i].value.text;
	out->excluded = items;
	out->excluded_count = count;
}

static void
read_form(const struct node *root, struct config_build *out)
{
	const struct settings_table *t = &settings_environment;
	const struct node *mode = document_get(root, "seed.execution_mode");

	out->hex = strcmp(setting_text(root, t, "build.sort_mode"), "hex") == 0;
	out->two_pass = setting_bool(root, t, "build.two_pass");
	out->check = setting_bool(root, t, "build.validate_comments.enabled");
	out->fail_on_unclosed =
		setting_bool(root, t, "build.validate_comments.fail_on_unclosed_blocks");
	out->fail_on_spillover = setting_bool(root, t, "build.validate_comments.fail_on_spillover");
	out->separator = setting_text(root, t, "build.separators.style");
	out->template_ = setting_text(root, t, "build.separators.custom_template");
	out->seeds_apart =
		mode != NULL && mode->kind == NODE_TEXT && strcmp(mode->text, "sequential") == 0;
}

bool
config_build_load(struct arena *arena, const char *path, struct config_build *out,
		  struct config_warnings *warnings, struct error *err)
{
	struct settings_check c = {arena, arena_str(arena, path), warnings, err};
	struct node root;

	*out = (struct config_build){.name = settings_stem(arena, path), .file = c.file};
	if (!document_read(arena, path, &root, err))
		return false;
	settings_drop_connection(&root);
	if (!settings_check_build(&c, &settings_environment, &root) || !read_dirs(&c, &root, out))
		return false;
	read_excluded(&c, &root, out);
	read_form(&root, out);
	return true;
}
