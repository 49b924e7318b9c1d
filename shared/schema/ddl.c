/* What all kinds share: the table of their functions, common attributes, and the writing. */
#include "shared/schema/ddl.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>

#include "shared/base/banned.h"

#define CAN(kind)                                                                                  \
	{                                                                                          \
		ddl_##kind##_create, ddl_##kind##_alter, NULL                                      \
	}
#define NEVER(kind)                                                                                \
	{                                                                                          \
		ddl_##kind##_create, NULL, NULL                                                    \
	}
#define PART(kind)                                                                                 \
	{                                                                                          \
		ddl_##kind##_create, ddl_##kind##_alter, ddl_##kind##_drop                         \
	}

static const struct ddl_kind kinds[] = {
	[SCHEMA_KIND_schema] = CAN(schema),
	[SCHEMA_KIND_extension] = CAN(extension),
	[SCHEMA_KIND_language] = NEVER(language),
	[SCHEMA_KIND_base_type] = CAN(base_type),
	[SCHEMA_KIND_enum] = CAN(enum),
	[SCHEMA_KIND_domain] = CAN(domain),
	[SCHEMA_KIND_domain_constraint] = PART(domain_constraint),
	[SCHEMA_KIND_composite] = CAN(composite),
	[SCHEMA_KIND_range] = NEVER(range),
	[SCHEMA_KIND_collation] = NEVER(collation),
	[SCHEMA_KIND_sequence] = CAN(sequence),
	[SCHEMA_KIND_table] = CAN(table),
	[SCHEMA_KIND_column] = PART(column),
	[SCHEMA_KIND_constraint] = PART(constraint),
	[SCHEMA_KIND_index] = PART(index),
	[SCHEMA_KIND_view] = CAN(view),
	[SCHEMA_KIND_materialized_view] = CAN(materialized_view),
	[SCHEMA_KIND_rule] = CAN(rule),
	[SCHEMA_KIND_function] = CAN(function),
	[SCHEMA_KIND_aggregate] = NEVER(aggregate),
	[SCHEMA_KIND_trigger] = PART(trigger),
	[SCHEMA_KIND_event_trigger] = CAN(event_trigger),
	[SCHEMA_KIND_policy] = CAN(policy),
	[SCHEMA_KIND_statistics] = CAN(statistics),
	[SCHEMA_KIND_operator] = CAN(operator),
	[SCHEMA_KIND_operator_family] = CAN(operator_family),
	[SCHEMA_KIND_operator_class] = NEVER(operator_class),
	[SCHEMA_KIND_cast] = NEVER(cast),
	[SCHEMA_KIND_conversion] = NEVER(conversion),
	[SCHEMA_KIND_access_method] = NEVER(access_method),
	[SCHEMA_KIND_text_search_parser] = NEVER(text_search_parser),
	[SCHEMA_KIND_text_search_template] = NEVER(text_search_template),
	[SCHEMA_KIND_text_search_dictionary] = CAN(text_search_dictionary),
	[SCHEMA_KIND_text_search_configuration] = CAN(text_search_configuration),
	[SCHEMA_KIND_transform] = NEVER(transform),
	[SCHEMA_KIND_foreign_data_wrapper] = CAN(foreign_data_wrapper),
	[SCHEMA_KIND_server] = CAN(server),
	[SCHEMA_KIND_user_mapping] = CAN(user_mapping),
	[SCHEMA_KIND_publication] = CAN(publication),
	[SCHEMA_KIND_subscription] = PART(subscription),
	[SCHEMA_KIND_default_privileges] = PART(default_privileges),
};

const struct ddl_kind *
ddl_kind(enum schema_kind kind)
{
	return &kinds[kind];
}

int
ddl_server(const struct ddl *d)
{
	const char *version = d->from->server_version;

	return version != NULL ? (int)strtol(version, NULL, 10) : INT_MAX;
}

/* ---- writing ---- */

struct schema_statement *
ddl_put(struct ddl *d, const char *fmt, ...)
{
	va_list ap;

	d->items = arena_grow(d->arena, d->items, d->count, &d->cap, sizeof(*d->items));
	va_start(ap, fmt);
	d->items[d->count] = (struct schema_statement){
		.sql = ddl_expression(d->arena, arena_vprintf(d->arena, fmt, ap)),
		.kind = d->kind,
		.address = d->address,
		.action = d->action,
	};
	va_end(ap);
	return &d->items[d->count++];
}

const char *
ddl_say(struct ddl *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	const char *text = arena_vprintf(d->arena, fmt, ap);
	va_end(ap);
	return text;
}

