/*
 * Intents of the Python tool's registry, which lies in a database. They come as copies that follow
 * what stands there, each time somebody looks, or are taken over for good. Here they are intents
 * like others: read by the same parser, in the way of the same things.
 */
#include "coordinator/newcomer.h"

#include <string.h>

#include "shared/base/banned.h"

/* A copy that nobody looks at any more ends by itself. */
enum { COPY_TTL_DAYS = 30, ID_MAX = 64 };
#define COPY_TTL_MS ((int64_t)COPY_TTL_DAYS * 24 * 3600 * 1000)

struct import {
	struct coordinator *c;
	const struct registry_import *m;
	const char *actor;
	const char *owner; /* of copies from that database */
	struct registry_imported *reply;
	size_t left_cap;
};

static bool
leave(struct import *im, const struct registry_intent *r, const char *why)
{
	struct registry_imported *reply = im->reply;

	reply->left.items = arena_grow(&im->c->round, reply->left.items, reply->left.count,
				       &im->left_cap, sizeof(*reply->left.items));
	reply->left.items[reply->left.count++] = (struct registry_left){r->id, why};
	return true;
}

/* ---- what may come in ---- */
static bool
good_id(const char *id)
{
	static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
	size_t len = strlen(id);

	return len > 0 && len <= ID_MAX && strspn(id, allowed) == len;
}

static struct intent_draft
draft_of(const struct import *im, const struct registry_intent *r)
{
	bool risk = r->risk_level != NULL &&
		    (strcmp(r->risk_level, "medium") == 0 || strcmp(r->risk_level, "high") == 0);

	return (struct intent_draft){
		.agent = r->agent_id,
		.feature_name = r->feature_name,
		.schema_changes = {r->schema_changes.items, r->schema_changes.count},
		.tables_affected = {r->tables_affected.items, r->tables_affected.count},
		.risk_level = risk ? r->risk_level : "low",
		.estimated_duration_ms = r->estimated_duration_ms,
		.metadata = r->metadata,
		.database = im->m->database};
}

/* Ours come from the same words; what it calls conflicted is judged anew here. */
static bool
state_of(const struct registry_intent *r, enum intent_state *out)
{
	if (!intent_state_named(r->status, out) || *out == INTENT_EXPIRED)
		return false;
	if (*out == INTENT_CONFLICTED)
		*out = INTENT_REGISTERED;
	return true;
}

/* ---- one that is not here ---- */
static bool
tell_moves(struct import *im, const struct registry_intent *r, struct error *err)
{
	for (size_t i = 0; i < r->moves.count; i++) {
		const struct registry_move *move = &r->moves.items[i];
		const char *reason = arena_printf(
			&im->c->round, "%s by %s%s%s", move->at != NULL ? move->at : "once",
			move->by != NULL ? move->by : "somebody", move->reason != NULL ? ": " : "",
			move->reason != NULL ? move->reason : "");
		struct intent_note note = {.kind = "intent.history",
					   .intent = r->id,
					   .actor = im->actor,
					   .audit = {.agent = r->agent_id,
						     .from = move->from,
						     .to = move->to,
						     .reason = reason,
						     .token = INT_NULL}};
		if (!intents_note(im->c, &note, err))
			return false;
	}
	return true;
}

static bool
add(struct import *im, const struct registry_intent *r, const struct sql_footprint *footprint,
    struct error *err)
{
	struct intent_draft draft = draft_of(im, r);
	struct newcomer n = {
		.footprint = footprint, .allow_warnings = true, .kind = "intent.import"};
	enum intent_state state;
	struct error why = {0};

	if (!state_of(r, &state))
		return leave(im, r, "it has a status that is not known here");
	if (!intent_draft_check(&draft, 0, &why))
		return leave(im, r, arena_str(&im->c->round, why.message));
	newcomer_document(im->c, &draft, r->agent_id, footprint, &n.row.doc);
	n.row.doc.id = r->id;
	n.row.doc.branch_name = r->branch_name;
	n.row.doc.status = intent_state_name(state);
	n.row.doc.created_at = r->created_at;
	n.row.doc.updated_at = r->updated_at;
	n.row.doc.reason = arena_printf(&im->c->round, "from the registry in %s", im->m->place);
	if (!newcomer_complete(im->c, &n, im->m->take_over ? im->actor : im->owner, COPY_TTL_MS,
			       err) ||
	    (!intent_state_final(state) && !newcomer_look(im->c, &n, err)) ||
	    !newcomer_add(im->c, &n, im->actor, err) || !tell_moves(im, r, err))
		return false;
	im->reply->added++;
	im->reply->open += !intent_state_final(state);
	return true;
}

