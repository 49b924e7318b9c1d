/*
 * Who is in whose way. Candidates come from the index of objects, so that only intents which touch
 * the same things are read; the rules of coordinator/conflict.h then judge each pair.
 */
#include "coordinator/intents.h"

#include <stdio.h>
#include <string.h>

#include "coordinator/footprint_record.h"
#include "shared/base/faults.h"

#include "shared/base/banned.h"

enum { CANDIDATES_MAX = 2000, CONFLICTS_OF_PAIR = 50, NEWER_VERSIONS = 16 };

/* ---- keys ---- */
static struct sql_access
typed_table(struct arena *a, const char *typed)
{
	const char *dot = strchr(typed, '.');

	return (struct sql_access){
		.kind = SQL_KIND_RELATION,
		.mode = SQL_MODE_ALTER,
		.schema = dot != NULL ? arena_span(a, span_of(typed, (size_t)(dot - typed)))
				      : "public",
		.name = dot != NULL ? dot + 1 : typed};
}

struct keyer {
	struct coordinator *c;
	const char *id;		     /* rows are added for it … */
	struct intent_briefs *found; /* … or looked up */
};

static bool
key(struct keyer *k, char space, const char *name, struct error *err)
{
	const char *full = arena_printf(&k->c->round, "%c %s", space, name);

	if (k->found == NULL)
		return journal_intent_key_add(k->c->journal, k->id, full, err);
	return journal_intents_by_key(k->c->journal, &k->c->round, full, k->found, err);
}

/* An access is kept under its object, 'o' for a change and 'r' for what only depends on it, and
 * under what contains it, 'c'; it is looked up as shared/sql/footprint.h says. Two that only depend
 * on the same thing are in nobody's way. */
static bool
key_access(struct keyer *k, const struct sql_access *access, struct error *err)
{
	struct sql_keys keys = sql_access_keys(&k->c->round, access);
	bool reads = access->mode == SQL_MODE_READ;

	if (k->found == NULL)
		return key(k, reads ? 'r' : 'o', keys.object, err) &&
		       (keys.container == NULL || key(k, 'c', keys.container, err));
	return key(k, 'o', keys.object, err) && (reads || key(k, 'r', keys.object, err)) &&
	       (keys.container == NULL || key(k, 'o', keys.container, err)) &&
	       (access->kind != SQL_KIND_SCHEMA || key(k, 'c', keys.object, err));
}

/* Whoever brings a newer version: it may land first. */
static bool
key_newer(struct keyer *k, const struct sql_access *access, struct error *err)
{
	struct sql_access any = *access;

	if (k->found == NULL || access->kind != SQL_KIND_VERSION)
		return true;
	any.name = "~";
	const char *from = sql_access_keys(&k->c->round, access).object;
	const char *to = sql_access_keys(&k->c->round, &any).object;
	return journal_intents_by_keys(
		k->c->journal, &k->c->round, arena_printf(&k->c->round, "o %s", from),
		arena_printf(&k->c->round, "o %s", to), NEWER_VERSIONS, k->found, err);
}

static bool
key_all(struct keyer *k, const struct sql_footprint *f, const struct intent *doc, struct error *err)
{
	for (size_t i = 0; i < f->count; i++) {
		if (!key_access(k, &f->items[i], err) || !key_newer(k, &f->items[i], err))
			return false;
	}
	for (size_t i = 0; i < doc->tables_affected.count; i++) {
		struct sql_access typed = typed_table(&k->c->round, doc->tables_affected.items[i]);
		if (!key_access(k, &typed, err))
			return false;
	}
	return true;
}

bool
intents_index(struct coordinator *c, const char *id, const struct sql_footprint *f,
	      const struct intent *doc, struct error *err)
{
	struct keyer k = {.c = c, .id = id};

	return key_all(&k, f, doc, err);
}

/* ---- pairs ---- */
static void
texts(struct coordinator *c, struct intent_conflict *out, const char *const *items, size_t count)
{
	out->resolution_suggestions.items = arena_bytes(&c->round, items, count * sizeof(*items));
	out->resolution_suggestions.count = count;
}

