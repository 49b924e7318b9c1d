/*
 * What a person calls an object, and which one that is. An unqualified name means the one in
 * public, else the only one there is. Whoever says a kind before the name means only that kind.
 */
#include "shared/schema/rename_work.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/banned.h"

enum { PARTS = 4 };

struct typed {
	enum schema_kind kind; /* SCHEMA_KIND_COUNT: none was said */
	const char *parts[PARTS];
	size_t count;
	const char *arguments; /* "(integer)", or NULL */
	const char *on[PARTS]; /* of "c ON public.t" */
	size_t on_count;
	bool wrong;
};

bool
rename_refuse(const struct schema_rename *said, struct error *err, const char *fmt, ...)
{
	char words[ERROR_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	return error_set(err, E_DIFFER_405, "--rename %s=%s: %s", said->old, said->new, words);
}

/* ---- reading ---- */

bool
schema_rename_split(struct arena *arena, const char *said, struct schema_rename *out)
{
	bool quoted = false;

	for (const char *p = said; *p != '\0'; p++) {
		if (*p == '"' || *p == '\'')
			quoted = !quoted;
		if (*p != '=' || quoted)
			continue;
		*out = (struct schema_rename){arena_span(arena, span_of(said, (size_t)(p - said))),
					      arena_str(arena, p + 1)};
		return out->old[0] != '\0' && out->new[0] != '\0';
	}
	return false;
}

/* Names that are not quoted are folded, as the server folds them. */
static const char *
folded(struct arena *arena, const struct token *t)
{
	char *name = arena_str(arena, t->bare);

	for (char *p = name; t->at[0] != '"' && *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return name;
}

static size_t
read_parts(struct arena *arena, const struct token *t, const char **parts, size_t *count)
{
	size_t i = 0;

	while (*count < PARTS && (t[i].type == TOKEN_WORD || t[i].type == TOKEN_STRING)) {
		parts[(*count)++] = t[i].type == TOKEN_WORD
					    ? folded(arena, &t[i])
					    : arena_span(arena, span_of(t[i].at, t[i].len));
		if (!token_is(&t[i + 1], "."))
			return i + 1;
		i += 2;
	}
	return i;
}

static bool
is_on(const struct token *t)
{
	return t->type == TOKEN_WORD && t->len == 2 && tolower((unsigned char)t->at[0]) == 'o' &&
	       tolower((unsigned char)t->at[1]) == 'n';
}

/* "materialized view x": as many words as make the name of a kind, with a name behind them. */
static size_t
read_kind(struct arena *arena, const struct token *t, enum schema_kind *kind)
{
	const char *words = "";

	for (size_t i = 0; t[i].type == TOKEN_WORD && t[i + 1].type == TOKEN_WORD; i++) {
		if (is_on(&t[i + 1]))
			return 0;
		words = arena_printf(arena, "%s%s%s", words, i > 0 ? "_" : "",
				     folded(arena, &t[i]));
		*kind = schema_kind_named(words);
		if (*kind != SCHEMA_KIND_COUNT)
			return i + 1;
	}
	return 0;
}

static struct typed
read_name(struct arena *arena, const char *text)
{
	struct typed n = {.kind = SCHEMA_KIND_COUNT};
	struct token *t;
	size_t count = tokens_of(arena, text, &t), i = read_kind(arena, t, &n.kind);

	i += read_parts(arena, t + i, n.parts, &n.count);
	if (token_is(&t[i], "(")) {
		n.arguments = t[i].at;
		i = count;
	} else if (is_on(&t[i])) {
		i++;
		i += t[i].type == TOKEN_WORD && strcmp(folded(arena, &t[i]), "domain") == 0 &&
		     t[i + 1].type == TOKEN_WORD;
		i += read_parts(arena, t + i, n.on, &n.on_count);
	}
	n.wrong = i < count || n.count == 0;
	return n;
}

/* ---- finding ---- */

const struct schema_object *
rename_whole(const struct schema_model *m, const struct schema_object *o)
{
	for (uint32_t k = 0; schema_kind_is_part(o->kind) && k < o->needs_count; k++)
		if (m->objects[o->needs[k]].address == o->parent)
			return &m->objects[o->needs[k]];
	return NULL;
}

bool
rename_is_relation(enum schema_kind kind)
{
	switch (kind) {
	case SCHEMA_KIND_base_type:
	case SCHEMA_KIND_enum:
	case SCHEMA_KIND_domain:
	case SCHEMA_KIND_composite:
	case SCHEMA_KIND_range:
	case SCHEMA_KIND_sequence:
	case SCHEMA_KIND_table:
	case SCHEMA_KIND_index:
	case SCHEMA_KIND_view:
	case SCHEMA_KIND_materialized_view:
		return true;
	default:
		return false;
	}
}

bool
rename_is_routine(enum schema_kind kind)
{
	return kind == SCHEMA_KIND_function || kind == SCHEMA_KIND_aggregate;
}

static int
by_name(const void *a, const void *b)
{
	const struct schema_object *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	return order != 0 ? order : strcmp((*x)->schema, (*y)->schema);
}

void
rename_index(struct renaming *r)
{
	r->named = arena_array(r->arena, r->from->count + 1, sizeof(*r->named));
	for (size_t i = 0; i < r->from->count; i++) {
		const struct schema_object *o = &r->from->objects[i];
		if (rename_is_relation(o->kind) || rename_is_routine(o->kind))
			r->named[r->named_count++] = o;
	}
	if (r->named_count > 0)
		qsort((void *)r->named, r->named_count, sizeof(*r->named), by_name);
}

static const struct schema_object *
first_named(const struct renaming *r, bool (*is)(enum schema_kind), const char *schema,
	    const char *name, size_t *count)
{
	const struct schema_object wanted = {.schema = schema, .name = name}, *key = &wanted,
				   *found = NULL;
	const struct schema_object **end = r->named + r->named_count, **at;

	*count = 0;
	if (r->named_count == 0)
		return NULL;
	at = bsearch((const void *)&key, (void *)r->named, r->named_count, sizeof(*r->named),
		     by_name);
	while (at != NULL && at > r->named && by_name(at - 1, &key) == 0)
		at--;
	for (; at != NULL && at < end && by_name(at, &key) == 0; at++)
		if (is((*at)->kind)) {
			found = found == NULL ? *at : found;
			(*count)++;
		}
	return found;
}

const struct schema_object *
rename_relation(const struct renaming *r, const char *schema, const char *name)
{
	size_t count;

	return first_named(r, rename_is_relation, schema, name, &count);
}

const struct schema_object *
rename_routine(const struct renaming *r, const char *schema, const char *name, size_t *count)
{
	return first_named(r, rename_is_routine, schema, name, count);
}

/* What has a name of its own that nothing but SQL texts holds. */
static bool
can_rename(const struct schema_object *o)
{
	switch (o->kind) {
	case SCHEMA_KIND_extension:
	case SCHEMA_KIND_language:
	case SCHEMA_KIND_operator:
	case SCHEMA_KIND_cast:
	case SCHEMA_KIND_access_method:
	case SCHEMA_KIND_transform:
	case SCHEMA_KIND_foreign_data_wrapper:
	case SCHEMA_KIND_server:
	case SCHEMA_KIND_user_mapping:
	case SCHEMA_KIND_default_privileges:
		return false;
	case SCHEMA_KIND_column:
		return o->values[SCHEMA_column_of][0] != 'v' &&
		       o->values[SCHEMA_column_of][0] != 'm';
	default:
		return true;
	}
}

/* Whether `given` names what lies in `schema` and is called `name` (NULL: has no name there). */
static bool
lies_in(const char *const *given, size_t count, const char *schema, const char *name)
{
	if (count == 0)
		return true;
	if (name != NULL && (given[count - 1] == NULL || strcmp(given[count - 1], name) != 0))
		return false;
	size_t left = name != NULL ? count - 1 : count;
	return left == 0 || (left == 1 && schema != NULL && strcmp(given[0], schema) == 0);
}

static bool
matches(const struct renaming *r, const struct typed *n, const struct schema_object *o)
{
	const struct schema_object *whole =
		o->kind == SCHEMA_KIND_index ? NULL : rename_whole(r->from, o);
	const char *const *before = n->on_count > 0 ? n->on : n->parts;
	size_t count = n->on_count > 0 ? n->on_count : n->count - 1;

	if ((n->kind != SCHEMA_KIND_COUNT && n->kind != o->kind) ||
	    strcmp(o->name, n->parts[n->count - 1]) != 0 || (n->on_count > 0 && n->count > 1))
		return false;
	if (n->arguments != NULL) {
		size_t len = strlen(o->address), args = strlen(n->arguments);
		if (!rename_is_routine(o->kind) || len < args ||
		    strcmp(o->address + len - args, n->arguments) != 0)
			return false;
	}
	if (whole != NULL)
		return count > 0 && lies_in(before, count, whole->schema, whole->name);
	return n->on_count == 0 && lies_in(before, count, o->schema, NULL);
}

static bool
in_public(const struct renaming *r, const struct schema_object *o)
{
	const struct schema_object *whole = rename_whole(r->from, o);
	const char *schema = whole != NULL ? whole->schema : o->schema;

	return schema != NULL && strcmp(schema, "public") == 0;
}

struct found {
	const struct schema_object *object;
	size_t count, public_count;
	const char *list;
};

static void
search(const struct renaming *r, const struct typed *n, struct found *f)
{
	const struct schema_object *in = NULL;

	*f = (struct found){.list = ""};
	for (size_t i = 0; i < r->from->count; i++) {
		const struct schema_object *o = &r->from->objects[i];
		if (!matches(r, n, o))
			continue;
		if (f->count++ < 8)
			f->list = arena_printf(r->arena, "%s%s%s %s", f->list,
					       f->count > 1 ? ", " : "",
					       schema_kind_info(o->kind)->name, o->address);
		f->object = o;
		if (in_public(r, o)) {
			f->public_count++;
			in = o;
		}
	}
	if (f->count > 1 && f->public_count == 1)
		f->object = in;
}

static struct name_change *
add(struct renaming *r, struct name_change change)
{
	r->items = arena_grow(r->arena, r->items, r->count, &r->cap, sizeof(*r->items));
	r->items[r->count] = change;
	return &r->items[r->count++];
}

/* ---- labels of enumerations: mood.sad, public.mood.sad, and 'sad' for what is no name ---- */

static const char *
literal(struct arena *arena, const char *part)
{
	return part[0] == '\'' ? part : rename_literal(arena, part);
}

static bool
has_label(const struct schema_object *o, const char *label)
{
	const char *p = o->values[SCHEMA_enum_labels];
	size_t len = strlen(label);

	for (; p != NULL && (p = strstr(p, label)) != NULL; p++)
		if ((p == o->values[SCHEMA_enum_labels] || p[-1] == '\n') &&
		    (p[len] == '\0' || p[len] == '\n'))
			return true;
	return false;
}

static bool
find_label(struct renaming *r, const struct schema_rename *said, const struct typed *old,
	   const struct typed *new, bool *found)
{
	struct typed of = *old;
	const char *label = literal(r->arena, old->parts[old->count - 1]);
	struct found f;

	*found = false;
	if (old->count < 2 || old->on_count > 0)
		return false;
	of.kind = SCHEMA_KIND_enum;
	of.count--;
	search(r, &of, &f);
	if (f.object == NULL || !has_label(f.object, label))
		return false;
	*found = true;
	const char *to = literal(r->arena, new->parts[new->count - 1]);
	add(r, (struct name_change){.said = said,
				    .before = f.object,
				    .old = label,
				    .new = to,
				    .word = to,
				    .label = true});
	return true;
}

/* ---- one rename ---- */

/* How the server writes the new name: as it does in `to`. */
static const char *
word_in(struct renaming *r, enum schema_kind kind, const char *name)
{
	for (size_t i = 0; i < r->to->count; i++)
		if (r->to->objects[i].kind == kind && strcmp(r->to->objects[i].name, name) == 0)
			return rename_own_word(r->arena, &r->to->objects[i]);
	return NULL;
}

static bool
is_twice(const struct renaming *r, const struct name_change *c)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->items[i].before == c->before && r->items[i].label == c->label &&
		    (!c->label || strcmp(r->items[i].old, c->old) == 0))
			return true;
	return false;
}

