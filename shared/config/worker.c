/*
 * A worker's settings file to its targets: where the credentials of the databases are. Each target
 * gives its URL in one way, and a name that says which environment's jobs it takes.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/parse.h"
#include "shared/config/settings.h"
#include "shared/config/worker.h"

#include "shared/base/banned.h"

enum { MS_PER_DAY = 86400000 };

/* One entry of `targets`. */
struct entry_check {
	struct settings_check *c;
	const struct entry *entry;
	const char *path; /* targets.production/eu */
};

static const char *
below(const struct entry_check *t, const char *key)
{
	return arena_printf(t->c->arena, "%s.%s", t->path, key);
}

static bool
missing(const struct settings_check *c, uint32_t line, uint32_t column, const char *what,
	const char *hint)
{
	error_set(c->err, E_CONFIG_001, "%s", what);
	error_at(c->err, c->file, line, column);
	error_hint(c->err, "%s", hint);
	return false;
}

static bool
twice(const struct settings_check *c, const struct node *node, const char *one, const char *other)
{
	error_set(c->err, E_CONFIG_007, "%s is given, and %s too", one, other);
	error_at(c->err, c->file, node->line, node->column);
	return false;
}

/* ---- names ---- */
/* "production/eu" -> "production"; both parts must be names. */
static const char *
environment_of(struct arena *arena, const char *key)
{
	const char *slash = strchr(key, '/');

	if (slash == NULL)
		return settings_is_name(key) ? key : NULL;
	const char *environment = arena_span(arena, span_of(key, (size_t)(slash - key)));
	return settings_is_name(environment) && settings_is_name(slash + 1) ? environment : NULL;
}

static bool
take_name(const struct entry_check *t, struct config_worker_target *out)
{
	const struct node *node = document_get(&t->entry->value, "environment");
	const char *key = t->entry->key;
	const char *implied = environment_of(t->c->arena, key);

	if (implied == NULL)
		return setting_wrong(t->c, t->entry->line, t->entry->column, t->path,
				     "is no name of a target: ENVIRONMENT or ENVIRONMENT/NAME of "
				     "letters, digits, \"_\", \"-\" and \".\"");
	out->name = key;
	out->environment = implied;
	if (node == NULL || strcmp(node->text, implied) == 0)
		return true;
	if (!settings_is_name(node->text) || implied != key)
		return setting_wrong(t->c, node->line, node->column, below(t, "environment"),
				     implied != key ? "differs from the target's name up to its "
						      "\"/\""
						    : "is no name of an environment");
	out->environment = node->text;
	out->name = arena_printf(t->c->arena, "%s/%s", node->text, key);
	return true;
}

/* ---- connections ---- */
static bool
take_url(const struct entry_check *t, const char **url, const struct node **at)
{
	const struct node *given = document_get(&t->entry->value, "database_url");
	const struct node *file = document_get(&t->entry->value, "database_url_file");

	if (given != NULL && file != NULL)
		return twice(t->c, file, below(t, "database_url_file"), "database_url");
	if (given == NULL && file == NULL)
		return missing(t->c, t->entry->line, t->entry->column,
			       arena_printf(t->c->arena, "%s has no database_url", t->path),
			       "add a line\ndatabase_url_file: NAME-OF-A-FILE");
	*at = given != NULL ? given : file;
	if (given != NULL)
		*url = given->text;
	return given != NULL ||
	       settings_secret_file(t->c, file, below(t, "database_url_file"), "URL", url);
}

static bool
take_connection(const struct entry_check *t, struct config_worker_target *out)
{
	const struct node *file = document_get(&t->entry->value, "password_file"), *at = NULL;
	const char *url = NULL, *password;

	if (!take_url(t, &url, &at))
		return false;
	assert(url != NULL && at != NULL);
	if (!config_url_valid(secret_of(url), t->c->err)) {
		error_wrap(t->c->err, "%s", below(t, "database_url"));
		error_at(t->c->err, t->c->file, at->line, at->column);
		return false;
	}
	if (file != NULL && settings_url_has_password(url))
		return twice(t->c, file, below(t, "password_file"), "a password in the URL");
	if (file != NULL) {
		if (!settings_secret_file(t->c, file, below(t, "password_file"), "password",
					  &password))
			return false;
		url = settings_url_with_password(t->c->arena, url, password);
	}
	out->url = secret_of(url);
	return true;
}

static bool
take_rest(const struct entry_check *t, struct config_worker_target *out)
{
	const struct node *table = document_get(&t->entry->value, "tracking_table");
	const struct node *yes = document_get(&t->entry->value, "protected");
	const struct node *pattern = document_get(&t->entry->value, "database_pattern");

	out->tracking_table =
		table ? table->text
		      : setting_find(&settings_worker, "targets.*.tracking_table")->fallback;
	if (table != NULL && !config_tracking_table_valid(table->text, t->c->err)) {
		error_wrap(t->c->err, "%s", below(t, "tracking_table"));
		error_at(t->c->err, t->c->file, table->line, table->column);
		return false;
	}
	if (yes != NULL && !parse_bool(yes->text, &out->protected_))
		return setting_wrong(t->c, yes->line, yes->column, below(t, "protected"),
				     "must be true or false");
	if (pattern == NULL)
		return true;
	out->regex = pattern->text[0] == '~';
	out->pattern = pattern->text + out->regex;
	out->pattern += strspn(out->pattern, " ");
	return *out->pattern != '\0' || setting_wrong(t->c, pattern->line, pattern->column,
						      below(t, "database_pattern"), "is empty");
}

