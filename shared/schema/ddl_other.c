/* Operators, text search, foreign data, publications: kinds that few databases have. */
#include "shared/schema/ddl.h"

#include "shared/base/banned.h"

/* "app.=== " of "app.=== (integer, integer)" */
static const char *
before_last(struct ddl *d, const char *address, const char *mark)
{
	const char *at = NULL;

	for (const char *s = address; (s = strstr(s, mark)) != NULL; s++)
		at = s;
	return at ? arena_span(d->arena, span_of(address, (size_t)(at - address))) : address;
}

#define V(o, kind, name) ((o)->values[SCHEMA_##kind##_##name])

/* ---- operators ---- */

void
ddl_operator_create(struct ddl *d, const struct schema_object *o)
{
	const char *restrict_ = V(o, operator, restrict), *join = V(o, operator, join);

	/* A shell comes with the operator that names it. */
	if (V(o, operator, definition) == NULL)
		return;
	ddl_put(d, "CREATE OPERATOR %s (%s%s%s%s%s)", before_last(d, o->address, " ("),
		ddl_join(d, V(o, operator, definition), ", "), restrict_ ? ", RESTRICT = " : "",
		restrict_ ? restrict_ : "", join ? ", JOIN = " : "", join ? join : "");
}

bool
ddl_operator_alter(struct ddl *d, const struct schema_change *c)
{
	const char *restrict_ = V(c->after, operator, restrict),
		   *join = V(c->after, operator, join);

	if (!ddl_same(c, SCHEMA_operator_definition))
		return false;
	ddl_put(d, "ALTER OPERATOR %s SET (RESTRICT = %s, JOIN = %s)", c->after->address,
		restrict_ ? restrict_ : "NONE", join ? join : "NONE");
	return true;
}

void
ddl_operator_family_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE OPERATOR FAMILY %s", o->address);
	if (V(o, operator_family, members) != NULL)
		ddl_put(d, "ALTER OPERATOR FAMILY %s ADD %s", o->address,
			ddl_join(d, V(o, operator_family, members), ", "));
}

/* "OPERATOR 1 (a,b)" of "OPERATOR 1 app.<(a,b)"; "FUNCTION 1 (a, b)" of "FUNCTION 1 (a, b) f(…)".
 */
static const char *
member_key(struct ddl *d, const char *member)
{
	const char *number = member + strcspn(member, " ");

	number += *number == ' ' ? 1 : 0;
	size_t n = (size_t)(number - member) + strcspn(number, " ");
	const char *open = strchr(member, '(');
	const char *close = open ? strchr(open, ')') : NULL;

	return close ? ddl_say(d, "%.*s %.*s", (int)n, member, (int)(close - open) + 1, open)
		     : member;
}

bool
ddl_operator_family_alter(struct ddl *d, const struct schema_change *c)
{
	const char *before = V(c->before, operator_family, members);
	const char *after = V(c->after, operator_family, members), **all;
	size_t count = ddl_lines(d, before, &all);

	for (size_t i = 0; i < count; i++)
		if (!ddl_has_line(after, all[i], strlen(all[i])))
			ddl_put(d, "ALTER OPERATOR FAMILY %s DROP %s", c->after->address,
				member_key(d, all[i]));
	count = ddl_lines(d, after, &all);
	for (size_t i = 0; i < count; i++)
		if (!ddl_has_line(before, all[i], strlen(all[i])))
			ddl_put(d, "ALTER OPERATOR FAMILY %s ADD %s", c->after->address, all[i]);
	return true;
}

void
ddl_operator_class_create(struct ddl *d, const struct schema_object *o)
{
	const char *name = before_last(d, o->address, " USING ");
	const char *members = V(o, operator_class, members);

	/* A class must have something; its own type as storage says nothing. */
	ddl_put(d, "CREATE OPERATOR CLASS %s %sFOR TYPE %s%s FAMILY %s AS %s", name,
		V(o, operator_class, is_default) ? "DEFAULT " : "", V(o, operator_class, type),
		o->address + strlen(name), V(o, operator_class, family),
		members && members[0] ? ddl_join(d, members, ", ")
				      : ddl_say(d, "STORAGE %s", V(o, operator_class, type)));
}

void
ddl_cast_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE CAST %s %s", o->address, V(o, cast, definition));
}

void
ddl_access_method_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE ACCESS METHOD %s %s", o->address, V(o, access_method, definition));
}

void
ddl_transform_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE TRANSFORM %s (%s)", o->address,
		ddl_join(d, V(o, transform, definition), ", "));
}

/* ---- text search ---- */

void
ddl_text_search_parser_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE TEXT SEARCH PARSER %s (%s)", o->address,
		ddl_join(d, V(o, text_search_parser, definition), ", "));
}

