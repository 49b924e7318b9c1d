/*
 * One walk over a settings file beside its table: is every key known, is every value what it should
 * be, and which variables must be put in. What this program does not read it does not judge
 * harshly: a wrong value there is a warning, so that files of other commands never stop this one.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/parse.h"
#include "shared/config/settings.h"

#include "shared/base/banned.h"

enum { MOST_SIBLINGS = 64 };

/* Where the walk is: the table's path ("targets.*") and the file's ("targets.eu"). */
struct place {
	struct settings_check *c;
	const struct settings_table *table;
	const char *pattern, *path;
	bool elsewhere; /* below a key that this file's loader does not read */
	bool inert;	/* it was said already that nothing here has an effect */
	bool build;	/* the loader is that of build */
};

static const char *
join(struct arena *arena, const char *path, const char *key)
{
	return *path == '\0' ? arena_str(arena, key) : arena_printf(arena, "%s.%s", path, key);
}

/* The row of `key` below a pattern: by its name, else the "*". A key with a dot is nobody's name.
 */
static const struct setting *
row_below(const struct settings_table *table, struct arena *arena, const char *pattern,
	  const char *key)
{
	const struct setting *row = NULL;

	if (strpbrk(key, ".*") == NULL)
		row = setting_find(table, join(arena, pattern, key));
	if (row == NULL && *pattern != '\0')
		row = setting_find(table, join(arena, pattern, "*"));
	return row;
}

static size_t
siblings(const struct settings_table *table, const char *pattern, const char **out, size_t room)
{
	size_t len = strlen(pattern), count = 0;

	for (size_t i = 0; i < table->count && count < room; i++) {
		const struct setting *row = &table->rows[i];
		const char *rest = row->path;
		if (row->status == SETTING_REFUSED || strncmp(rest, pattern, len) != 0)
			continue;
		rest += len;
		if (len > 0 && *rest++ != '.')
			continue;
		if (*rest != '\0' && strchr(rest, '.') == NULL)
			out[count++] = rest;
	}
	return count;
}

static bool
unknown(const struct place *at, const struct entry *e)
{
	struct settings_check *c = at->c;
	const char *near[MOST_SIBLINGS];
	size_t count = siblings(at->table, at->pattern, near, MOST_SIBLINGS);

	if (at->table->also != NULL && *at->pattern == '\0')
		count += siblings(at->table->also, "", near + count, MOST_SIBLINGS - count);
	const char *shown = settings_show(c->arena, e->key);
	const char *key = join(c->arena, at->path, shown);
	const char *meant = nearest_word(e->key, near, count);
	const char *words =
		meant ? arena_printf(c->arena, "unknown key \"%s\"; did you mean \"%s\"?", key,
				     meant)
		      : arena_printf(c->arena, "unknown key \"%s\"", key);

	if (!at->table->strict) {
		settings_warn(c, e->line, true, "%s", words);
		return true;
	}
	error_set(c->err, E_CONFIG_008, "%s", words);
	error_at(c->err, c->file, e->line, e->column);
	return false;
}

static bool
is_choice(const char *choices, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = choices; len > 0 && *p != '\0';) {
		size_t n = strcspn(p, "|");
		if (n == len && memcmp(p, word, n) == 0)
			return true;
		p += n + (p[n] == '|');
	}
	return false;
}

static bool
is_texts(const struct node *node)
{
	for (size_t i = 0; node->kind == NODE_LIST && i < node->count; i++) {
		if (node->entries[i].value.kind != NODE_TEXT)
			return false;
	}
	return node->kind == NODE_LIST || node->kind == NODE_TEXT;
}

static bool
is_one_line(const struct node *node)
{
	return node->kind == NODE_TEXT && strpbrk(node->text, "\r\n") == NULL;
}

/* NULL when the value is what the row asks for. */
static const char *
fault(struct arena *arena, const struct setting *row, const struct node *node)
{
	bool text = node->kind == NODE_TEXT, yes;
	int64_t number;

	switch (row->type) {
	case SETTING_GROUP:
		return node->kind == NODE_MAP ? NULL : "must be a map of keys";
	case SETTING_TEXT:
	case SETTING_SECRET:
		return is_one_line(node) ? NULL : "must be one line of text";
	case SETTING_LINES:
		return text ? NULL : "must be a text";
	case SETTING_CHOICE:
		return text && is_choice(row->choices, node->text)
			       ? NULL
			       : arena_printf(arena, "must be one of %s", row->choices);
	case SETTING_BOOL:
		return text && parse_bool(node->text, &yes) ? NULL : "must be true or false";
	case SETTING_INT:
		return text && parse_int(node->text, &number) && number >= row->min &&
				       number <= row->max
			       ? NULL
			       : arena_printf(arena, "must be a whole number from %lld to %lld",
					      (long long)row->min, (long long)row->max);
	case SETTING_TEXTS:
		return is_texts(node) ? NULL : "must be a list of texts";
	case SETTING_OPEN:
		return NULL;
	}
	return NULL;
}