static struct intent_conflict
pair_conflict(struct coordinator *c, const struct intent_side *side, struct intent_found *found,
	      const struct conflict *k)
{
	const struct intent *other = &found->other.doc;
	const char *suggestions[CONFLICT_SUGGESTIONS];
	char *now = arena_alloc(&c->round, TIME_TEXT);
	const char **objects = arena_array(&c->round, 1, sizeof(*objects));

	objects[0] = k->object;
	time_print(c->rt->ops->wall_us(c->rt), now);
	conflict_suggestions(&c->round, k, other->agent_id, other->feature_name, suggestions);
	struct intent_conflict out = {
		.intent_a = "",
		.intent_b = other->id,
		.conflict_type = conflict_type_word(k->type),
		.affected_objects = {objects, 1},
		.severity = conflict_severity_word(k->severity),
		.created_at = now,
		.reason = k->reason,
		.remedy = k->remedy,
		.statement_a = intent_statement(&c->round, side->doc, k->a->statement, k->a->line,
						side->footprint->statements),
		.statement_b = intent_statement(&c->round, other, k->b->statement, k->b->line,
						found->other_footprint.statements),
		.agent_a = side->doc->agent_id,
		.agent_b = other->agent_id,
		.live_claim = found->other.token != INT_NULL};
	texts(c, &out, suggestions, CONFLICT_SUGGESTIONS);
	return out;
}

static bool
names_table(const struct intent *doc, const char *table)
{
	for (size_t i = 0; i < doc->tables_affected.count; i++) {
		if (strcmp(doc->tables_affected.items[i], table) == 0)
			return true;
	}
	return false;
}

static bool
judged_on(const struct intent_found *found, const char *table)
{
	for (size_t i = 0; i < found->count; i++) {
		const char *object = found->conflicts[i].affected_objects.items[0];
		const char *at = strstr(object, table);
		if (at != NULL && (at == object || at[-1] == '.' || at[-1] == ' '))
			return true;
	}
	return false;
}

/* What was typed by hand, and not in the statements, cannot be judged: it is a warning. */
static void
add_typed(struct coordinator *c, const struct intent_side *side, struct intent_found *found)
{
	const struct intent *mine = side->doc, *other = &found->other.doc;

	for (size_t i = 0; i < mine->tables_affected.count; i++) {
		const char *table = mine->tables_affected.items[i];
		struct sql_access access = typed_table(&c->round, table);
		bool mine_judged = side->footprint->count > 0,
		     other_judged = found->other_footprint.count > 0;
		if ((mine_judged && other_judged) || !names_table(other, table) ||
		    judged_on(found, table) || found->count == CONFLICTS_OF_PAIR)
			continue;
		struct conflict k = {.severity = CONFLICT_WARNING,
				     .type = CONFLICT_TYPE_TABLE,
				     .a = &access,
				     .b = &access,
				     .object = sql_access_text(&c->round, &access),
				     .reason = "Both say that they change this table.",
				     .remedy = "Register the statements: then they can be judged."};
		found->conflicts[found->count++] = pair_conflict(c, side, found, &k);
		if (found->worst < CONFLICT_WARNING)
			found->worst = CONFLICT_WARNING;
	}
}

static const char *
newest(const struct intent *doc)
{
	const char *version = NULL;

	for (size_t i = 0; i < doc->versions.count; i++) {
		if (version == NULL || strcmp(doc->versions.items[i], version) > 0)
			version = doc->versions.items[i];
	}
	return version;
}

/* An older version that lands later runs out of order. What is completed is about to land. */
static void
add_order(struct coordinator *c, const struct intent_side *side, struct intent_found *found)
{
	const char *mine = newest(side->doc), *theirs = newest(&found->other.doc);
	bool lands = intent_state_of(&found->other) == INTENT_COMPLETED;

	if (mine == NULL || theirs == NULL || strcmp(mine, theirs) >= 0 ||
	    found->count == CONFLICTS_OF_PAIR)
		return;
	struct sql_access a = {.kind = SQL_KIND_VERSION, .mode = SQL_MODE_CREATE, .name = mine};
	struct sql_access b = {.kind = SQL_KIND_VERSION, .mode = SQL_MODE_CREATE, .name = theirs};
	struct conflict k = {
		.severity = lands ? CONFLICT_WARNING : CONFLICT_INFO,
		.type = CONFLICT_TYPE_ORDER,
		.a = &a,
		.b = &b,
		.object = sql_access_text(&c->round, &a),
		.reason = arena_printf(&c->round,
				       "%s is older than %s: should that land first, it runs out "
				       "of order",
				       mine, theirs),
		.remedy = "Land it first, or generate it again for a newer version."};
	found->conflicts[found->count++] = pair_conflict(c, side, found, &k);
	if (found->worst < k.severity)
		found->worst = k.severity;
}