static bool
is_one(const struct schema_rename *said, const struct found *f, struct error *err)
{
	if (f->count == 0) {
		rename_refuse(said, err, "%s is not in the old structure", said->old);
		error_hint(err, "say it as it stands in: confiture introspect SRC -f text");
		return false;
	}
	if (f->count > 1 && f->public_count != 1) {
		rename_refuse(said, err, "%s means %zu things", said->old, f->count);
		error_cause(err, "%s", f->list);
		error_hint(err, "say which, with schema or kind: --rename 'table app.%s=…'",
			   said->old);
		return false;
	}
	if (can_rename(f->object))
		return true;
	rename_refuse(said, err, "a plan cannot rename %s %s",
		      schema_kind_info(f->object->kind)->name, f->object->address);
	error_hint(err, "leave the rename out: it is dropped and made anew");
	return false;
}

bool
rename_find(struct renaming *r, const struct schema_rename *said, struct error *err)
{
	struct typed old = read_name(r->arena, said->old), new = read_name(r->arena, said->new);
	struct found f;
	bool label;

	if (old.wrong || new.wrong) {
		rename_refuse(said, err, "%s is no name", old.wrong ? said->old : said->new);
		error_hint(err, "--rename public.users=public.customers");
		return false;
	}
	search(r, &old, &f);
	if (f.count == 0 && find_label(r, said, &old, &new, &label)) {
		r->count--;
		struct name_change c = r->items[r->count];
		if (is_twice(r, &c))
			return rename_refuse(said, err, "%s is renamed twice", said->old);
		r->count++;
		return true;
	}
	if (!is_one(said, &f, err))
		return false;
	struct name_change c = {.said = said,
				.before = f.object,
				.whole = f.object->kind == SCHEMA_KIND_index
						 ? NULL
						 : rename_whole(r->from, f.object),
				.old = f.object->name,
				.new = schema_pool_text(r->pool, new.parts[new.count - 1])};
	c.word = word_in(r, f.object->kind, c.new);
	if (is_twice(r, &c))
		return rename_refuse(said, err, "%s is renamed twice", f.object->address);
	if (strcmp(c.old, c.new) == 0)
		return rename_refuse(said, err,
				     "the name stays the same; a rename does not move %s to "
				     "another schema or table",
				     f.object->address);
	if (c.word == NULL)
		return rename_refuse(said, err, "there is no %s %s in the new structure",
				     schema_kind_info(f.object->kind)->name, said->new);
	add(r, c);
	return true;
}

bool
rename_fits(struct renaming *r, const struct name_change *c, const struct schema_object *after)
{
	struct typed n = read_name(r->arena, c->said->new);
	const struct schema_object *old = c->whole, *new = NULL;
	const char *const *given = n.on_count > 0 ? n.on : n.parts;
	size_t count = n.on_count > 0 ? n.on_count : n.count - 1;

	if (c->label)
		return lies_in(given, count, c->before->schema, c->before->name) ||
		       lies_in(given, count, after->schema, after->name);
	if (old == NULL)
		return lies_in(given, count, c->before->schema, NULL) ||
		       lies_in(given, count, after->schema, NULL);
	new = rename_whole(r->to, after);
	return lies_in(given, count, old->schema, old->name) ||
	       (new != NULL &&lies_in(given, count, new->schema, new->name));
}
