/*
 * Intents move by requests and by time. Every change of one goes through intents_move(): the table
 * says whether it may be, the journal whether it is still so, and the event that is written with it
 * is what watchers and history show.
 */
#include "coordinator/intents.h"

#include <assert.h>
#include <string.h>

#include "coordinator/footprint_record.h"
#include "shared/base/faults.h"

#include "shared/base/banned.h"

/* ---- who asks ---- */
bool
intents_agent(struct coordinator *c, const struct call *call, const char *said, const char **out,
	      struct error *err)
{
	const struct net_peer *peer = &call->request->peer;

	*out = said != NULL ? said : peer->name;
	if (!intent_agent_check(*out, err))
		return false;
	if (c->embedded || peer->role == NET_OPERATOR || FAULT(agent_name_believed) ||
	    intent_agent_of_token(*out, peer->name))
		return true;
	error_set(err, E_INTENT_003, "the token of %s does not speak for agent %s", peer->name,
		  *out);
	error_hint(err, "give --agent-id %s, or %s/NAME", peer->name, peer->name);
	return false;
}

/* Without authentication, who names no agent is the person at the machine. */
bool
intents_may_move(struct coordinator *c, const struct call *call, const char *said,
		 const struct intent_row *row, struct error *err)
{
	const struct net_peer *peer = &call->request->peer;
	const char *owner = row->doc.agent_id;
	bool operator_ = c->embedded ? said == NULL : peer->role == NET_OPERATOR;

	if (operator_ || FAULT(intent_moved_by_anybody) ||
	    (said != NULL && strcmp(said, owner) == 0 &&
	     (c->embedded || intent_agent_of_token(owner, peer->name))) ||
	    (said == NULL && intent_agent_of_token(owner, peer->name)))
		return true;
	error_set(err, E_INTENT_003, "intent %s belongs to agent %s, not to %s", row->doc.id, owner,
		  said != NULL ? said : peer->name);
	error_hint(err, "ask %s, or an operator", owner);
	return false;
}

/* ---- time ---- */
void
intents_lease(struct coordinator *c, struct intent_row *row, int64_t ttl_ms)
{
	row->ttl_ms = ttl_ms;
	row->lease = lease_from(c->rt->boot_id, runtime_boot_ms(c->rt), (uint64_t)ttl_ms);
	row->lease_wall_us = c->rt->ops->wall_us(c->rt) + ttl_ms * 1000;
}

static const char *
time_text(struct coordinator *c, int64_t wall_us)
{
	char *text = arena_alloc(&c->round, TIME_TEXT);

	time_print(wall_us, text);
	return text;
}

/* What it means that nobody renewed it. */
static bool
lapse(struct coordinator *c, struct intent_row *row, struct error *err)
{
	struct intent_change change = {
		.trigger = INTENT_ON_EXPIRE, .actor = "coordinator", .drop_claims = true};

	if (row->queue != INT_NULL) {
		change.reason = "its agent stopped waiting";
	} else if (intent_state_of(row) == INTENT_COMPLETED && row->token != INT_NULL) {
		change.trigger = INTENT_ON_LAPSE;
		change.ttl_ms = LANDING_TTL_MS;
	}
	return intents_move(c, row, &change, err);
}

static bool
lapse_all(struct coordinator *c, struct error *err)
{
	struct intent_set lapsed;

	do {
		if (!journal_intents_lapsed(c->journal, &c->round, &lapsed, err))
			return false;
		for (size_t i = 0; i < lapsed.count; i++) {
			/* The end of one may have moved the next. */
			struct intent_row row;
			if (!journal_intent_find(c->journal, &c->round, lapsed.items[i].doc.id,
						 &row, err) ||
			    !lapse(c, &row, err))
				return false;
		}
	} while (lapsed.count > 0);
	return true;
}

bool
intents_look_ahead(struct coordinator *c, struct error *err)
{
	int64_t next;

	if (!journal_intent_next_lapse(c->journal, &next, err))
		return false;
	c->lapse_at_ns = next == INT_NULL ? RUNTIME_FOREVER : (uint64_t)next * NS_PER_MS;
	return true;
}