static bool
judge_pair(struct coordinator *c, const struct intent_side *side, struct intent_found *found,
	   struct error *err)
{
	struct conflict_list list = {0};

	if (!footprint_parse(&c->round, found->other.footprint, &found->other_footprint, err))
		return false;
	conflict_between(&c->round, side->footprint, &found->other_footprint, &list);
	found->conflicts = arena_array(&c->round, CONFLICTS_OF_PAIR, sizeof(*found->conflicts));
	found->worst = list.worst;
	found->line = list.count > 0 ? list.items[0].a->line : 0;
	for (size_t i = 0; i < list.count && found->count < CONFLICTS_OF_PAIR; i++)
		found->conflicts[found->count++] = pair_conflict(c, side, found, &list.items[i]);
	add_typed(c, side, found);
	add_order(c, side, found);
	return true;
}

/* An agent's own intents, and those about other databases, need not be read. */
static bool
may_meet(const struct intent_side *side, const char *id, const struct intent_brief *other)
{
	struct intent doc = {.agent_id = other->agent,
			     .worktree = other->worktree[0] != '\0' ? other->worktree : NULL};

	return (id == NULL || strcmp(other->id, id) != 0) && !intent_same_side(side->doc, &doc) &&
	       intent_scope_overlaps(side->scope, other->scope);
}

bool
intents_search(struct coordinator *c, const struct intent_side *side, const char *id,
	       struct intent_finds *out, struct error *err)
{
	struct intent_briefs candidates = {0};
	size_t judged = 0;
	struct keyer k = {.c = c, .found = &candidates};

	*out = (struct intent_finds){0};
	if (c->journal == NULL)
		return true;
	if (!key_all(&k, side->footprint, side->doc, err))
		return false;
	for (size_t i = 0; i < candidates.count && judged < CANDIDATES_MAX; i++) {
		const struct intent_brief *brief = &candidates.items[i];
		struct intent_found found = {0};
		if (!may_meet(side, id, brief))
			continue;
		judged++;
		if (!journal_intent_find(c->journal, &c->round, brief->id, &found.other, err) ||
		    !judge_pair(c, side, &found, err))
			return false;
		if (found.count == 0)
			continue;
		out->items = arena_grow(&c->round, out->items, out->count, &out->cap,
					sizeof(*out->items));
		out->items[out->count++] = found;
		if (found.worst > out->worst)
			out->worst = found.worst;
	}
	return true;
}

void
intents_list_conflicts(struct coordinator *c, const struct intent_finds *finds,
		       struct conflict_set *out)
{
	*out = (struct conflict_set){0};
	for (size_t i = 0; i < finds->count; i++) {
		for (size_t k = 0; k < finds->items[i].count; k++) {
			out->items = arena_grow(&c->round, out->items, out->count, &out->cap,
						sizeof(*out->items));
			out->items[out->count++] = finds->items[i].conflicts[k];
		}
	}
}

/* ---- claims ---- */
void
intents_blockers(struct coordinator *c, const struct intent_finds *finds, int64_t queue,
		 struct intent_finds *out)
{
	*out = (struct intent_finds){0};
	for (size_t i = 0; i < finds->count; i++) {
		const struct intent_row *other = &finds->items[i].other;
		bool earlier = other->queue != INT_NULL &&
			       (queue == INT_NULL || other->queue < queue) &&
			       !FAULT(claim_queue_jumped);
		if (finds->items[i].worst < CONFLICT_ERROR ||
		    (other->token == INT_NULL && !earlier))
			continue;
		out->items = arena_grow(&c->round, out->items, out->count, &out->cap,
					sizeof(*out->items));
		out->items[out->count++] = finds->items[i];
		out->worst = CONFLICT_ERROR;
	}
}

static const char *
first_error_object(const struct intent_found *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->conflicts[i].severity, "error") == 0)
			return f->conflicts[i].affected_objects.items[0];
	}
	return f->conflicts[0].affected_objects.items[0];
}