static bool
expand(struct settings_check *c, const char *path, struct node *node)
{
	const char *why;

	for (size_t i = 0; node->kind == NODE_LIST && i < node->count; i++) {
		if (!expand(c, path, &node->entries[i].value))
			return false;
	}
	if (node->kind != NODE_TEXT || settings_expand(c->arena, node->text, &node->text, &why))
		return true;
	return setting_wrong(c, node->line, node->column, path, why);
}

static bool
refused(const struct place *at, const struct setting *row, const struct entry *e)
{
	setting_wrong(at->c, e->line, e->column, row->path, "is no setting any more");
	error_hint(at->c->err, "%s", row->remark);
	return false;
}

static bool check_map(const struct place *at, struct node *map);

/* Whether this file's loader reads it. */
static bool
is_read(const struct place *at, const struct setting *row)
{
	return !at->elsewhere &&
	       (row->status == SETTING_READ || (row->status == SETTING_BUILD && at->build));
}

/* The value of a known key. */
static bool
check_value(const struct place *at, const struct setting *row, struct entry *e)
{
	struct settings_check *c = at->c;
	struct node *node = &e->value;
	bool read = is_read(at, row);
	const char *path = join(c->arena, at->path, settings_show(c->arena, e->key));
	const char *what = NULL;

	if (row->status == SETTING_REFUSED)
		return refused(at, row, e);
	if (row->status == SETTING_INERT && !at->inert)
		settings_warn(c, e->line, false, "%s does nothing: %s", path, row->remark);
	if (node->kind == NODE_NULL)
		return true;
	if (read && !expand(c, path, node))
		return false;
	what = fault(c->arena, row, node);
	if (what != NULL && read)
		return setting_wrong(c, node->line, node->column, path, what);
	if (what != NULL)
		settings_warn(c, node->line, true, "%s %s", path, what);
	if (row->type != SETTING_GROUP || what != NULL)
		return true;
	struct place below = {.c = c,
			      .table = at->table,
			      .pattern = row->path,
			      .path = path,
			      .elsewhere = !read,
			      .inert = at->inert || row->status == SETTING_INERT,
			      .build = at->build};
	return check_map(&below, node);
}

static bool
check_map(const struct place *at, struct node *map)
{
	for (size_t i = 0; i < map->count; i++) {
		struct entry *e = &map->entries[i];
		struct place here = *at;
		const struct setting *row = row_below(at->table, at->c->arena, at->pattern, e->key);
		if (row == NULL && at->table->also != NULL && *at->pattern == '\0') {
			here.table = at->table->also;
			here.elsewhere = true;
			row = row_below(here.table, at->c->arena, "", e->key);
		}
		if (row == NULL ? !unknown(at, e) : !check_value(&here, row, e))
			return false;
	}
	return true;
}

static bool
check_root(const struct place *top, struct node *root)
{
	struct settings_check *c = top->c;

	if (root->kind == NODE_NULL)
		return true;
	if (root->kind == NODE_MAP)
		return check_map(top, root);
	error_set(c->err, E_CONFIG_002, "%s must hold a map of settings, key: value", c->file);
	error_at(c->err, c->file, root->line, root->column);
	return false;
}

bool
settings_check(struct settings_check *c, const struct settings_table *table, struct node *root)
{
	const struct place top = {.c = c, .table = table, .pattern = "", .path = ""};

	return check_root(&top, root);
}

bool
settings_check_build(struct settings_check *c, const struct settings_table *table,
		     struct node *root)
{
	const struct place top = {.c = c, .table = table, .pattern = "", .path = "", .build = true};

	return check_root(&top, root);
}

const char *
setting_text(const struct node *root, const struct settings_table *table, const char *path)
{
	const struct node *node = document_get(root, path);

	return node ? node->text : setting_find(table, path)->fallback;
}

bool
setting_bool(const struct node *root, const struct settings_table *table, const char *path)
{
	bool yes = false;

	/* The walk has refused everything else. */
	return parse_bool(setting_text(root, table, path), &yes) && yes;
}