static const char *
quoted(struct ddl *d, const char *s, char quote)
{
	char *out = arena_alloc(d->arena, 2 * strlen(s) + 3), *at = out;

	*at++ = quote;
	for (; *s != '\0'; s++) {
		if (*s == quote)
			*at++ = quote;
		*at++ = *s;
	}
	*at++ = quote;
	*at = '\0';
	return out;
}

const char *
ddl_literal(struct ddl *d, const char *s)
{
	return quoted(d, s, '\'');
}

const char *
ddl_name(struct ddl *d, const char *s)
{
	return quoted(d, s, '"');
}

const char *
ddl_own_name(struct ddl *d, const struct schema_object *o)
{
	size_t whole = strlen(o->address), parent = strlen(o->parent);

	if (o->kind == SCHEMA_KIND_column)
		return o->address + parent + 1;
	const char *between = o->kind == SCHEMA_KIND_domain_constraint ? " ON DOMAIN " : " ON ";
	return arena_span(d->arena, span_of(o->address, whole - parent - strlen(between)));
}

size_t
ddl_until(const char *s, char stop)
{
	char quote = '\0';
	size_t n = 0;

	for (; s[n] != '\0' && (quote != '\0' || s[n] != stop); n++) {
		if (quote != '\0')
			quote = s[n] == quote ? '\0' : quote;
		else if (s[n] == '\'' || s[n] == '"')
			quote = s[n];
	}
	return n;
}

size_t
ddl_lines(struct ddl *d, const char *value, const char ***out)
{
	size_t count = 0, cap = 0;
	const char **lines = NULL;

	while (value != NULL && *value != '\0') {
		size_t n = ddl_until(value, '\n');
		lines = arena_grow(d->arena, (void *)lines, count, &cap, sizeof(*lines));
		lines[count++] = arena_span(d->arena, span_of(value, n));
		value += n + (value[n] == '\n' ? 1 : 0);
	}
	*out = lines;
	return count;
}

const char *
ddl_join(struct ddl *d, const char *lines, const char *between)
{
	const char **all, *joined = "";
	size_t count = ddl_lines(d, lines, &all);

	for (size_t i = 0; i < count; i++)
		joined = ddl_say(d, "%s%s%s", joined, i > 0 ? between : "", all[i]);
	return joined;
}

bool
ddl_has_line(const char *value, const char *line, size_t len)
{
	while (value != NULL && *value != '\0') {
		size_t n = ddl_until(value, '\n');
		if (n == len && strncmp(value, line, len) == 0)
			return true;
		value += n + (value[n] == '\n' ? 1 : 0);
	}
	return false;
}

const char *
ddl_keyword(const struct schema_object *o)
{
	if (o->kind == SCHEMA_KIND_table && o->values[SCHEMA_table_server] != NULL)
		return "FOREIGN TABLE";
	if (o->kind == SCHEMA_KIND_function && o->values[SCHEMA_function_what][0] == 'P')
		return "PROCEDURE";
	return schema_kind_info(o->kind)->keyword;
}

bool
ddl_others(const struct schema_change *c, const size_t *but)
{
	for (size_t i = 0; i < c->count; i++) {
		size_t place = c->attributes[i].place;
		bool known = place < SCHEMA_COMMON;
		for (const size_t *b = but; *b != 0; b++)
			known = known || *b == place;
		if (!known)
			return true;
	}
	return false;
}

/* ---- lists of options ---- */

/* Options begin with their name: fillfactor=70, host 'h'. */
static bool
has_option(const char **all, size_t count, const char *option, char until)
{
	size_t n = ddl_until(option, until);

	for (size_t i = 0; i < count; i++)
		if (ddl_until(all[i], until) == n && strncmp(all[i], option, n) == 0)
			return true;
	return false;
}

const char *
ddl_options_set(struct ddl *d, const char *before, const char *after, const char *prefix)
{
	const char **all, *list = NULL;
	size_t count = ddl_lines(d, after, &all);

	for (size_t i = 0; i < count; i++) {
		size_t n = ddl_until(all[i], '=');
		const char *value = all[i][n] == '=' ? all[i] + n + 1 : "true";
		if (ddl_has_line(before, all[i], strlen(all[i])))
			continue;
		list = ddl_say(d, "%s%s%s%.*s = %s", list ? list : "", list ? ", " : "", prefix,
			       (int)n, all[i], ddl_literal(d, value));
	}
	return list;
}

const char *
ddl_options_reset(struct ddl *d, const char *before, const char *after, const char *prefix)
{
	const char **all, **others, *list = NULL;
	size_t count = ddl_lines(d, before, &all), other_count = ddl_lines(d, after, &others);

	for (size_t i = 0; i < count; i++)
		if (!has_option(others, other_count, all[i], '='))
			list = ddl_say(d, "%s%s%s%.*s", list ? list : "", list ? ", " : "", prefix,
				       (int)ddl_until(all[i], '='), all[i]);
	return list;
}

