/*
 * What agents do with their intents: start, complete, merge, renew, release, abandon, and looking
 * at a conflict. Whose intent it is and which number its claims have is checked before the table of
 * states is asked.
 */
#include "coordinator/intents.h"

#include <string.h>

#include "coordinator/footprint_record.h"

#include "shared/base/faults.h"

#include "shared/base/banned.h"

/* Its lease was over before the agent came back: others may have changed the objects since. */
static bool
check_live(const struct intent_row *row, struct error *err)
{
	char until[TIME_TEXT];

	if (intent_state_of(row) != INTENT_EXPIRED)
		return true;
	time_print(row->lease_wall_us, until);
	error_set(err, E_CLAIM_002, "the lease of intent %s was over at %s", row->doc.id, until);
	error_hint(err, "confiture coordinate register --claim …");
	return false;
}

static bool
check_token(const struct intent_row *row, int64_t token, struct error *err)
{
	if (token == INT_NULL || token == row->token || FAULT(claim_number_unchecked))
		return true;
	if (row->token == INT_NULL)
		return error_set(err, E_CLAIM_002, "intent %s holds no claims any more",
				 row->doc.id);
	return error_set(err, E_CLAIM_003, "the claims of intent %s have the number %lld, not %lld",
			 row->doc.id, (long long)row->token, (long long)token);
}

static bool
find_own(struct coordinator *c, struct call *call, const char *id, const char *agent,
	 struct intent_row *row, struct error *err)
{
	if (c->journal == NULL)
		return error_set(err, E_INTENT_001, "there is no intent %s", id);
	return journal_intent_find(c->journal, &c->round, id, row, err) &&
	       intents_may_move(c, call, agent, row, err) && check_live(row, err);
}

static bool
answer(struct coordinator *c, struct call *call, struct intent_row *row,
       const struct sql_footprint *exceeds, struct error *err)
{
	struct intent_shown *reply = arena_new(&c->round, struct intent_shown);
	struct conflict_set conflicts;
	struct intent_objects objects = {0};

	if (!intents_document(c, row, &reply->intent, err) ||
	    !journal_conflicts_of(c->journal, &c->round, row->doc.id, &conflicts, err))
		return false;
	if (exceeds != NULL)
		footprint_to_record(&c->round, exceeds, &objects);
	reply->conflicts.items = conflicts.items;
	reply->conflicts.count = conflicts.count;
	reply->exceeds.items = objects.accesses.items;
	reply->exceeds.count = objects.accesses.count;
	call->reply = reply;
	return true;
}

/* The files that landed are part of it from now on; what they do beyond it is listed. */
static bool
land(struct coordinator *c, struct call *call, const struct intent_move *m, struct intent_row *row,
     struct sql_footprint *exceeds, struct error *err)
{
	const struct intent_reading *r = call->prepared;
	struct sql_footprint planned;

	*exceeds = (struct sql_footprint){0};
	if (m->files.count == 0)
		return true;
	if (!footprint_parse(&c->round, row->footprint, &planned, err))
		return false;
	intent_exceeds(&c->round, &planned, &r->footprint, exceeds);
	row->doc.files.items = arena_array(&c->round, m->files.count, sizeof(char *));
	row->doc.files.count = m->files.count;
	for (size_t i = 0; i < m->files.count; i++)
		row->doc.files.items[i] = m->files.items[i].name;
	return true;
}

/* The lease that a trigger brings. A renewal goes back to what was asked for at first. */
static int64_t
new_lease(const struct intent_row *row, const struct intent_move *m, enum intent_trigger trigger)
{
	if (trigger == INTENT_ON_RELEASE || trigger == INTENT_ON_ABANDON ||
	    trigger == INTENT_ON_MERGE)
		return 0;
	if (m->ttl_ms > 0)
		return m->ttl_ms;
	if (row->queue != INT_NULL)
		return WAITER_TTL_MS;
	return trigger == INTENT_ON_COMPLETE && row->token == INT_NULL ? LANDING_TTL_MS
								       : row->ttl_ms;
}