bool
intents_turn(struct coordinator *c, const char *agent, struct error *err)
{
	if (!journal_intent_leases_adopt(c->journal, c->leases_late, err) || !lapse_all(c, err))
		return false;
	c->leases_late = false;
	return (agent == NULL || journal_intents_renew(c->journal, agent, err)) &&
	       intents_look_ahead(c, err);
}

uint64_t
intents_deadline(const struct coordinator *c)
{
	return c->lapse_at_ns;
}

bool
intents_due(const struct coordinator *c)
{
	return c->journal != NULL && runtime_boot_ns(c->rt) >= c->lapse_at_ns;
}

/* ---- what is told ---- */
enum { NOTE_ROWS = 4 };

bool
intents_note(struct coordinator *c, const struct intent_note *note, struct error *err)
{
	struct audit_image images[NOTE_ROWS];
	struct text detail;
	struct audit_entry entry = {.actor = note->actor,
				    .kind = note->kind,
				    .subject = note->intent,
				    .images = images,
				    .image_count = note->row_count};

	assert(note->row_count <= NOTE_ROWS);
	for (size_t i = 0; i < note->row_count; i++)
		images[i] = (struct audit_image){note->rows[i], note->intent};
	text_init(&detail, 0);
	record_json_named(&detail, &record_intent_audit, &note->audit);
	entry.detail = detail.ptr;
	bool ok = journal_audit_add(c->journal, &entry, err);
	text_fini(&detail);
	coordinator_touch(c, INTENTS_TOPIC);
	said_put(c, note->kind,
		 (const struct said_pair[SAID_PAIRS]){{"intent", note->intent},
						      {"agent", note->audit.agent},
						      {"state", note->audit.to}});
	return ok;
}

/* The objects of what it holds or held, for events: at most a handful. */
static void
name_objects(struct coordinator *c, const struct intent_row *row, struct intent_audit *audit)
{
	enum { SHOWN = 20 };
	struct sql_footprint f;
	struct intent claims = {0};

	if (!footprint_parse(&c->round, row->footprint, &f, NULL))
		return;
	intent_claims(&c->round, &f, 0, "", &claims);
	audit->objects.items = arena_array(&c->round, SHOWN, sizeof(char *));
	for (size_t i = 0; i < claims.claims.count && audit->objects.count < SHOWN; i++)
		audit->objects.items[audit->objects.count++] = claims.claims.items[i].object;
}

/* ---- moves ---- */
/* Whoever waited to be looked at because of this one alone can go on. */
static bool
clear_others(struct coordinator *c, const struct intent_row *ended, struct error *err)
{
	struct id_set others = {0};

	if (!journal_conflicts_with(c->journal, &c->round, ended->doc.id, &others, err))
		return false;
	for (size_t i = 0; i < others.count; i++) {
		struct intent_change clear = {
			.trigger = INTENT_ON_CLEAR,
			.actor = "coordinator",
			.reason = arena_printf(&c->round, "intent %s of %s ended", ended->doc.id,
					       ended->doc.agent_id)};
		struct intent_row row;
		int64_t left;
		if (!journal_intent_find(c->journal, &c->round, others.items[i], &row, err) ||
		    !journal_conflicts_unseen(c->journal, row.doc.id, &left, err))
			return false;
		if (left == 0 && intent_state_of(&row) == INTENT_CONFLICTED &&
		    !intents_move(c, &row, &clear, err))
			return false;
	}
	return true;
}

static void
apply_change(struct coordinator *c, struct intent_row *row, const struct intent_change *change,
	     bool final)
{
	row->doc.updated_at = time_text(c, c->rt->ops->wall_us(c->rt));
	if (change->ttl_ms > 0)
		intents_lease(c, row, change->ttl_ms);
	if (change->drop_claims || final) {
		row->token = row->queue = INT_NULL;
		row->claimed_at = NULL;
	}
}

