/* Schemas, types, sequences and collations. */
#include "shared/schema/ddl.h"

#include <stdlib.h>

#include "shared/base/banned.h"

/* ---- schemas and extensions ---- */

void
ddl_schema_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE SCHEMA %s", o->address);
}

bool
ddl_schema_alter(struct ddl *d, const struct schema_change *c)
{
	(void)d;
	(void)c;
	return true; /* it has only common attributes */
}

void
ddl_extension_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE EXTENSION %s WITH SCHEMA %s", o->address,
		o->values[SCHEMA_extension_in_schema]);
}

bool
ddl_extension_alter(struct ddl *d, const struct schema_change *c)
{
	ddl_put(d, "ALTER EXTENSION %s SET SCHEMA %s", c->after->address,
		c->after->values[SCHEMA_extension_in_schema]);
	return true;
}

void
ddl_language_create(struct ddl *d, const struct schema_object *o)
{
	const char *inline_ = o->values[SCHEMA_language_inline];
	const char *validator = o->values[SCHEMA_language_validator];

	ddl_put(d, "CREATE %sLANGUAGE %s HANDLER %s%s%s%s%s",
		o->values[SCHEMA_language_trusted] ? "TRUSTED " : "", o->address,
		o->values[SCHEMA_language_handler], inline_ ? " INLINE " : "",
		inline_ ? inline_ : "", validator ? " VALIDATOR " : "", validator ? validator : "");
}

/* ---- types ---- */

void
ddl_base_type_shell(struct ddl *d, const struct schema_object *o)
{
	ddl_about(d, o, "create");
	ddl_put(d, "CREATE TYPE %s", o->address);
}

void
ddl_base_type_create(struct ddl *d, const struct schema_object *o)
{
	const char *definition = o->values[SCHEMA_base_type_definition];

	if (definition != NULL)
		ddl_put(d, "CREATE TYPE %s (%s)", o->address, ddl_join(d, definition, ", "));
}

bool
ddl_base_type_alter(struct ddl *d, const struct schema_change *c)
{
	/* A shell that is filled. */
	if (c->before->values[SCHEMA_base_type_definition] != NULL)
		return false;
	ddl_base_type_create(d, c->after);
	return true;
}

void
ddl_enum_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE TYPE %s AS ENUM (%s)", o->address,
		ddl_join(d, o->values[SCHEMA_enum_labels], ", "));
}

/* Labels can be added anywhere; none can go and none can change its place. */
bool
ddl_enum_alter(struct ddl *d, const struct schema_change *c)
{
	const char **old, **new, *last = NULL;
	size_t old_count = ddl_lines(d, c->before->values[SCHEMA_enum_labels], &old);
	size_t new_count = ddl_lines(d, c->after->values[SCHEMA_enum_labels], &new), at = 0;

	for (size_t i = 0; i < new_count && at < old_count; i++)
		at += strcmp(new[i], old[at]) == 0 ? 1 : 0;
	if (at < old_count)
		return false;
	at = 0;
	for (size_t i = 0; i < new_count; i++) {
		if (at < old_count && strcmp(new[i], old[at]) == 0)
			at++;
		else
			ddl_put(d, "ALTER TYPE %s ADD VALUE %s%s%s", c->after->address, new[i],
				last		 ? " AFTER "
				: at < old_count ? " BEFORE "
						 : "",
				last		 ? last
				: at < old_count ? old[at]
						 : "")
				->then_commit = true;
		last = new[i];
	}
	return true;
}

void
ddl_range_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE TYPE %s AS RANGE (%s)", o->address,
		ddl_join(d, o->values[SCHEMA_range_definition], ", "));
}

#define D(o, name) ((o)->values[SCHEMA_domain_##name])

void
ddl_domain_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE DOMAIN %s AS %s%s%s%s%s%s", o->address, D(o, type),
		D(o, collation) ? " COLLATE " : "", D(o, collation) ? D(o, collation) : "",
		D(o, default) ? " DEFAULT " : "", D(o, default) ? D(o, default) : "",
		D(o, not_null) ? " NOT NULL" : "");
}

bool
ddl_domain_alter(struct ddl *d, const struct schema_change *c)
{
	if (!ddl_same(c, SCHEMA_domain_type) || !ddl_same(c, SCHEMA_domain_collation))
		return false;
	if (!ddl_same(c, SCHEMA_domain_default))
		ddl_put(d, "ALTER DOMAIN %s %s%s", c->after->address,
			D(c->after, default) ? "SET DEFAULT " : "DROP DEFAULT",
			D(c->after, default) ? D(c->after, default) : "");
	if (!ddl_same(c, SCHEMA_domain_not_null))
		ddl_put(d, "ALTER DOMAIN %s %s NOT NULL", c->after->address,
			D(c->after, not_null) ? "SET" : "DROP")
			->hazards = D(c->after, not_null) ? HAZARD_SCAN : 0;
	return true;
}