static bool
check_move(const struct intent_move *m, const struct intent_row *row, struct error *err)
{
	if (m->ttl_ms < 0 || m->ttl_ms > (int64_t)TTL_MAX_MS)
		return error_set(err, E_INTENT_006, "a lease lasts at most 30 days");
	return check_token(row, m->token, err);
}

bool
api_intent_move(struct coordinator *c, struct call *call, struct error *err)
{
	const struct intent_move *m = call->request->body;
	struct intent_change change = {.actor = api_identity(c, call), .reason = m->reason};
	struct sql_footprint exceeds;
	struct intent_row row;

	if (!intent_trigger_named(m->action, &change.trigger))
		return error_set(err, E_USAGE_001, "intents are not moved by %s", m->action);
	if ((c->journal != NULL && !intents_turn(c, m->agent, err)) ||
	    !find_own(c, call, m->intent, m->agent, &row, err) || !check_move(m, &row, err) ||
	    !land(c, call, m, &row, &exceeds, err))
		return false;
	change.drop_claims = change.trigger == INTENT_ON_RELEASE;
	change.ttl_ms = new_lease(&row, m, change.trigger);
	return intents_move(c, &row, &change, err) && answer(c, call, &row, &exceeds, err) &&
	       intents_look_ahead(c, err);
}

/* ---- conflicts that were looked at ---- */
/* Either side may say so; the newer one goes on when it was the last. */
static bool
may_resolve(struct coordinator *c, struct call *call, const struct conflict_resolve *m,
	    const struct intent_conflict *k, struct intent_row *newer, struct error *err)
{
	struct intent_row older;

	if (!journal_intent_find(c->journal, &c->round, k->intent_a, newer, err) ||
	    !journal_intent_find(c->journal, &c->round, k->intent_b, &older, err))
		return false;
	return intents_may_move(c, call, m->agent, &older, NULL) ||
	       intents_may_move(c, call, m->agent, newer, err);
}

static bool
note_resolved(struct coordinator *c, struct call *call, const struct conflict_resolve *m,
	      const struct intent_conflict *k, const struct intent_row *newer, struct error *err)
{
	static const enum journal_image rows[] = {IMAGE_INTENT_CONFLICT};
	const char **others = arena_array(&c->round, 1, sizeof(*others));
	struct intent_note note = {.kind = "intent.reviewed",
				   .intent = newer->doc.id,
				   .actor = api_identity(c, call),
				   .audit = {.agent = newer->doc.agent_id,
					     .reason = m->notes,
					     .others = {others, 1},
					     .token = INT_NULL},
				   .rows = rows,
				   .row_count = ARRAY_LEN(rows)};
	char now[TIME_TEXT];

	others[0] = k->intent_b;
	time_print(c->rt->ops->wall_us(c->rt), now);
	return journal_conflict_review(c->journal, k->id, now, m->notes, err) &&
	       intents_note(c, &note, err);
}

bool
api_conflict_resolve(struct coordinator *c, struct call *call, struct error *err)
{
	const struct conflict_resolve *m = call->request->body;
	struct conflict_resolved *reply = arena_new(&c->round, struct conflict_resolved);
	struct intent_change go_on = {
		.trigger = INTENT_ON_RESOLVE, .actor = api_identity(c, call), .reason = m->notes};
	struct intent_conflict k;
	struct intent_row newer;
	int64_t left;

	if (c->journal == NULL)
		return error_set(err, E_INTENT_004, "there is no conflict %lld",
				 (long long)m->conflict);
	if (!intents_turn(c, m->agent, err) ||
	    !journal_conflict_find(c->journal, &c->round, m->conflict, &k, err) ||
	    !may_resolve(c, call, m, &k, &newer, err) ||
	    !note_resolved(c, call, m, &k, &newer, err) ||
	    !journal_conflicts_unseen(c->journal, newer.doc.id, &left, err))
		return false;
	if (left == 0 && intent_state_of(&newer) == INTENT_CONFLICTED &&
	    !intents_move(c, &newer, &go_on, err))
		return false;
	*reply = (struct conflict_resolved){.conflict_id = m->conflict,
					    .resolved = true,
					    .resolution_notes = m->notes,
					    .intent = newer.doc.id,
					    .status = newer.doc.status};
	call->reply = reply;
	return true;
}
