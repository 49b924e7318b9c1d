/*
 * One environment file to its targets. The connection may be written in three ways (a URL, the
 * parts of one, a map of several databases); what leaves here is always a URL and a ledger's name.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/parse.h"
#include "shared/config/config.h"
#include "shared/config/settings.h"

#include "shared/base/banned.h"

/* One database as the file has it; `path` is its place in the file: "" or "targets.eu". */
struct source {
	struct settings_check *c;
	const struct node *map;
	const char *path;
};

static const char *
at_path(const struct source *s, const char *key)
{
	return *s->path == '\0' ? key : arena_printf(s->c->arena, "%s.%s", s->path, key);
}

static bool
add_password(const struct source *s, const char **url)
{
	const struct node *node = document_get(s->map, "password_file");
	const char *password;

	if (node == NULL)
		return true;
	if (settings_url_has_password(*url)) {
		error_set(s->c->err, E_CONFIG_007,
			  "%s is given, and the connection has a password already",
			  at_path(s, "password_file"));
		error_at(s->c->err, s->c->file, node->line, node->column);
		return false;
	}
	if (!settings_secret_file(s->c, node, at_path(s, "password_file"), "password", &password))
		return false;
	*url = settings_url_with_password(s->c->arena, *url, password);
	return true;
}

static const char *
url_of_parts(struct arena *arena, const struct node *root)
{
	const struct settings_table *t = &settings_environment;
	const char *password = setting_text(root, t, "database.password");

	return settings_url(arena, setting_text(root, t, "database.host"),
			    setting_text(root, t, "database.port"),
			    setting_text(root, t, "database.database"),
			    setting_text(root, t, "database.user"), password ? password : "");
}

static bool
take_url(const struct source *s, const char *url, const struct node *node,
	 struct config_target *out)
{
	if (!config_url_valid(secret_of(url), s->c->err)) {
		error_wrap(s->c->err, "%s", at_path(s, "database_url"));
		error_at(s->c->err, s->c->file, node->line, node->column);
		return false;
	}
	if (!add_password(s, &url))
		return false;
	out->url = secret_of(url);
	return true;
}

static bool
take_table(const struct source *s, const char *key, struct config_target *out)
{
	const struct node *node = document_get(s->map, key);

	if (node == NULL)
		return true;
	out->tracking_table = node->text;
	if (config_tracking_table_valid(node->text, s->c->err))
		return true;
	error_wrap(s->c->err, "%s", at_path(s, key));
	error_at(s->c->err, s->c->file, node->line, node->column);
	return false;
}