void
ddl_domain_constraint_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "ALTER DOMAIN %s ADD CONSTRAINT %s %s", o->parent, ddl_own_name(d, o),
		o->values[SCHEMA_domain_constraint_definition])
		->hazards = HAZARD_SCAN;
}

bool
ddl_domain_constraint_alter(struct ddl *d, const struct schema_change *c)
{
	const char *old = c->before->values[SCHEMA_domain_constraint_definition];
	const char *new = c->after->values[SCHEMA_domain_constraint_definition];
	size_t n = strlen(new);

	if (strncmp(old, new, n) != 0 || strcmp(old + n, " NOT VALID") != 0)
		return false;
	ddl_put(d, "ALTER DOMAIN %s VALIDATE CONSTRAINT %s", c->after->parent,
		ddl_own_name(d, c->after));
	return true;
}

void
ddl_domain_constraint_drop(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "ALTER DOMAIN %s DROP CONSTRAINT %s", o->parent, ddl_own_name(d, o));
}

/* By its place among the old objects: short, ASCII, and no other's. */
static const char *
aside(struct ddl *d, const struct schema_object *o)
{
	return ddl_say(d, "confiture_old_%zu", (size_t)(o - d->from->objects));
}

void
ddl_type_step_aside(struct ddl *d, const struct schema_object *o)
{
	ddl_about(d, o, "replace");
	ddl_put(d, "ALTER %s %s RENAME TO %s", ddl_keyword(o), o->address, aside(d, o));
}

void
ddl_type_drop_aside(struct ddl *d, const struct schema_object *o)
{
	ddl_about(d, o, "replace");
	ddl_put(d, "DROP %s %s.%s", ddl_keyword(o), ddl_name(d, o->schema), aside(d, o));
}

/* ---- sequences ---- */

#define S(o, name) ((o)->values[SCHEMA_sequence_##name])

static const char *
sequence_words(struct ddl *d, const struct schema_object *o)
{
	return ddl_say(d, "AS %s START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s",
		       S(o, type), S(o, start), S(o, increment), S(o, minimum), S(o, maximum),
		       S(o, cache), S(o, cycle) ? " CYCLE" : " NO CYCLE");
}

void
ddl_sequence_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE %sSEQUENCE %s %s", S(o, unlogged) ? "UNLOGGED " : "", o->address,
		sequence_words(d, o));
}

/* A sequence that was never used stands at its start; where that is outside the new bounds the
 * server refuses them unless it begins anew. */
bool
ddl_out_of_range(const char *start, const char *minimum, const char *maximum)
{
	long long at = strtoll(start, NULL, 10);

	return at < strtoll(minimum, NULL, 10) || at > strtoll(maximum, NULL, 10);
}

bool
ddl_sequence_alter(struct ddl *d, const struct schema_change *c)
{
	static const size_t apart[] = {SCHEMA_sequence_unlogged, SCHEMA_sequence_owned_by, 0};

	if (!ddl_same(c, SCHEMA_sequence_unlogged))
		ddl_put(d, "ALTER SEQUENCE %s SET %s", c->after->address,
			S(c->after, unlogged) ? "UNLOGGED" : "LOGGED");
	if (ddl_others(c, apart))
		ddl_put(d, "ALTER SEQUENCE %s %s%s", c->after->address, sequence_words(d, c->after),
			ddl_out_of_range(S(c->before, start), S(c->after, minimum),
					 S(c->after, maximum))
				? " RESTART"
				: "");
	return true;
}

void
ddl_sequence_owned(struct ddl *d, const struct schema_object *o)
{
	ddl_about(d, o, "alter");
	ddl_put(d, "ALTER SEQUENCE %s OWNED BY %s", o->address,
		S(o, owned_by) ? S(o, owned_by) : "NONE");
}

/* ---- collations and conversions ---- */

void
ddl_collation_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE COLLATION %s (%s)", o->address,
		ddl_join(d, o->values[SCHEMA_collation_definition], ", "));
}

void
ddl_conversion_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE %sCONVERSION %s %s",
		o->values[SCHEMA_conversion_is_default] ? "DEFAULT " : "", o->address,
		o->values[SCHEMA_conversion_definition]);
}