/* ---- one that is ---- */
static bool
take_over(struct import *im, struct intent_row *row, struct error *err)
{
	static const enum journal_image rows[] = {IMAGE_INTENT_NEW};
	struct intent_note note = {
		.kind = "intent.import",
		.intent = row->doc.id,
		.actor = im->actor,
		.audit = {.agent = row->doc.agent_id,
			  .to = row->doc.status,
			  .reason =
				  arena_printf(&im->c->round, "taken over from the registry in %s",
					       im->m->place),
			  .token = row->token},
		.rows = rows,
		.row_count = ARRAY_LEN(rows)};

	im->reply->added++;
	return journal_intent_own(im->c->journal, row->doc.id, im->actor, err) &&
	       intents_note(im->c, &note, err);
}

static bool
meet_again(struct import *im, const struct registry_intent *r, struct intent_row *row,
	   struct error *err)
{
	bool copy = strcmp(row->owner, im->owner) == 0;
	bool open = !intent_state_final(intent_state_of(row));

	im->reply->open += open;
	if (copy && im->m->take_over)
		return take_over(im, row, err);
	im->reply->known++;
	if (!open && !im->m->take_over)
		return leave(im, r,
			     arena_printf(&im->c->round, "it has ended here: %s", row->doc.status));
	if (!copy || !open)
		return true;
	intents_lease(im->c, row, COPY_TTL_MS);
	return journal_intent_save(im->c->journal, row, intent_state_of(row), err);
}

static bool
take_one(struct import *im, const struct registry_intent *r, const struct sql_footprint *footprint,
	 struct error *err)
{
	struct intent_set found;

	if (!good_id(r->id))
		return leave(im, r, "its id is none that the Python tool gives");
	if (!journal_intent_exact(im->c->journal, &im->c->round, r->id, &found, err))
		return false;
	return found.count > 0 ? meet_again(im, r, &found.items[0], err)
			       : add(im, r, footprint, err);
}

/* ---- copies that have ended there ---- */
static bool
still_open(const struct import *im, const char *id)
{
	for (size_t i = 0; i < im->m->still_open.count; i++) {
		if (strcmp(im->m->still_open.items[i], id) == 0)
			return true;
	}
	return false;
}

static bool
end_others(struct import *im, struct error *err)
{
	struct intent_change ended = {.trigger = INTENT_ON_ABANDON,
				      .actor = im->actor,
				      .reason = arena_printf(&im->c->round,
							     "it has ended in the registry in %s",
							     im->m->place)};
	struct intent_set copies;

	if (!journal_intents_owned(im->c->journal, &im->c->round, im->owner, &copies, err))
		return false;
	for (size_t i = 0; i < copies.count; i++) {
		if (still_open(im, copies.items[i].doc.id))
			continue;
		if (!intents_move(im->c, &copies.items[i], &ended, err))
			return false;
		im->reply->ended++;
	}
	return true;
}

bool
api_registry_import(struct coordinator *c, struct call *call, struct error *err)
{
	const struct registry_import *m = call->request->body;
	const struct intent_reading *readings = call->prepared;
	struct import im = {.c = c,
			    .m = m,
			    .actor = api_identity(c, call),
			    .owner = arena_printf(&c->round, "registry:%s", m->database),
			    .reply = arena_new(&c->round, struct registry_imported)};

	if (!intents_turn(c, NULL, err))
		return false;
	for (size_t i = 0; i < m->intents.count; i++) {
		if (!take_one(&im, &m->intents.items[i], &readings[i].footprint, err))
			return false;
	}
	if (m->last && !end_others(&im, err))
		return false;
	call->reply = im.reply;
	return intents_look_ahead(c, err);
}