void
ddl_text_search_template_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE TEXT SEARCH TEMPLATE %s (%s)", o->address,
		ddl_join(d, V(o, text_search_template, definition), ", "));
}

void
ddl_text_search_dictionary_create(struct ddl *d, const struct schema_object *o)
{
	const char *options = V(o, text_search_dictionary, options);

	ddl_put(d, "CREATE TEXT SEARCH DICTIONARY %s (TEMPLATE = %s%s%s)", o->address,
		V(o, text_search_dictionary, template), options ? ", " : "",
		options ? options : "");
}

bool
ddl_text_search_dictionary_alter(struct ddl *d, const struct schema_change *c)
{
	static const size_t known[] = {SCHEMA_text_search_dictionary_options, 0};
	const char *options = V(c->after, text_search_dictionary, options);

	/* An option that is not named stays: only what has more can be changed. */
	if (ddl_others(c, known) || options == NULL)
		return false;
	if (V(c->before, text_search_dictionary, options) != NULL)
		return false;
	ddl_put(d, "ALTER TEXT SEARCH DICTIONARY %s (%s)", c->after->address, options);
	return true;
}

void
ddl_text_search_configuration_create(struct ddl *d, const struct schema_object *o)
{
	const char **all;
	size_t count = ddl_lines(d, V(o, text_search_configuration, mappings), &all);

	ddl_put(d, "CREATE TEXT SEARCH CONFIGURATION %s (PARSER = %s)", o->address,
		V(o, text_search_configuration, parser));
	for (size_t i = 0; i < count; i++)
		ddl_put(d, "ALTER TEXT SEARCH CONFIGURATION %s ADD MAPPING FOR %s", o->address,
			all[i]);
}

/* `"int"` of `"int" WITH pg_catalog.simple` */
static size_t
token_length(const char *mapping)
{
	const char *with = strstr(mapping, " WITH ");

	return with ? (size_t)(with - mapping) : strlen(mapping);
}

bool
ddl_text_search_configuration_alter(struct ddl *d, const struct schema_change *c)
{
	static const size_t known[] = {SCHEMA_text_search_configuration_mappings, 0};
	const char *before = V(c->before, text_search_configuration, mappings);
	const char *after = V(c->after, text_search_configuration, mappings), **all;

	if (ddl_others(c, known))
		return false;
	size_t count = ddl_lines(d, before, &all);
	for (size_t i = 0; i < count; i++)
		if (!ddl_has_line(after, all[i], strlen(all[i])))
			ddl_put(d, "ALTER TEXT SEARCH CONFIGURATION %s DROP MAPPING FOR %.*s",
				c->after->address, (int)token_length(all[i]), all[i]);
	count = ddl_lines(d, after, &all);
	for (size_t i = 0; i < count; i++)
		if (!ddl_has_line(before, all[i], strlen(all[i])))
			ddl_put(d, "ALTER TEXT SEARCH CONFIGURATION %s ADD MAPPING FOR %s",
				c->after->address, all[i]);
	return true;
}

/* ---- foreign data ---- */

void
ddl_foreign_data_wrapper_create(struct ddl *d, const struct schema_object *o)
{
	const char *handler = V(o, foreign_data_wrapper, handler);
	const char *validator = V(o, foreign_data_wrapper, validator);
	const char *options = V(o, foreign_data_wrapper, options);

	ddl_put(d, "CREATE FOREIGN DATA WRAPPER %s%s%s%s%s%s", o->address,
		handler ? " HANDLER " : "", handler ? handler : "", validator ? " VALIDATOR " : "",
		validator ? validator : "",
		options ? ddl_say(d, " OPTIONS (%s)", ddl_join(d, options, ", ")) : "");
}

bool
ddl_foreign_data_wrapper_alter(struct ddl *d, const struct schema_change *c)
{
	const struct schema_object *b = c->after;
	const char *options = ddl_foreign_options(d, V(c->before, foreign_data_wrapper, options),
						  V(b, foreign_data_wrapper, options));

	if (!ddl_same(c, SCHEMA_foreign_data_wrapper_handler))
		ddl_put(d, "ALTER FOREIGN DATA WRAPPER %s %s%s", b->address,
			V(b, foreign_data_wrapper, handler) ? "HANDLER " : "NO HANDLER",
			V(b, foreign_data_wrapper, handler) ? V(b, foreign_data_wrapper, handler)
							    : "");
	if (!ddl_same(c, SCHEMA_foreign_data_wrapper_validator))
		ddl_put(d, "ALTER FOREIGN DATA WRAPPER %s %s%s", b->address,
			V(b, foreign_data_wrapper, validator) ? "VALIDATOR " : "NO VALIDATOR",
			V(b, foreign_data_wrapper, validator)
				? V(b, foreign_data_wrapper, validator)
				: "");
	if (options != NULL)
		ddl_put(d, "ALTER FOREIGN DATA WRAPPER %s OPTIONS (%s)", b->address, options);
	return true;
}