const char *
ddl_foreign_options(struct ddl *d, const char *before, const char *after)
{
	const char **old, **new, *list = NULL;
	size_t old_count = ddl_lines(d, before, &old), new_count = ddl_lines(d, after, &new);

	for (size_t i = 0; i < new_count; i++) {
		bool there = has_option(old, old_count, new[i], ' ');
		if (!ddl_has_line(before, new[i], strlen(new[i])))
			list = ddl_say(d, "%s%s%s %s", list ? list : "", list ? ", " : "",
				       there ? "SET" : "ADD", new[i]);
	}
	for (size_t i = 0; i < old_count; i++)
		if (!has_option(new, new_count, old[i], ' '))
			list = ddl_say(d, "%s%sDROP %.*s", list ? list : "", list ? ", " : "",
				       (int)ddl_until(old[i], ' '), old[i]);
	return list;
}

/* ---- common attributes ---- */

static bool
has_owner_command(enum schema_kind kind)
{
	return kind != SCHEMA_KIND_column && kind != SCHEMA_KIND_default_privileges &&
	       kind != SCHEMA_KIND_extension;
}

static void
put_owner(struct ddl *d, const struct schema_object *o)
{
	if (has_owner_command(o->kind) && o->values[SCHEMA_owner] != NULL)
		ddl_put(d, "ALTER %s %s OWNER TO %s", ddl_keyword(o), o->address,
			o->values[SCHEMA_owner]);
}

static void
put_comment(struct ddl *d, const struct schema_object *o)
{
	const char *comment = o->values[SCHEMA_comment];

	ddl_put(d, "COMMENT ON %s %s IS %s", ddl_keyword(o), o->address,
		comment ? ddl_literal(d, comment) : "NULL");
}

static void
put_labels(struct ddl *d, const struct schema_object *o, const char *before)
{
	const char **all, **old;
	size_t count = ddl_lines(d, o->values[SCHEMA_security_labels], &all);
	size_t old_count = ddl_lines(d, before, &old);

	for (size_t i = 0; i < count; i++) {
		size_t n = ddl_until(all[i], ' ');
		if (!ddl_has_line(before, all[i], strlen(all[i])))
			ddl_put(d, "SECURITY LABEL FOR %.*s ON %s %s IS%s", (int)n, all[i],
				ddl_keyword(o), o->address, all[i] + n);
	}
	for (size_t i = 0; i < old_count; i++)
		if (!has_option(all, count, old[i], ' '))
			ddl_put(d, "SECURITY LABEL FOR %.*s ON %s %s IS NULL",
				(int)ddl_until(old[i], ' '), old[i], ddl_keyword(o), o->address);
}

void
ddl_finish(struct ddl *d, const struct schema_object *o)
{
	const char *owner = o->values[SCHEMA_owner];

	if (owner != NULL && (d->from->role == NULL || strcmp(owner, d->from->role) != 0))
		put_owner(d, o);
	ddl_privileges_create(d, o);
	/* An extension brings a comment of its own. */
	if (o->values[SCHEMA_comment] != NULL || o->kind == SCHEMA_KIND_extension)
		put_comment(d, o);
	put_labels(d, o, NULL);
}

void
ddl_about(struct ddl *d, const struct schema_object *o, const char *action)
{
	d->kind = o->kind;
	d->address = o->address;
	d->action = action;
}

void
ddl_create(struct ddl *d, const struct schema_object *o)
{
	ddl_about(d, o, "create");
	kinds[o->kind].create(d, o);
	ddl_finish(d, o);
}

void
ddl_drop(struct ddl *d, const struct schema_object *o)
{
	ddl_about(d, o, "drop");
	if (kinds[o->kind].drop != NULL)
		kinds[o->kind].drop(d, o);
	else
		ddl_put(d, "DROP %s %s", ddl_keyword(o), o->address);
}

static bool
only_common(const struct schema_change *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->attributes[i].place >= SCHEMA_COMMON)
			return false;
	return true;
}

bool
ddl_alter(struct ddl *d, const struct schema_change *c)
{
	ddl_about(d, c->after, "alter");
	if (!only_common(c) && (kinds[c->kind].alter == NULL || !kinds[c->kind].alter(d, c)))
		return false;
	if (!ddl_same(c, SCHEMA_owner)) {
		if (!has_owner_command(c->kind))
			return false;
		put_owner(d, c->after);
	}
	ddl_privileges_alter(d, c);
	if (!ddl_same(c, SCHEMA_comment))
		put_comment(d, c->after);
	if (!ddl_same(c, SCHEMA_security_labels))
		put_labels(d, c->after, c->before->values[SCHEMA_security_labels]);
	return true;
}
