/* confiture.yaml: what belongs to the whole project and to no environment. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "shared/config/config.h"
#include "shared/config/settings.h"

#include "shared/base/banned.h"

static bool
group_wrong(struct settings_check *c, const struct entry *e, const char *what)
{
	const char *path = arena_printf(c->arena, "groups.%s", settings_show(c->arena, e->key));

	return setting_wrong(c, e->line, e->column, path, what);
}

static bool
has_member(const struct config_group *g, const char *name)
{
	for (size_t i = 0; i < g->count; i++) {
		if (strcmp(g->members[i], name) == 0)
			return true;
	}
	return false;
}

static bool
add_member(struct settings_check *c, const struct entry *e, struct config_group *g,
	   const char *name)
{
	if (*name == '\0' || strpbrk(name, ", \t\r\n") != NULL)
		return group_wrong(c, e,
				   "holds a name that is empty or has a comma or space in it");
	if (has_member(g, name))
		return group_wrong(
			c, e,
			arena_printf(c->arena, "names %s twice", settings_show(c->arena, name)));
	g->members[g->count++] = name;
	return true;
}

static bool
read_group(struct settings_check *c, const struct entry *e, struct config_group *out)
{
	const struct node *list = &e->value;

	if (*e->key == '\0' || strpbrk(e->key, ", \t\r\n/") != NULL)
		return group_wrong(c, e, "is no name for a group: no comma, space or \"/\"");
	out->name = e->key;
	out->members = arena_array(c->arena, list->count + 1, sizeof(*out->members));
	if (list->kind == NODE_TEXT && !add_member(c, e, out, list->text))
		return false;
	for (size_t i = 0; i < list->count; i++) {
		if (!add_member(c, e, out, list->entries[i].value.text))
			return false;
	}
	return out->count > 0 || group_wrong(c, e, "has no members");
}

static bool
read_groups(struct settings_check *c, const struct node *map, struct config_project *out)
{
	size_t count = map ? map->count : 0;

	out->groups = arena_array(c->arena, count + 1, sizeof(*out->groups));
	for (; out->group_count < count; out->group_count++) {
		if (!read_group(c, &map->entries[out->group_count], &out->groups[out->group_count]))
			return false;
	}
	return true;
}

/* An empty text stays: whoever wrote the key meant one, and must not get none without a word. */
static void
read_coordinator(struct settings_check *c, const struct node *list, struct config_project *out)
{
	size_t count = list ? list->count + 1 : 0;

	out->coordinator = arena_array(c->arena, count + 1, sizeof(*out->coordinator));
	if (list != NULL && list->kind == NODE_TEXT)
		out->coordinator[out->coordinator_count++] = list->text;
	for (size_t i = 0; list != NULL && i < list->count; i++)
		out->coordinator[out->coordinator_count++] = list->entries[i].value.text;
}

bool
config_project_load(struct arena *arena, const char *path, struct config_project *out,
		    struct config_warnings *warnings, struct error *err)
{
	struct settings_check c = {arena, arena_str(arena, path), warnings, err};
	struct node root;

	*out = (struct config_project){0};
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	out->file = c.file;
	if (!document_read(arena, path, &root, err) ||
	    !settings_check(&c, &settings_project, &root) ||
	    !read_groups(&c, document_get(&root, "groups"), out))
		return false;
	read_coordinator(&c, document_get(&root, "coordinator"), out);
	return true;
}
