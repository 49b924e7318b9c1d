/*
 * Register, check, wait: how an intent comes to be, with the conflicts that it meets and the claims
 * that it asks for. Registering and claiming are one transaction, so of two that come at once one
 * is told about the other.
 */
#include "coordinator/newcomer.h"

#include <string.h>

#include "coordinator/footprint_record.h"
#include "shared/base/faults.h"
#include "shared/base/parse.h"

#include "shared/base/banned.h"

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
	*grant = blockers.count == 0 || FAULT(claim_taken_twice);
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
	reply->registry_open = INT_NULL;
	call->reply = reply;
	return true;
}

static bool
start_newcomer(struct coordinator *c, struct call *call, const struct intent_register *m,
	       const char *agent, struct newcomer *n, struct error *err)
{
	const struct intent_reading *r = call->prepared;
	int64_t ttl = m->ttl_ms > 0 ? m->ttl_ms : m->claim ? CLAIM_TTL_MS : INTENT_TTL_MS;

	*n = (struct newcomer){.footprint = &r->footprint,
			       .allow_warnings = m->allow_warnings,
			       .kind = "intent.register"};
	newcomer_document(c, m->draft, agent, &r->footprint, &n->row.doc);
	return newcomer_complete(c, n, api_identity(c, call), ttl, err) && newcomer_look(c, n, err);
}

bool
api_intent_register(struct coordinator *c, struct call *call, struct error *err)
{
	const struct intent_register *m = call->request->body;
	const char *asker = api_identity(c, call);
	bool grant = false;
	struct newcomer n;
	const char *agent;

	if (!intents_agent(c, call, m->draft->agent, &agent, err) || !intents_turn(c, agent, err) ||
	    !known_environment(c, m->draft->environment, err) || !within_quota(c, agent, err) ||
	    !start_newcomer(c, call, m, agent, &n, err) ||
	    (m->claim && !claim(c, &n, m->wait_ms, &grant, err)) ||
	    !newcomer_add(c, &n, asker, err) || (grant && !intents_grant(c, &n.row, asker, err)))
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
	newcomer_document(c, m->draft, agent, &r->footprint, &doc);
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
	reply->registry_open = INT_NULL;
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
