/* Views, rules, functions, triggers, policies: what is code. */
#include "shared/schema/ddl.h"

#include "shared/base/banned.h"

/* ---- views ---- */

#define W(o, name) ((o)->values[SCHEMA_view_##name])
#define M(o, name) ((o)->values[SCHEMA_materialized_view_##name])

static const char *
with_options(struct ddl *d, const char *options)
{
	const char *list = ddl_options_set(d, NULL, options, "");

	return list ? ddl_say(d, " WITH (%s)", list) : "";
}

/* pg_get_viewdef ends with a semicolon. */
static const char *
without_semicolon(struct ddl *d, const char *definition)
{
	size_t n = strlen(definition);

	return arena_span(d->arena,
			  span_of(definition, n > 0 && definition[n - 1] == ';' ? n - 1 : n));
}

void
ddl_view_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE VIEW %s%s AS\n%s", o->address, with_options(d, W(o, options)),
		without_semicolon(d, W(o, definition)));
}

/* CREATE OR REPLACE VIEW keeps the columns that are there, and may add some behind them. */
static bool
may_be_replaced(const struct schema_change *c)
{
	const char *old = W(c->before, columns), *new = W(c->after, columns);
	size_t n = old ? strlen(old) : 0;

	return old != NULL && new != NULL &&strncmp(old, new, n) == 0 &&
	       (new[n] == '\0' || new[n] == '\n');
}

bool
ddl_view_alter(struct ddl *d, const struct schema_change *c)
{
	const struct schema_object *b = c->after;

	if (!ddl_same(c, SCHEMA_view_definition)) {
		if (!may_be_replaced(c))
			return false;
		ddl_put(d, "CREATE OR REPLACE VIEW %s%s AS\n%s", b->address,
			with_options(d, W(b, options)), without_semicolon(d, W(b, definition)));
		return true;
	}
	const char *set = ddl_options_set(d, W(c->before, options), W(b, options), "");
	const char *reset = ddl_options_reset(d, W(c->before, options), W(b, options), "");
	if (set != NULL)
		ddl_put(d, "ALTER VIEW %s SET (%s)", b->address, set);
	if (reset != NULL)
		ddl_put(d, "ALTER VIEW %s RESET (%s)", b->address, reset);
	return true;
}

/* Its rows come out of functions, also behind views, and those may call others by name alone. */
static bool
rests_on_code(const struct ddl *d, const struct schema_object *o)
{
	for (uint32_t i = 0; i < o->needs_count; i++) {
		enum schema_kind kind = d->to->objects[o->needs[i]].kind;
		if (kind == SCHEMA_KIND_function || kind == SCHEMA_KIND_view)
			return true;
	}
	return false;
}

void
ddl_materialized_view_create(struct ddl *d, const struct schema_object *o)
{
	bool later = d->fill_later && rests_on_code(d, o);

	ddl_put(d, "CREATE MATERIALIZED VIEW %s%s%s%s%s%s AS\n%s%s", o->address,
		M(o, access_method) ? " USING " : "",
		M(o, access_method) ? M(o, access_method) : "", with_options(d, M(o, options)),
		M(o, tablespace) ? " TABLESPACE " : "", M(o, tablespace) ? M(o, tablespace) : "",
		without_semicolon(d, M(o, definition)), later ? "\nWITH NO DATA" : "");
	if (!later)
		return;
	d->to_fill = arena_grow(d->arena, (void *)d->to_fill, d->fill_count, &d->fill_cap,
				sizeof(*d->to_fill));
	d->to_fill[d->fill_count++] = o->address;
}

bool
ddl_materialized_view_alter(struct ddl *d, const struct schema_change *c)
{
	static const size_t known[] = {SCHEMA_materialized_view_options,
				       SCHEMA_materialized_view_clustered_on, 0};
	const char *old = M(c->before, options), *new = M(c->after, options);

	if (ddl_others(c, known))
		return false;
	const char *set = ddl_options_set(d, old, new, ""),
		   *reset = ddl_options_reset(d, old, new, "");
	if (set != NULL)
		ddl_put(d, "ALTER MATERIALIZED VIEW %s SET (%s)", c->after->address, set);
	if (reset != NULL)
		ddl_put(d, "ALTER MATERIALIZED VIEW %s RESET (%s)", c->after->address, reset);
	return true;
}

/* ---- rules and triggers ---- */

static void
put_firing(struct ddl *d, const struct schema_object *o, const char *what, const char *firing)
{
	ddl_put(d, "ALTER TABLE %s %s %s %s", o->parent, firing ? firing : "ENABLE", what,
		ddl_own_name(d, o));
}

void
ddl_rule_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "%s", without_semicolon(d, o->values[SCHEMA_rule_definition]));
	if (o->values[SCHEMA_rule_firing] != NULL)
		put_firing(d, o, "RULE", o->values[SCHEMA_rule_firing]);
}

bool
ddl_rule_alter(struct ddl *d, const struct schema_change *c)
{
	if (!ddl_same(c, SCHEMA_rule_definition))
		return false;
	put_firing(d, c->after, "RULE", c->after->values[SCHEMA_rule_firing]);
	return true;
}

