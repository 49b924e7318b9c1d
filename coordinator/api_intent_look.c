/*
 * Questions about intents. Asking counts as a sign of life: the asker's leases begin anew.
 */
#include "coordinator/intents.h"

#include "shared/base/banned.h"

enum { LIST_MAX = 1000, LIST_BYTES = 8 * 1024 * 1024, EVENTS_MAX = 256 };

bool
api_intent_show(struct coordinator *c, struct call *call, struct error *err)
{
	const struct intent_show *m = call->request->body;
	struct intent_shown *reply = arena_new(&c->round, struct intent_shown);
	struct conflict_set conflicts;
	struct intent_row row;

	if (c->journal == NULL)
		return error_set(err, E_INTENT_001, "there is no intent %s", m->intent);
	if (!intents_turn(c, m->agent, err) ||
	    !journal_intent_find(c->journal, &c->round, m->intent, &row, err) ||
	    !intents_document(c, &row, &reply->intent, err) ||
	    !journal_conflicts_of(c->journal, &c->round, row.doc.id, &conflicts, err))
		return false;
	reply->conflicts.items = conflicts.items;
	reply->conflicts.count = conflicts.count;
	call->reply = reply;
	return true;
}

/* As many as one answer can carry. */
static bool
documents(struct coordinator *c, struct intent_set *set, struct intent_list *out, struct error *err)
{
	size_t before = c->round.used;

	out->intents.items = arena_array(&c->round, set->count, sizeof(struct intent));
	for (size_t i = 0; i < set->count && c->round.used - before < LIST_BYTES; i++) {
		struct intent *doc;
		if (!intents_document(c, &set->items[i], &doc, err))
			return false;
		out->intents.items[out->intents.count++] = *doc;
	}
	return true;
}

bool
api_intent_list_request(struct coordinator *c, struct call *call, struct error *err)
{
	const struct intent_list_request *m = call->request->body;
	struct intent_list *reply = arena_new(&c->round, struct intent_list);
	struct intent_filter filter = {.state = m->status,
				       .agent = m->by_agent,
				       .open_only = m->open_only,
				       .limit = LIST_MAX};
	struct intent_set set;

	reply->registry_open = INT_NULL;
	call->reply = reply;
	return c->journal == NULL ||
	       (intents_turn(c, m->agent, err) &&
		journal_intent_list(c->journal, &c->round, &filter, &set, &reply->total, err) &&
		documents(c, &set, reply, err));
}

bool
api_conflicted_list_request(struct coordinator *c, struct call *call, struct error *err)
{
	const struct conflicted_list_request *m = call->request->body;
	struct conflicted_list *reply = arena_new(&c->round, struct conflicted_list);
	struct intent_filter filter = {.state = intent_state_name(INTENT_CONFLICTED),
				       .limit = LIST_MAX};
	struct intent_list list = {0};
	struct intent_set set;

	reply->registry_open = INT_NULL;
	call->reply = reply;
	if (c->journal == NULL)
		return true;
	if (!intents_turn(c, m->agent, err) ||
	    !journal_intent_list(c->journal, &c->round, &filter, &set,
				 &reply->total_conflicted_intents, err) ||
	    !documents(c, &set, &list, err))
		return false;
	reply->conflicted_intents.items =
		arena_array(&c->round, list.intents.count, sizeof(struct conflicted_intent));
	for (size_t i = 0; i < list.intents.count; i++) {
		struct conflicted_intent *out = &reply->conflicted_intents.items[i];
		struct conflict_set conflicts;
		if (!journal_conflicts_of(c->journal, &c->round, list.intents.items[i].id,
					  &conflicts, err))
			return false;
		out->intent = &list.intents.items[i];
		out->conflicts.items = conflicts.items;
		out->conflicts.count = conflicts.count;
		reply->conflicted_intents.count++;
	}
	return true;
}

/* ---- what happened ---- */
bool
api_intent_history(struct coordinator *c, struct call *call, struct error *err)
{
	const struct intent_history *m = call->request->body;
	struct intent_events *reply = arena_new(&c->round, struct intent_events);
	struct intent_row row;

	if (c->journal == NULL)
		return error_set(err, E_INTENT_001, "there is no intent %s", m->intent);
	if (!intents_turn(c, m->agent, err) ||
	    !journal_intent_find(c->journal, &c->round, m->intent, &row, err) ||
	    !journal_intent_events(c->journal, &c->round, row.doc.id, 0, 0, reply, err))
		return false;
	call->reply = reply;
	return true;
}

/* What a watcher begins with is fixed when it comes, not when it is first woken. */
bool
api_intent_watch(struct coordinator *c, struct call *call, struct error *err)
{
	const struct intent_watch *m = call->request->body;
	struct intent_events *reply = arena_new(&c->round, struct intent_events);
	int64_t *since = call->prepared;

	if (since == NULL) {
		since = arena_new(&call->request->arena, int64_t);
		*since = m->since;
		if (m->since < 0 && c->journal != NULL &&
		    !journal_event_last(c->journal, since, err))
			return false;
		*since = *since < 0 ? 0 : *since;
		call->prepared = since;
	}
	reply->last_seq = *since;
	if (c->journal != NULL &&
	    !journal_intent_events(c->journal, &c->round, NULL, *since, EVENTS_MAX, reply, err))
		return false;
	call->waits_for = INTENTS_TOPIC;
	if (reply->events.count > 0 || !watchers_may_wait(c, call, m->wait_ms))
		call->reply = reply;
	return true;
}