/* Options whose value was not read cannot be written either. */
static unsigned
unread(struct ddl *d, const char *options)
{
	const char **all;
	size_t count = ddl_lines(d, options, &all);

	for (size_t i = 0; i < count; i++)
		if (strchr(all[i], '\'') == NULL)
			return HAZARD_INCOMPLETE;
	return 0;
}

static const char *
readable(struct ddl *d, const char *options)
{
	const char **all, *kept = NULL;
	size_t count = ddl_lines(d, options, &all);

	for (size_t i = 0; i < count; i++)
		if (strchr(all[i], '\'') != NULL)
			kept = ddl_say(d, "%s%s%s", kept ? kept : "", kept ? "\n" : "", all[i]);
	return kept;
}

void
ddl_server_create(struct ddl *d, const struct schema_object *o)
{
	const char *type = V(o, server, type), *version = V(o, server, version);
	const char *options = readable(d, V(o, server, options));

	ddl_put(d, "CREATE SERVER %s%s%s%s%s FOREIGN DATA WRAPPER %s%s", o->address,
		type ? " TYPE " : "", type ? ddl_literal(d, type) : "", version ? " VERSION " : "",
		version ? ddl_literal(d, version) : "", V(o, server, wrapper),
		options ? ddl_say(d, " OPTIONS (%s)", ddl_join(d, options, ", ")) : "")
		->hazards = unread(d, V(o, server, options));
}

bool
ddl_server_alter(struct ddl *d, const struct schema_change *c)
{
	static const size_t known[] = {SCHEMA_server_version, SCHEMA_server_options, 0};
	const char *version = V(c->after, server, version);
	const char *options = ddl_foreign_options(d, readable(d, V(c->before, server, options)),
						  readable(d, V(c->after, server, options)));

	if (ddl_others(c, known) || (version == NULL && V(c->before, server, version) != NULL))
		return false;
	if (!ddl_same(c, SCHEMA_server_version))
		ddl_put(d, "ALTER SERVER %s VERSION %s", c->after->address,
			ddl_literal(d, version));
	if (options != NULL)
		ddl_put(d, "ALTER SERVER %s OPTIONS (%s)", c->after->address, options);
	return true;
}

void
ddl_user_mapping_create(struct ddl *d, const struct schema_object *o)
{
	const char *options = readable(d, V(o, user_mapping, options));

	ddl_put(d, "CREATE USER MAPPING %s%s", o->address,
		options ? ddl_say(d, " OPTIONS (%s)", ddl_join(d, options, ", ")) : "")
		->hazards = unread(d, V(o, user_mapping, options));
}

bool
ddl_user_mapping_alter(struct ddl *d, const struct schema_change *c)
{
	const char *options =
		ddl_foreign_options(d, readable(d, V(c->before, user_mapping, options)),
				    readable(d, V(c->after, user_mapping, options)));

	if (options != NULL)
		ddl_put(d, "ALTER USER MAPPING %s OPTIONS (%s)", c->after->address, options);
	return true;
}

/* ---- replication ---- */

static const char *
published(struct ddl *d, const struct schema_object *o)
{
	const char *tables = V(o, publication, tables), *schemas = V(o, publication, schemas);
	const char *list = tables ? ddl_say(d, "TABLE %s", ddl_join(d, tables, ", ")) : "";

	return schemas ? ddl_say(d, "%s%sTABLES IN SCHEMA %s", list, tables ? ", " : "",
				 ddl_join(d, schemas, ", "))
		       : list;
}

static const char *
publication_settings(struct ddl *d, const struct schema_object *o)
{
	const char *publish =
		ddl_say(d, "publish = %s", ddl_literal(d, V(o, publication, publish)));

	if (ddl_server(d) < 13)
		return publish;
	return ddl_say(d, "%s, publish_via_partition_root = %s", publish,
		       V(o, publication, via_root) ? "true" : "false");
}

void
ddl_publication_create(struct ddl *d, const struct schema_object *o)
{
	const char *what = V(o, publication, all_tables) ? "ALL TABLES" : published(d, o);

	ddl_put(d, "CREATE PUBLICATION %s%s%s WITH (%s)", o->address, what[0] ? " FOR " : "", what,
		publication_settings(d, o));
}

void
ddl_publication_again(struct ddl *d, const struct schema_object *o)
{
	const char *what = published(d, o);

	if (what[0] != '\0')
		ddl_put(d, "ALTER PUBLICATION %s SET %s", o->address, what);
}