void
ddl_trigger_create(struct ddl *d, const struct schema_object *o)
{
	if (o->values[SCHEMA_trigger_definition] != NULL)
		ddl_put(d, "%s", o->values[SCHEMA_trigger_definition]);
	if (o->values[SCHEMA_trigger_firing] != NULL)
		put_firing(d, o, "TRIGGER", o->values[SCHEMA_trigger_firing]);
}

bool
ddl_trigger_alter(struct ddl *d, const struct schema_change *c)
{
	if (!ddl_same(c, SCHEMA_trigger_definition))
		return false;
	put_firing(d, c->after, "TRIGGER", c->after->values[SCHEMA_trigger_firing]);
	return true;
}

void
ddl_trigger_drop(struct ddl *d, const struct schema_object *o)
{
	/* What is told of a partition's clone is only how it fires. */
	if (o->values[SCHEMA_trigger_definition] != NULL)
		ddl_put(d, "DROP TRIGGER %s", o->address);
	else
		put_firing(d, o, "TRIGGER", "ENABLE");
}

#define E(o, name) ((o)->values[SCHEMA_event_trigger_##name])

void
ddl_event_trigger_create(struct ddl *d, const struct schema_object *o)
{
	const char *tags = E(o, tags);

	ddl_put(d, "CREATE EVENT TRIGGER %s ON %s%s%s%s EXECUTE FUNCTION %s()", o->address,
		E(o, event), tags ? " WHEN TAG IN (" : "", tags ? ddl_join(d, tags, ", ") : "",
		tags ? ")" : "", E(o, function));
	if (E(o, firing) != NULL)
		ddl_put(d, "ALTER EVENT TRIGGER %s %s", o->address, E(o, firing));
}

bool
ddl_event_trigger_alter(struct ddl *d, const struct schema_change *c)
{
	static const size_t known[] = {SCHEMA_event_trigger_firing, 0};

	if (ddl_others(c, known))
		return false;
	ddl_put(d, "ALTER EVENT TRIGGER %s %s", c->after->address,
		E(c->after, firing) ? E(c->after, firing) : "ENABLE");
	return true;
}

/* ---- policies ---- */

#define P(o, name) ((o)->values[SCHEMA_policy_##name])

static const char *
policy_rows(struct ddl *d, const struct schema_object *o)
{
	return ddl_say(d, " TO %s%s%s%s%s%s%s", ddl_join(d, P(o, roles), ", "),
		       P(o, using) ? " USING (" : "", P(o, using) ? P(o, using) : "",
		       P(o, using) ? ")" : "", P(o, check) ? " WITH CHECK (" : "",
		       P(o, check) ? P(o, check) : "", P(o, check) ? ")" : "");
}

void
ddl_policy_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE POLICY %s%s FOR %s%s", o->address,
		P(o, restrictive) ? " AS RESTRICTIVE" : "", P(o, command), policy_rows(d, o));
}

bool
ddl_policy_alter(struct ddl *d, const struct schema_change *c)
{
	static const size_t known[] = {SCHEMA_policy_roles, SCHEMA_policy_using,
				       SCHEMA_policy_check, 0};

	if (ddl_others(c, known) || (P(c->before, using) != NULL && P(c->after, using) == NULL) ||
	    (P(c->before, check) != NULL && P(c->after, check) == NULL))
		return false;
	ddl_put(d, "ALTER POLICY %s%s", c->after->address, policy_rows(d, c->after));
	return true;
}

/* ---- functions ---- */

#define F(o, name) ((o)->values[SCHEMA_function_##name])

void
ddl_function_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "%s", without_semicolon(d, F(o, definition)));
}

bool
ddl_function_alter(struct ddl *d, const struct schema_change *c)
{
	/* CREATE OR REPLACE keeps names of arguments and what is returned. */
	if (!ddl_same(c, SCHEMA_function_what) || !ddl_same(c, SCHEMA_function_arguments) ||
	    !ddl_same(c, SCHEMA_function_returns))
		return false;
	ddl_function_create(d, c->after);
	return true;
}

void
ddl_aggregate_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "CREATE AGGREGATE %s (%s)", o->address,
		ddl_join(d, o->values[SCHEMA_aggregate_definition], ", "));
}

/* ---- statistics ---- */

void
ddl_statistics_create(struct ddl *d, const struct schema_object *o)
{
	ddl_put(d, "%s", o->values[SCHEMA_statistics_definition]);
	if (o->values[SCHEMA_statistics_target] != NULL)
		ddl_put(d, "ALTER STATISTICS %s SET STATISTICS %s", o->address,
			o->values[SCHEMA_statistics_target]);
}

bool
ddl_statistics_alter(struct ddl *d, const struct schema_change *c)
{
	const char *target = c->after->values[SCHEMA_statistics_target];

	if (!ddl_same(c, SCHEMA_statistics_definition))
		return false;
	ddl_put(d, "ALTER STATISTICS %s SET STATISTICS %s", c->after->address,
		target ? target : "-1");
	return true;
}
