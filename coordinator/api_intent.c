/*
 * Register, check, wait: how an intent comes to be, with the conflicts that it meets and the claims
 * that it asks for. Registering and claiming are one transaction, so of two that come at once one
 * is told about the other.
 */
#include "coordinator/intents.h"

#include <string.h>

#include "coordinator/footprint_record.h"
#include "shared/base/parse.h"

#include "shared/base/banned.h"

enum { CONFLICTS_KEPT = 256 };

/* ---- a new row ---- */
static const char *
branch_name(struct coordinator *c, const char *stem, int64_t n)
{
	return n == 0 ? stem : arena_printf(&c->round, "%s_%03lld", stem, (long long)n);
}

/* feature/name, or feature/name_001 when there are others like it. Names are taken in order, so the
 * first free one lies behind a taken one, and is found by doubling steps and then halving. */
static bool
choose_branch(struct coordinator *c, struct intent *doc, struct error *err)
{
	const char *stem = intent_branch_stem(&c->round, doc->feature_name);
	int64_t taken_at = -1, free_at = INT64_MAX, n = 0;

	while (taken_at + 1 < free_at) {
		bool taken;
		if (!journal_intent_branch_taken(c->journal, branch_name(c, stem, n), &taken, err))
			return false;
		if (taken)
			taken_at = n;
		else
			free_at = n;
		n = free_at == INT64_MAX ? n * 2 + 1 : taken_at + (free_at - taken_at) / 2;
	}
	doc->branch_name = branch_name(c, stem, free_at);
	return true;
}