bool
intents_refuse(struct coordinator *c, const struct intent_finds *blockers, struct error *err)
{
	const struct intent_found *first = &blockers->items[0];
	const struct intent_row *row = &first->other;
	const char *object = first_error_object(first);
	char until[TIME_TEXT];

	time_print(row->lease_wall_us, until);
	if (row->token != INT_NULL)
		error_set(err, E_CLAIM_001, "%s is claimed by %s for \"%s\" since %s until %s",
			  object, row->doc.agent_id, row->doc.feature_name, row->claimed_at, until);
	else
		error_set(err, E_CLAIM_001, "%s waits for %s, and came first", row->doc.agent_id,
			  object);
	error_cause(err, "%s", first->conflicts[0].reason);
	error_detail(err, "claim.agent", "%s", row->doc.agent_id);
	error_detail(err, "claim.intent", "%s", row->doc.id);
	error_detail(err, "claim.feature", "%s", row->doc.feature_name);
	error_detail(err, "claim.object", "%s", object);
	error_detail(err, "claim.since", "%s",
		     row->claimed_at != NULL ? row->claimed_at : row->doc.created_at);
	error_detail(err, "claim.until", "%s", until);
	if (row->token != INT_NULL)
		error_detail_int(err, "claim.token", row->token);
	for (size_t i = 0; i < blockers->count; i++)
		error_detail_item(err, "holders",
				  arena_printf(&c->round, "%s: %s",
					       blockers->items[i].other.doc.agent_id,
					       first_error_object(&blockers->items[i])));
	return false;
}

struct wait_graph {
	struct coordinator *c;
	const char **names;
	size_t count, cap;
	bool *edges;
};

static size_t
node(struct wait_graph *g, const char *agent)
{
	for (size_t i = 0; i < g->count; i++) {
		if (strcmp(g->names[i], agent) == 0)
			return i;
	}
	g->names = arena_grow(&g->c->round, g->names, g->count, &g->cap, sizeof(*g->names));
	g->names[g->count] = agent;
	return g->count++;
}

/* Who stands in the way of each that waits already. */
static bool
waiters(struct coordinator *c, struct intent_set *queued, struct intent_finds **blockers,
	struct error *err)
{
	*blockers = arena_array(&c->round, queued->count, sizeof(**blockers));
	for (size_t i = 0; i < queued->count; i++) {
		struct intent_row *row = &queued->items[i];
		struct intent_finds finds;
		struct sql_footprint f;
		struct intent_side side = {&row->doc, row->scope, &f};
		if (!footprint_parse(&c->round, row->footprint, &f, err) ||
		    !intents_search(c, &side, row->doc.id, &finds, err))
			return false;
		intents_blockers(c, &finds, row->queue, &(*blockers)[i]);
	}
	return true;
}

static void
add_nodes(struct wait_graph *g, const struct intent_finds *finds)
{
	for (size_t i = 0; i < finds->count; i++)
		(void)node(g, finds->items[i].other.doc.agent_id);
}

static void
add_edges(struct wait_graph *g, const char *agent, const struct intent_finds *finds)
{
	for (size_t i = 0; i < finds->count; i++)
		g->edges[node(g, agent) * g->count + node(g, finds->items[i].other.doc.agent_id)] =
			true;
}

static bool
refuse_cycle(struct wait_graph *g, const size_t *cycle, size_t length, struct error *err)
{
	const char *all = g->names[cycle[0]];

	for (size_t i = 1; i < length; i++)
		all = arena_printf(&g->c->round, "%s waits for %s%s", all, g->names[cycle[i]],
				   i + 1 < length
					   ? arena_printf(&g->c->round, ", %s", g->names[cycle[i]])
					   : "");
	error_set(err, E_CLAIM_004, "waiting would never end: %s", all);
	for (size_t i = 0; i < length; i++)
		error_detail_item(err, "cycle", g->names[cycle[i]]);
	return false;
}

bool
intents_check_cycle(struct coordinator *c, const char *agent, const struct intent_finds *blockers,
		    struct error *err)
{
	struct wait_graph g = {.c = c};
	struct intent_finds *others;
	struct intent_set queued;
	size_t *cycle;

	if (!journal_intents_queued(c->journal, &c->round, &queued, err) ||
	    !waiters(c, &queued, &others, err))
		return false;
	(void)node(&g, agent);
	add_nodes(&g, blockers);
	for (size_t i = 0; i < queued.count; i++) {
		(void)node(&g, queued.items[i].doc.agent_id);
		add_nodes(&g, &others[i]);
	}
	g.edges = arena_array(&c->round, g.count * g.count, sizeof(bool));
	add_edges(&g, agent, blockers);
	for (size_t i = 0; i < queued.count; i++)
		add_edges(&g, queued.items[i].doc.agent_id, &others[i]);
	size_t length = claim_cycle(&c->round, g.edges, g.count, 0, &cycle);
	return length == 0 || refuse_cycle(&g, cycle, length, err);
}