bool
ddl_publication_alter(struct ddl *d, const struct schema_change *c)
{
	const char *what = published(d, c->after);

	if (!ddl_same(c, SCHEMA_publication_all_tables))
		return false;
	if (!ddl_same(c, SCHEMA_publication_publish) || !ddl_same(c, SCHEMA_publication_via_root))
		ddl_put(d, "ALTER PUBLICATION %s SET (%s)", c->after->address,
			publication_settings(d, c->after));
	if (ddl_same(c, SCHEMA_publication_tables) && ddl_same(c, SCHEMA_publication_schemas))
		return true;
	if (what[0] != '\0')
		ddl_put(d, "ALTER PUBLICATION %s SET %s", c->after->address, what);
	else
		ddl_put(d, "ALTER PUBLICATION %s DROP %s", c->after->address,
			published(d, c->before));
	return true;
}

void
ddl_subscription_create(struct ddl *d, const struct schema_object *o)
{
	/* Where it reads from was not read; the slot is made by hand, as after pg_dump. */
	ddl_put(d, "CREATE SUBSCRIPTION %s CONNECTION '' PUBLICATION %s WITH (connect = false, %s)",
		o->address, ddl_join(d, V(o, subscription, publications), ", "),
		ddl_join(d, V(o, subscription, options), ", "))
		->hazards = HAZARD_INCOMPLETE;
	d->items[d->count - 1].alone = true;
}

/* That can only be said when it is made. */
static bool
changes_two_phase(const struct schema_change *c)
{
	static const char two_phase[] = "two_phase = true";
	size_t n = strlen(two_phase);

	return ddl_has_line(V(c->before, subscription, options), two_phase, n) !=
	       ddl_has_line(V(c->after, subscription, options), two_phase, n);
}

/* What an option is when it is not named. */
static const char *
usual_option(const char *option)
{
	if (strncmp(option, "origin ", 7) == 0)
		return "origin = 'any'";
	return strncmp(option, "binary ", 7) == 0	       ? "binary = false"
	       : strncmp(option, "streaming ", 10) == 0	       ? "streaming = false"
	       : strncmp(option, "disable_on_error ", 17) == 0 ? "disable_on_error = false"
							       : NULL;
}

static bool
has_same_option(struct ddl *d, const char *options, const char *option)
{
	const char **all;
	size_t count = ddl_lines(d, options, &all), n = strcspn(option, " ");

	for (size_t i = 0; i < count; i++)
		if (strncmp(all[i], option, n + 1) == 0)
			return true;
	return false;
}

bool
ddl_subscription_alter(struct ddl *d, const struct schema_change *c)
{
	const struct schema_object *b = c->after;

	if (changes_two_phase(c))
		return false;
	if (!ddl_same(c, SCHEMA_subscription_publications))
		ddl_put(d, "ALTER SUBSCRIPTION %s SET PUBLICATION %s WITH (refresh = false)",
			b->address, ddl_join(d, V(b, subscription, publications), ", "));
	const char *set = V(b, subscription, options), **all, *list = NULL;
	size_t count = ddl_lines(d, set, &all);
	for (size_t i = 0; i < count; i++)
		if (!ddl_has_line(V(c->before, subscription, options), all[i], strlen(all[i])))
			list = ddl_say(d, "%s%s%s", list ? list : "", list ? ", " : "", all[i]);
	count = ddl_lines(d, V(c->before, subscription, options), &all);
	for (size_t i = 0; i < count; i++)
		if (usual_option(all[i]) != NULL && !has_same_option(d, set, all[i]))
			list = ddl_say(d, "%s%s%s", list ? list : "", list ? ", " : "",
				       usual_option(all[i]));
	if (list != NULL)
		ddl_put(d, "ALTER SUBSCRIPTION %s SET (%s)", b->address, list);
	if (!ddl_same(c, SCHEMA_subscription_enabled))
		ddl_put(d, "ALTER SUBSCRIPTION %s %s", b->address,
			V(b, subscription, enabled) ? "ENABLE" : "DISABLE");
	return true;
}

/* With its slot it could only be dropped outside a transaction, and while the publisher answers. */
void
ddl_subscription_drop(struct ddl *d, const struct schema_object *o)
{
	const char *options = V(o, subscription, options);
	static const char none[] = "slot_name = NONE";

	if (V(o, subscription, enabled) != NULL)
		ddl_put(d, "ALTER SUBSCRIPTION %s DISABLE", o->address);
	if (!ddl_has_line(options, none, strlen(none)))
		ddl_put(d,
			"/* the publisher keeps its slot, which is to be dropped there */ ALTER "
			"SUBSCRIPTION %s SET (%s)",
			o->address, none);
	ddl_put(d, "DROP SUBSCRIPTION %s", o->address);
}
