/*
 * The words of a footprint and the canonical names of what it touches. A name that is not plain is
 * quoted in a key as PostgreSQL would quote it, so that no two objects share one key.
 */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/sql/footprint.h"

#include "shared/base/banned.h"

#define WORD(id, word, ...) word,
static const char *const modes[] = {SQL_MODES(WORD)};
static const char *const kinds[] = {SQL_KINDS(WORD)};
static const char *const parts[] = {SQL_PARTS(WORD)};
static const char *const bonds[] = {SQL_BONDS(WORD)};
#define SPACE(id, word, space) space,
static const char *const spaces[] = {SQL_KINDS(SPACE)};

const char *
sql_mode_word(enum sql_mode mode)
{
	return modes[mode];
}

const char *
sql_kind_word(enum sql_kind kind)
{
	return kinds[kind];
}

const char *
sql_kind_space(enum sql_kind kind)
{
	return spaces[kind];
}

const char *
sql_part_word(enum sql_part part)
{
	return parts[part];
}

const char *
sql_bond_word(enum sql_bond bond)
{
	return bonds[bond];
}

static bool
find_word(const char *const *words, size_t count, const char *word, size_t *out)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i], word) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

#define FROM_WORD(name, type, words)                                                               \
	bool name(const char *word, type *out)                                                     \
	{                                                                                          \
		size_t at;                                                                         \
		bool found = find_word(words, ARRAY_LEN(words), word, &at);                        \
		if (found)                                                                         \
			*out = (type)at;                                                           \
		return found;                                                                      \
	}
FROM_WORD(sql_mode_from_word, enum sql_mode, modes)
FROM_WORD(sql_kind_from_word, enum sql_kind, kinds)
FROM_WORD(sql_part_from_word, enum sql_part, parts)
FROM_WORD(sql_bond_from_word, enum sql_bond, bonds)

/* ---- names ---- */

static bool
is_plain(const char *name)
{
	if (*name == '\0' || (*name >= '0' && *name <= '9'))
		return false;
	for (const char *c = name; *c != '\0'; c++) {
		bool plain = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_' ||
			     *c == '$' || (*c & 0x80) != 0;
		if (!plain)
			return false;
	}
	return true;
}

static const char *
quoted(struct arena *arena, const char *name)
{
	size_t quotes = 0;

	if (is_plain(name))
		return name;
	for (const char *c = name; *c != '\0'; c++)
		quotes += *c == '"';
	char *text = arena_alloc(arena, strlen(name) + quotes + 3);
	char *at = text;
	*at++ = '"';
	for (const char *c = name; *c != '\0'; c++) {
		if (*c == '"')
			*at++ = '"';
		*at++ = *c;
	}
	*at = '"';
	return text;
}

static const char *
object_text(struct arena *arena, const struct sql_access *a)
{
	if (a->schema == NULL)
		return quoted(arena, a->name);
	return arena_printf(arena, "%s.%s", quoted(arena, a->schema), quoted(arena, a->name));
}

/* Kinds whose name says by itself what they are; the others are spoken of with their kind. */
static bool
stands_alone(const struct sql_access *a)
{
	return a->schema != NULL;
}

const char *
sql_access_text(struct arena *arena, const struct sql_access *a)
{
	const char *object = object_text(arena, a);

	if (!stands_alone(a))
		object = arena_printf(arena, "%s %s", kinds[a->kind], object);
	if (a->part == NULL || a->part_kind == SQL_PART_NONE || strcmp(a->part, "*") == 0)
		return object;
	if (a->part_kind == SQL_PART_SIGNATURE)
		return a->part[0] == '#' ? object : arena_printf(arena, "%s%s", object, a->part);
	if (a->part_kind == SQL_PART_COLUMN)
		return arena_printf(arena, "%s.%s", object, quoted(arena, a->part));
	return arena_printf(arena, "%s %s of %s", parts[a->part_kind], quoted(arena, a->part),
			    object);
}

struct sql_keys
sql_access_keys(struct arena *arena, const struct sql_access *a)
{
	struct sql_keys keys;

	keys.object = arena_printf(arena, "%s %s", spaces[a->kind], object_text(arena, a));
	keys.container = a->schema == NULL ? NULL
					   : arena_printf(arena, "%s %s", spaces[SQL_KIND_SCHEMA],
							  quoted(arena, a->schema));
	keys.part = a->part == NULL ? keys.object
				    : arena_printf(arena, "%s %s %s", keys.object,
						   parts[a->part_kind], quoted(arena, a->part));
	return keys;
}
