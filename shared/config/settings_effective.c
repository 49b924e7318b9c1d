/*
 * What holds: a settings file as it counts, with every default filled in and every secret hidden.
 * It walks the table, so that what is shown is what the program knows, in the table's order.
 */
#include <string.h>

#include "shared/config/settings.h"

#include "shared/base/banned.h"

struct printing {
	struct text *out;
	const struct settings_table *table;
};

static void
put_quoted(struct text *out, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./+";

	if (*s != '\0' && *s != '-' && strspn(s, plain) == strlen(s)) {
		text_put(out, s);
		return;
	}
	text_put_char(out, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\')
			text_printf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			text_printf(out, "\\x%02x", c);
		else
			text_put_char(out, (char)c);
	}
	text_put_char(out, '"');
}

static void
put_list(struct text *out, const struct node *node)
{
	text_put(out, "[");
	for (size_t i = 0; i < node->count; i++) {
		if (i > 0)
			text_put(out, ", ");
		put_quoted(out, node->entries[i].value.text);
	}
	text_put(out, "]");
}

static void
put_value(struct text *out, const struct setting *row, const struct node *node)
{
	bool given = node != NULL && node->kind != NODE_NULL;

	if (!given && row->fallback == NULL)
		text_put(out, "null");
	else if (row->type == SETTING_SECRET)
		text_put(out, "***");
	else if (given && node->kind == NODE_LIST)
		put_list(out, node);
	else
		put_quoted(out, given ? node->text : row->fallback);
	text_put_char(out, '\n');
}

static const struct node *
child(const struct node *map, const char *key)
{
	for (size_t i = 0; map != NULL && i < map->count; i++) {
		if (map->kind == NODE_MAP && strcmp(map->entries[i].key, key) == 0)
			return &map->entries[i].value;
	}
	return NULL;
}

static void put_map(const struct printing *p, const char *path, const struct node *map,
		    size_t depth);

static void
put_row(const struct printing *p, const struct setting *row, const char *key,
	const struct node *node, size_t depth)
{
	text_repeat(p->out, ' ', 2 * depth);
	put_quoted(p->out, key);
	if (row->type == SETTING_GROUP) {
		text_put(p->out, ":\n");
		put_map(p, row->path, node, depth + 1);
	} else {
		text_put(p->out, ": ");
		put_value(p->out, row, node);
	}
}

/* The keys right below `path`, as the table has them; "*" stands for those of the file. */
static void
put_map(const struct printing *p, const char *path, const struct node *map, size_t depth)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < p->table->count; i++) {
		const struct setting *row = &p->table->rows[i];
		const char *rest = row->path;
		if (row->status != SETTING_READ || strncmp(rest, path, len) != 0)
			continue;
		rest += len;
		if (len > 0 && *rest++ != '.')
			continue;
		if (*rest == '\0' || strchr(rest, '.') != NULL)
			continue;
		if (strcmp(rest, "*") != 0) {
			put_row(p, row, rest, child(map, rest), depth);
			continue;
		}
		for (size_t k = 0; map != NULL && k < map->count; k++)
			put_row(p, row, map->entries[k].key, &map->entries[k].value, depth);
	}
}

void
settings_print_effective(struct text *out, const struct settings_table *table,
			 const struct node *root)
{
	struct printing p = {.out = out, .table = table};

	put_map(&p, "", root->kind == NODE_MAP ? root : NULL, 0);
}