static bool
known_environment(struct coordinator *c, const char *name, struct error *err)
{
	const struct journal_fleet *rows = fleet_rows(c->fleet);
	const char **names = arena_array(&c->round, rows->target_count + 1, sizeof(*names));

	if (c->embedded || name == NULL)
		return true;
	for (size_t i = 0; i < rows->target_count; i++) {
		names[i] = rows->targets[i].environment;
		if (strcmp(names[i], name) == 0)
			return true;
	}
	const char *meant = nearest_word(name, names, rows->target_count);
	error_set(err, E_CONFIG_011, "no worker ever served an environment called %s%s%s%s", name,
		  meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
	error_hint(err, "confiture worker list");
	return false;
}

static void
fill_doc(struct coordinator *c, const struct intent_draft *d, const char *agent,
	 const struct sql_footprint *f, struct intent *out)
{
	char *id = arena_alloc(&c->round, ID_TEXT), *now = arena_alloc(&c->round, TIME_TEXT);
	const char *metadata = "{}";

	runtime_id(c->rt, id);
	time_print(c->rt->ops->wall_us(c->rt), now);
	/* It was checked before. */
	(void)!record_free_json(&c->round, span_str(d->metadata), &metadata, NULL);
	*out = (struct intent){.id = id,
			       .agent_id = agent,
			       .feature_name = d->feature_name,
			       .branch_name = "",
			       .schema_changes = {d->schema_changes.items, d->schema_changes.count},
			       .estimated_duration_ms = d->estimated_duration_ms,
			       .risk_level = d->risk_level,
			       .status = intent_state_name(INTENT_REGISTERED),
			       .created_at = now,
			       .updated_at = now,
			       .metadata = metadata,
			       .environment = d->environment,
			       .branch = d->branch,
			       .worktree = d->worktree,
			       .opaque = f->opaque,
			       .scope = intent_scope(&c->round, d->environment, d->database),
			       .token = INT_NULL,
			       .versions = {d->versions.items, d->versions.count}};
	intent_tables(&c->round, f, d->tables_affected.items, d->tables_affected.count, out);
}

static bool
within_quota(struct coordinator *c, const char *agent, struct error *err)
{
	int64_t most = c->intents_per_agent > 0 ? c->intents_per_agent : INTENTS_PER_AGENT, open;

	if (!journal_intents_open_of(c->journal, agent, &open, err))
		return false;
	return open < most ||
	       error_set(err, E_INTENT_005, "agent %s has %lld open intents, and may have %lld",
			 agent, (long long)open, (long long)most);
}

/* ---- conflicts of a new one ---- */
struct newcomer {
	struct intent_row row;
	const struct sql_footprint *footprint;
	struct intent_finds finds;
	struct conflict_set conflicts;
	bool allow_warnings;
};

static bool
stands_in_the_way(const struct intent_conflict *k, bool allow_warnings)
{
	return strcmp(k->severity, "error") == 0 ||
	       (!allow_warnings && strcmp(k->severity, "warning") == 0);
}

static bool
tell(struct coordinator *c, const struct newcomer *n, const char *whom, const char *agent,
     const char *other, struct error *err)
{
	const char **others = arena_array(&c->round, 1, sizeof(*others));
	struct intent_note note = {.kind = "intent.conflict",
				   .intent = whom,
				   .actor = "coordinator",
				   .audit = {.agent = agent,
					     .others = {others, 1},
					     .token = INT_NULL,
					     .environment = n->row.doc.environment}};

	others[0] = other;
	return intents_note(c, &note, err);
}

/* Both sides are told of each other. */
static bool
tell_others(struct coordinator *c, const struct newcomer *n, struct error *err)
{
	for (size_t i = 0; i < n->finds.count && i < CONFLICTS_KEPT; i++) {
		const struct intent *other = &n->finds.items[i].other.doc;
		if (!tell(c, n, other->id, other->agent_id, n->row.doc.id, err))
			return false;
	}
	return true;
}

static bool
keep_conflicts(struct coordinator *c, struct newcomer *n, bool *blocked, struct error *err)
{
	for (size_t i = 0; i < n->conflicts.count && i < CONFLICTS_KEPT; i++) {
		struct intent_conflict *k = &n->conflicts.items[i];
		bool blocks = stands_in_the_way(k, n->allow_warnings);
		k->intent_a = n->row.doc.id;
		*blocked |= blocks;
		if (!journal_conflict_add(c->journal, k, blocks, err))
			return false;
	}
	return true;
}

static bool
add_row(struct coordinator *c, struct call *call, struct newcomer *n, bool *blocked,
	struct error *err)
{
	static const enum journal_image rows[] = {IMAGE_INTENT_NEW, IMAGE_INTENT_LEASE,
						  IMAGE_INTENT_KEY, IMAGE_INTENT_CONFLICT};
	struct intent_note note = {.kind = "intent.register",
				   .intent = n->row.doc.id,
				   .actor = api_identity(c, call),
				   .audit = {.agent = n->row.doc.agent_id,
					     .to = n->row.doc.status,
					     .token = n->row.token,
					     .environment = n->row.doc.environment},
				   .rows = rows,
				   .row_count = n->conflicts.count > 0 ? 4 : 3};
	struct intent claims = {0};

	intent_claims(&c->round, n->footprint, 0, "", &claims);
	note.audit.objects.items = arena_array(&c->round, 20, sizeof(char *));
	for (size_t i = 0; i < claims.claims.count && i < 20; i++)
		note.audit.objects.items[note.audit.objects.count++] =
			claims.claims.items[i].object;
	return journal_intent_add(c->journal, &n->row, err) &&
	       intents_index(c, n->row.doc.id, n->footprint, &n->row.doc, err) &&
	       keep_conflicts(c, n, blocked, err) && intents_note(c, &note, err);
}

/* ---- claims of a new one ---- */
static bool
queue_up(struct coordinator *c, struct newcomer *n, const struct intent_finds *blockers,
	 struct error *err)
{
	int64_t last;

	if (!intents_check_cycle(c, n->row.doc.agent_id, blockers, err) ||
	    !journal_queue_last(c->journal, &last, err))
		return false;
	n->row.queue = last + 1;
	intents_lease(c, &n->row, WAITER_TTL_MS);
	return true;
}

/* All or nothing: granted, queued, or the whole request is refused. */
static bool
claim(struct coordinator *c, struct newcomer *n, int64_t wait_ms, bool *grant, struct error *err)
{
	struct intent_finds blockers;

	intents_blockers(c, &n->finds, INT_NULL, &blockers);
	*grant = blockers.count == 0;
	if (*grant)
		return true;
	return wait_ms > 0 ? queue_up(c, n, &blockers, err) : intents_refuse(c, &blockers, err);
}

static bool
answer(struct coordinator *c, struct call *call, struct intent_row *row, struct error *err)
{
	struct intent_registered *reply = arena_new(&c->round, struct intent_registered);
	struct conflict_set conflicts;

	if (!intents_document(c, row, &reply->intent, err) ||
	    !journal_conflicts_of(c->journal, &c->round, row->doc.id, &conflicts, err))
		return false;
	reply->conflicts.items = conflicts.items;
	reply->conflicts.count = conflicts.count;
	call->reply = reply;
	return true;
}

static bool
start_newcomer(struct coordinator *c, struct call *call, const struct intent_register *m,
	       const char *agent, struct newcomer *n, struct error *err)
{
	const struct intent_reading *r = call->prepared;
	int64_t ttl = m->ttl_ms > 0 ? m->ttl_ms : m->claim ? CLAIM_TTL_MS : INTENT_TTL_MS;

	*n = (struct newcomer){.footprint = &r->footprint, .allow_warnings = m->allow_warnings};
	fill_doc(c, m->draft, agent, &r->footprint, &n->row.doc);
	n->row.owner = api_identity(c, call);
	n->row.scope = n->row.doc.scope;
	n->row.token = n->row.queue = INT_NULL;
	n->row.footprint = footprint_json(&c->round, &r->footprint);
	n->row.doc.lease_ttl_ms = ttl;
	intents_lease(c, &n->row, ttl);
	struct intent_side side = {&n->row.doc, n->row.scope, n->footprint};
	if (!choose_branch(c, &n->row.doc, err) || !intents_search(c, &side, NULL, &n->finds, err))
		return false;
	intents_list_conflicts(c, &n->finds, &n->conflicts);
	return true;
}

bool
api_intent_register(struct coordinator *c, struct call *call, struct error *err)
{
	const struct intent_register *m = call->request->body;
	bool grant = false, blocked = false;
	struct newcomer n;
	const char *agent;

	if (!intents_agent(c, call, m->draft->agent, &agent, err) || !intents_turn(c, agent, err) ||
	    !known_environment(c, m->draft->environment, err) || !within_quota(c, agent, err) ||
	    !start_newcomer(c, call, m, agent, &n, err) ||
	    (m->claim && !claim(c, &n, m->wait_ms, &grant, err)) ||
	    !add_row(c, call, &n, &blocked, err) || !tell_others(c, &n, err))
		return false;
	struct intent_change conflict = {.trigger = INTENT_ON_CONFLICT, .actor = "coordinator"};
	if ((blocked && !intents_move(c, &n.row, &conflict, err)) ||
	    (grant && !intents_grant(c, &n.row, api_identity(c, call), err)))
		return false;
	return answer(c, call, &n.row, err) && intents_look_ahead(c, err);
}

/* ---- check ---- */
bool
api_intent_check(struct coordinator *c, struct call *call, struct error *err)
{
	const struct intent_check *m = call->request->body;
	const struct intent_reading *r = call->prepared;
	struct intent_checked *reply = arena_new(&c->round, struct intent_checked);
	struct intent_objects objects;
	struct conflict_set conflicts;
	struct intent_finds finds;
	struct intent doc;
	const char *agent;

	if (!intents_agent(c, call, m->draft->agent, &agent, err) ||
	    !known_environment(c, m->draft->environment, err) ||
	    (c->journal != NULL && !intents_turn(c, agent, err)))
		return false;
	fill_doc(c, m->draft, agent, &r->footprint, &doc);
	struct intent_side side = {&doc, doc.scope, &r->footprint};
	if (!intents_search(c, &side, NULL, &finds, err))
		return false;
	intents_list_conflicts(c, &finds, &conflicts);
	footprint_to_record(&c->round, &r->footprint, &objects);
	reply->conflicts_detected = conflicts.count > 0;
	reply->conflicts.items = conflicts.items;
	reply->conflicts.count = conflicts.count;
	reply->footprint.items = objects.accesses.items;
	reply->footprint.count = objects.accesses.count;
	reply->unjudged.items = objects.unjudged.items;
	reply->unjudged.count = objects.unjudged.count;
	reply->opaque = r->footprint.opaque;
	call->reply = reply;
	return true;
}

/* ---- wait ---- */
/* First come, first served: whoever came later and wants the same waits behind. */
static bool
try_to_claim(struct coordinator *c, struct call *call, struct intent_row *row, struct error *err)
{
	struct intent_finds finds, blockers;
	struct sql_footprint f;
	struct intent_side side = {&row->doc, row->scope, &f};

	if (!footprint_parse(&c->round, row->footprint, &f, err) ||
	    !intents_search(c, &side, row->doc.id, &finds, err))
		return false;
	intents_blockers(c, &finds, row->queue, &blockers);
	if (blockers.count > 0)
		return true;
	intents_lease(c, row, row->doc.lease_ttl_ms);
	return intents_grant(c, row, api_identity(c, call), err);
}

bool
api_claim_wait(struct coordinator *c, struct call *call, struct error *err)
{
	const struct claim_wait *m = call->request->body;
	struct intent_row row;

	if (c->journal == NULL)
		return error_set(err, E_INTENT_001, "there is no intent %s", m->intent);
	if (!intents_turn(c, NULL, err) ||
	    !journal_intent_find(c->journal, &c->round, m->intent, &row, err) ||
	    !intents_may_move(c, call, m->agent, &row, err))
		return false;
	if (row.queue == INT_NULL && row.token == INT_NULL)
		return error_set(err, E_CLAIM_002, "intent %s does not wait any more: %s",
				 row.doc.id, row.doc.reason);
	if (row.queue != INT_NULL) {
		intents_lease(c, &row, WAITER_TTL_MS);
		if (!journal_intent_save(c->journal, &row, intent_state_of(&row), err) ||
		    !try_to_claim(c, call, &row, err))
			return false;
	}
	call->waits_for = INTENTS_TOPIC;
	if (row.queue != INT_NULL && watchers_may_wait(c, call, m->wait_ms))
		return true;
	return answer(c, call, &row, err) && intents_look_ahead(c, err);
}