static int
by_name(const void *a, const void *b)
{
	const struct config_target *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static bool
read_target(struct settings_check *c, const char *environment, const struct entry *e,
	    struct config_target *out)
{
	const char *path = arena_printf(c->arena, "targets.%s", settings_show(c->arena, e->key));
	const struct source s = {c, &e->value, path};
	const struct node *url = document_get(&e->value, "database_url");

	if (!settings_is_name(e->key))
		return setting_wrong(c, e->line, e->column, path,
				     "is no name: letters, digits, \"_\", \"-\" and \".\"");
	out->name = arena_printf(c->arena, "%s/%s", environment, e->key);
	if (url == NULL) {
		error_set(c->err, E_CONFIG_001, "%s has no database_url", path);
		error_at(c->err, c->file, e->line, e->column);
		return false;
	}
	return take_url(&s, url->text, url, out) && take_table(&s, "tracking_table", out);
}

static bool
read_targets(struct settings_check *c, const struct node *map, const struct config_target *pattern,
	     struct config_environment *out)
{
	out->target_count = map->count;
	out->targets = arena_array(c->arena, map->count + 1, sizeof(*out->targets));
	for (size_t i = 0; i < map->count; i++) {
		out->targets[i] = *pattern;
		if (!read_target(c, out->name, &map->entries[i], &out->targets[i]))
			return false;
	}
	qsort(out->targets, out->target_count, sizeof(*out->targets), by_name);
	return true;
}

static bool
no_database(struct settings_check *c)
{
	error_set(c->err, E_CONFIG_001, "%s says no database: database_url is missing", c->file);
	error_at(c->err, c->file, 1, 1);
	error_hint(c->err, "add the line\ndatabase_url: postgresql://USER@HOST:5432/DATABASE");
	return false;
}

static bool
both_given(struct settings_check *c, const struct node *targets)
{
	error_set(c->err, E_CONFIG_007,
		  "%s has both targets and database_url, database or "
		  "password_file beside them",
		  c->file);
	error_at(c->err, c->file, targets->line, targets->column);
	error_hint(c->err, "move the connection into targets, under a name of its own");
	return false;
}

static bool
read_databases(struct settings_check *c, const struct node *root, struct config_environment *out)
{
	const struct source s = {c, root, ""};
	const struct node *targets = document_get(root, "targets");
	const struct node *url = document_get(root, "database_url");
	const struct node *parts = document_get(root, "database");
	struct config_target one = {.name = out->name};

	one.tracking_table =
		setting_find(&settings_environment, "migration.tracking_table")->fallback;
	if (!take_table(&s, "migration.tracking_table", &one))
		return false;
	if (targets != NULL && targets->count > 0) {
		if (url != NULL || parts != NULL || document_get(root, "password_file") != NULL)
			return both_given(c, targets);
		return read_targets(c, targets, &one, out);
	}
	if (url == NULL && parts == NULL)
		return no_database(c);
	const char *text = url ? url->text : url_of_parts(c->arena, root);
	if (!take_url(&s, text, url ? url : parts, &one))
		return false;
	out->targets = arena_bytes(c->arena, &one, sizeof(one));
	out->target_count = 1;
	return true;
}

const char *
settings_stem(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = arena_str(arena, slash ? slash + 1 : path);
	char *dot = strrchr(name, '.');

	if (dot != NULL && dot != name)
		*dot = '\0';
	return name;
}

/* With replicas, what they notice of a change is an error, unless the file says otherwise. */
static bool
minds_replicas(const struct node *root)
{
	const struct node *names = document_get(root, "infrastructure.replicas");
	const struct node *allow = document_get(root, "migration.allow_unsafe_under_replication");
	bool allowed;

	if (allow != NULL && allow->kind == NODE_TEXT && parse_bool(allow->text, &allowed) &&
	    allowed)
		return false;
	return names != NULL && (names->kind == NODE_TEXT || names->count > 0);
}

static void
read_rules(const struct node *root, struct config_environment *out)
{
	out->strict_mode = setting_bool(root, &settings_environment, "migration.strict_mode");
	out->protected_ = setting_bool(root, &settings_environment, "protected");
	out->replicas = minds_replicas(root);
}

bool
config_environment_load(struct arena *arena, const char *path, struct config_environment *out,
			struct config_warnings *warnings, struct error *err)
{
	struct settings_check c = {arena, arena_str(arena, path), warnings, err};
	struct node root;

	*out = (struct config_environment){.name = settings_stem(arena, path), .file = c.file};
	if (!document_read(arena, path, &root, err) ||
	    !settings_check(&c, &settings_environment, &root) || !read_databases(&c, &root, out))
		return false;
	read_rules(&root, out);
	return true;
}

void
settings_drop_connection(struct node *root)
{
	static const char *const keys[] = {"database_url", "database", "password_file", "targets"};
	size_t kept = 0;

	for (size_t i = 0; root->kind == NODE_MAP && i < root->count; i++) {
		bool drop = false;
		for (size_t k = 0; k < ARRAY_LEN(keys); k++)
			drop |= strcmp(root->entries[i].key, keys[k]) == 0;
		if (!drop)
			root->entries[kept++] = root->entries[i];
	}
	if (root->kind == NODE_MAP)
		root->count = kept;
}

bool
config_environment_rules(struct arena *arena, const char *path, struct config_environment *out,
			 struct config_warnings *warnings, struct error *err)
{
	struct settings_check c = {arena, arena_str(arena, path), warnings, err};
	struct node root;

	*out = (struct config_environment){.name = settings_stem(arena, path)};
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	out->file = c.file;
	if (!document_read(arena, path, &root, err))
		return false;
	settings_drop_connection(&root);
	if (!settings_check(&c, &settings_environment, &root))
		return false;
	read_rules(&root, out);
	return true;
}