bool
intents_move(struct coordinator *c, struct intent_row *row, const struct intent_change *change,
	     struct error *err)
{
	static const enum journal_image rows[] = {IMAGE_INTENT, IMAGE_INTENT_LEASE,
						  IMAGE_INTENT_KEY};
	enum intent_state was = intent_state_of(row), state = was;
	struct intent_row after = *row;
	const char *words;

	if (!intent_state_move(&state, change->trigger, &words, err))
		return error_wrap(err, "intent %s", row->doc.id);
	bool final = intent_state_final(state);
	struct intent_note note = {
		.kind = change->kind != NULL ? change->kind
					     : arena_printf(&c->round, "intent.%s",
							    intent_trigger_name(change->trigger)),
		.intent = row->doc.id,
		.actor = change->actor,
		.audit = {.agent = row->doc.agent_id,
			  .from = intent_state_name(was),
			  .to = intent_state_name(state),
			  .reason = change->reason != NULL ? change->reason : words,
			  .token = row->token,
			  .environment = row->doc.environment},
		.rows = rows,
		.row_count = final ? 3 : 2};
	if (row->token != INT_NULL && (final || change->drop_claims))
		name_objects(c, row, &note.audit);
	after.doc.status = intent_state_name(state);
	after.doc.reason = note.audit.reason;
	apply_change(c, &after, change, final);
	if (!journal_intent_save(c->journal, &after, was, err) ||
	    (final && !journal_intent_keys_drop(c->journal, row->doc.id, err)) ||
	    !intents_note(c, &note, err))
		return false;
	*row = after;
	return !final || clear_others(c, row, err);
}

bool
intents_grant(struct coordinator *c, struct intent_row *row, const char *actor, struct error *err)
{
	static const enum journal_image rows[] = {IMAGE_INTENT, IMAGE_INTENT_LEASE,
						  IMAGE_CLAIM_NUMBER};
	enum intent_state state = intent_state_of(row);
	struct intent_note note = {
		.kind = "claim.grant",
		.intent = row->doc.id,
		.actor = actor,
		.audit = {.agent = row->doc.agent_id, .environment = row->doc.environment},
		.rows = rows,
		.row_count = ARRAY_LEN(rows)};

	if (!journal_claim_number(c->journal, row->doc.id, &row->token, err))
		return false;
	if (FAULT(claim_number_repeated))
		row->token = 1;
	row->queue = INT_NULL;
	row->claimed_at = time_text(c, c->rt->ops->wall_us(c->rt));
	note.audit.token = row->token;
	name_objects(c, row, &note.audit);
	return journal_intent_save(c->journal, row, state, err) && intents_note(c, &note, err);
}

/* ---- what everybody sees ---- */
bool
intents_document(struct coordinator *c, struct intent_row *row, struct intent **out,
		 struct error *err)
{
	struct intent *doc = arena_bytes(&c->round, &row->doc, sizeof(row->doc));
	struct id_set others = {0};
	struct intent_objects objects;
	struct sql_footprint f;

	if (!footprint_parse(&c->round, row->footprint, &f, err) ||
	    !journal_conflicts_with(c->journal, &c->round, row->doc.id, &others, err))
		return false;
	footprint_to_record(&c->round, &f, &objects);
	doc->footprint.items = objects.accesses.items;
	doc->footprint.count = objects.accesses.count;
	doc->unjudged.items = objects.unjudged.items;
	doc->unjudged.count = objects.unjudged.count;
	doc->opaque = f.opaque;
	doc->conflicts_with.items = others.items;
	doc->conflicts_with.count = others.count;
	doc->token = row->token;
	doc->waiting = row->queue != INT_NULL;
	const char *until = time_text(c, row->lease_wall_us);
	doc->lease_expires_at = intent_state_final(intent_state_of(row)) ? NULL : until;
	if (row->token != INT_NULL)
		intent_claims(&c->round, &f, row->token, until, doc);
	*out = doc;
	return true;
}