static int
by_name(const void *a, const void *b)
{
	const struct config_worker_target *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static bool
read_targets(struct settings_check *c, const struct node *root, struct config_worker *out)
{
	const struct node *map = document_get(root, "targets");

	if (map == NULL || map->count == 0)
		return missing(c, 1, 1, arena_printf(c->arena, "%s names no targets", c->file),
			       "add the lines\ntargets:\n  production:\n    database_url_file: "
			       "NAME-OF-A-FILE");
	out->targets = arena_array(c->arena, map->count, sizeof(*out->targets));
	for (; out->target_count < map->count; out->target_count++) {
		struct config_worker_target *target = &out->targets[out->target_count];
		struct entry_check t = {.c = c, .entry = &map->entries[out->target_count]};
		t.path =
			arena_printf(c->arena, "targets.%s", settings_show(c->arena, t.entry->key));
		if (!take_name(&t, target) || !take_connection(&t, target) ||
		    !take_rest(&t, target))
			return false;
	}
	qsort(out->targets, out->target_count, sizeof(*out->targets), by_name);
	for (size_t i = 1; i < out->target_count; i++) {
		if (strcmp(out->targets[i - 1].name, out->targets[i].name) == 0)
			return setting_wrong(
				c, map->line, map->column, "targets",
				arena_printf(c->arena, "names %s twice", out->targets[i].name));
	}
	return true;
}

/* ---- the link ---- */
static bool
add_url(struct settings_check *c, const struct node *node, struct config_worker *out)
{
	const char *url = node->text;

	if (strncmp(url, "ws://", 5) != 0 && strncmp(url, "wss://", 6) != 0)
		return setting_wrong(c, node->line, node->column, "coordinator",
				     "must begin with ws:// or wss://");
	if (strchr(url, '@') != NULL)
		return setting_wrong(c, node->line, node->column, "coordinator",
				     "must not hold a user or password; use token_file");
	out->urls[out->url_count++] = url;
	return true;
}

static bool
read_urls(struct settings_check *c, const struct node *root, struct config_worker *out)
{
	const struct node *node = document_get(root, "coordinator");

	if (node == NULL || (node->kind == NODE_LIST && node->count == 0))
		return missing(c, 1, 1, arena_printf(c->arena, "%s names no coordinator", c->file),
			       "add the line\ncoordinator: wss://HOST/rpc");
	out->urls = arena_array(c->arena, node->count + 1, sizeof(*out->urls));
	if (node->kind == NODE_TEXT)
		return add_url(c, node, out);
	for (size_t i = 0; i < node->count; i++) {
		if (!add_url(c, &node->entries[i].value, out))
			return false;
	}
	return true;
}

static bool
read_token(struct settings_check *c, const struct node *root, struct config_worker *out)
{
	const struct node *token = document_get(root, "token");
	const struct node *file = document_get(root, "token_file");
	const char *text = token != NULL ? token->text : NULL;

	if (token != NULL && file != NULL)
		return twice(c, file, "token_file", "token");
	if (file != NULL && !settings_secret_file(c, file, "token_file", "token", &text))
		return false;
	out->token = secret_of(text);
	out->ca_file = setting_text(root, &settings_worker, "ca_file");
	out->cert_file = setting_text(root, &settings_worker, "cert_file");
	out->key_file = setting_text(root, &settings_worker, "key_file");
	out->server_name = setting_text(root, &settings_worker, "server_name");
	if ((out->cert_file == NULL) != (out->key_file == NULL))
		return missing(c, 1, 1,
			       arena_printf(c->arena, "%s has one of cert_file and key_file only",
					    c->file),
			       "give both, or none");
	return true;
}

/* ---- all else ---- */
static int64_t
number(const struct node *root, const char *path)
{
	int64_t n = 0;

	/* The walk has refused everything else. */
	(void)!parse_int(setting_text(root, &settings_worker, path), &n);
	return n;
}

static bool
read_limits(struct settings_check *c, const struct node *root, struct config_worker *out)
{
	const struct node *stop = document_get(root, "stop_timeout");

	out->name = setting_text(root, &settings_worker, "name");
	out->spool_dir = setting_text(root, &settings_worker, "spool_dir");
	out->spool_max_bytes = number(root, "spool_max_bytes");
	out->spool_keep_ms = number(root, "spool_keep_days") * MS_PER_DAY;
	out->max_jobs = (size_t)number(root, "max_jobs");
	out->log_level = setting_text(root, &settings_worker, "log.level");
	out->log_format = setting_text(root, &settings_worker, "log.format");
	return parse_duration_ms(setting_text(root, &settings_worker, "stop_timeout"), 1000,
				 &out->stop_timeout_ms) ||
	       setting_wrong(c, stop->line, stop->column, "stop_timeout",
			     "must be a duration: 30s, 10m, 2h");
}

static bool
load(struct settings_check *c, struct node *root, struct config_worker *out)
{
	*out = (struct config_worker){.file = c->file};
	return document_read(c->arena, c->file, root, c->err) &&
	       settings_check(c, &settings_worker, root) && read_urls(c, root, out) &&
	       read_token(c, root, out) && read_limits(c, root, out) && read_targets(c, root, out);
}

bool
config_worker_load(struct arena *arena, const char *path, struct config_worker *out,
		   struct config_warnings *warnings, struct error *err)
{
	struct settings_check c = {arena, arena_str(arena, path), warnings, err};
	struct node root;

	return load(&c, &root, out);
}

bool
config_worker_print(struct arena *arena, const char *path, struct text *out, struct error *err)
{
	struct settings_check c = {arena, arena_str(arena, path), NULL, err};
	struct config_worker ignored;
	struct node root;

	if (!load(&c, &root, &ignored))
		return false;
	settings_print_effective(out, &settings_worker, &root);
	return true;
}
