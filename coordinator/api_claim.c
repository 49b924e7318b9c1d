/*
 * Who holds what and who waits for whom; and versions of migrations, which are claimed once and for
 * ever.
 */
#include "coordinator/intents.h"

#include <string.h>

#include "coordinator/footprint_record.h"

#include "shared/base/banned.h"

/* ---- claims ---- */
/* "users", "public.users" and "users.email" all mean public.users.email. */
static bool
is_meant(const char *object, const char *asked)
{
	size_t len = strlen(asked);

	for (const char *at = strstr(object, asked); at != NULL; at = strstr(at + 1, asked)) {
		bool begins = at == object || at[-1] == '.' || at[-1] == ' ';
		char after = at[len];
		if (begins && (after == '\0' || after == '.' || after == ' ' || after == '('))
			return true;
	}
	return false;
}

struct claim_lister {
	struct coordinator *c;
	const char *object; /* NULL: any */
	struct claim_list *out;
	size_t cap;
};

static void
list_claims(struct claim_lister *l, const struct intent_row *row, const struct intent *doc)
{
	for (size_t i = 0; i < doc->claims.count; i++) {
		const struct intent_claim *k = &doc->claims.items[i];
		if (l->object != NULL && !is_meant(k->object, l->object))
			continue;
		l->out->claims.items =
			arena_grow(&l->c->round, l->out->claims.items, l->out->claims.count,
				   &l->cap, sizeof(*l->out->claims.items));
		l->out->claims.items[l->out->claims.count++] =
			(struct held_claim){.object = k->object,
					    .kind = k->kind,
					    .mode = k->mode,
					    .token = k->token,
					    .expires_at = k->expires_at,
					    .intent_id = doc->id,
					    .agent_id = doc->agent_id,
					    .feature_name = doc->feature_name,
					    .scope = row->scope,
					    .since = row->claimed_at};
	}
}

static bool
add_waiter(struct coordinator *c, struct intent_row *row, struct claim_list *out, struct error *err)
{
	struct claim_waiter *w = &out->waiting.items[out->waiting.count];
	struct intent_finds finds, blockers;
	struct sql_footprint f;
	struct intent_side side = {&row->doc, row->scope, &f};

	if (!footprint_parse(&c->round, row->footprint, &f, err) ||
	    !intents_search(c, &side, row->doc.id, &finds, err))
		return false;
	intents_blockers(c, &finds, row->queue, &blockers);
	*w = (struct claim_waiter){.intent_id = row->doc.id,
				   .agent_id = row->doc.agent_id,
				   .feature_name = row->doc.feature_name,
				   .since = row->doc.created_at};
	w->waits_for.items = arena_array(&c->round, blockers.count, sizeof(char *));
	for (size_t i = 0; i < blockers.count; i++)
		w->waits_for.items[w->waits_for.count++] = blockers.items[i].other.doc.agent_id;
	out->waiting.count++;
	return true;
}

static bool
list_waiting(struct coordinator *c, const char *agent, struct claim_list *out, struct error *err)
{
	struct intent_set queued;

	if (!journal_intents_queued(c->journal, &c->round, &queued, err))
		return false;
	out->waiting.items = arena_array(&c->round, queued.count, sizeof(struct claim_waiter));
	for (size_t i = 0; i < queued.count; i++) {
		if (agent != NULL && strcmp(queued.items[i].doc.agent_id, agent) != 0)
			continue;
		if (!add_waiter(c, &queued.items[i], out, err))
			return false;
	}
	return true;
}

bool
api_claim_list_request(struct coordinator *c, struct call *call, struct error *err)
{
	const struct claim_list_request *m = call->request->body;
	struct claim_list *reply = arena_new(&c->round, struct claim_list);
	struct claim_lister lister = {.c = c, .object = m->object, .out = reply};
	struct intent_set set;

	call->reply = reply;
	if (c->journal == NULL)
		return true;
	if (!intents_turn(c, m->agent, err) ||
	    !journal_intents_claiming(c->journal, &c->round, m->by_agent, &set, err))
		return false;
	for (size_t i = 0; i < set.count; i++) {
		struct intent *doc;
		if (!intents_document(c, &set.items[i], &doc, err))
			return false;
		list_claims(&lister, &set.items[i], doc);
	}
	reply->total = (int64_t)reply->claims.count;
	return list_waiting(c, m->by_agent, reply, err);
}

/* ---- versions ---- */
static bool
is_taken(const struct version_reserve *m, const char *version)
{
	for (size_t i = 0; i < m->taken.count; i++) {
		if (strcmp(m->taken.items[i], version) == 0)
			return true;
	}
	return false;
}

/* The next number of the same length. A time of day carries at its seconds: 59 goes to 60, which no
 * clock shows, and is a version like any other. */
static bool
count_up(char *digits)
{
	size_t at = strlen(digits);

	while (at > 0 && digits[at - 1] == '9')
		digits[--at] = '0';
	if (at == 0)
		return false;
	digits[at - 1]++;
	return true;
}

static bool
note_reserved(struct coordinator *c, struct call *call, const char *version, struct error *err)
{
	const struct audit_image image = {IMAGE_VERSION, version};
	const struct audit_entry entry = {.actor = api_identity(c, call),
					  .kind = "version.reserve",
					  .subject = version,
					  .images = &image,
					  .image_count = 1};

	return journal_audit_add(c->journal, &entry, err);
}

bool
api_version_reserve(struct coordinator *c, struct call *call, struct error *err)
{
	const struct version_reserve *m = call->request->body;
	struct version_reserved *reply = arena_new(&c->round, struct version_reserved);
	char *version = arena_str(&c->round, m->version);
	const char *agent;
	bool got = false;

	if (version[0] == '\0' || strlen(version) > 32 ||
	    strspn(version, "0123456789") != strlen(version))
		return error_set(err, E_INTENT_006, "a version is made of digits, not %s",
				 m->version);
	if (!intents_agent(c, call, m->agent, &agent, err) || !intents_turn(c, agent, err))
		return false;
	while (!got) {
		if (!is_taken(m, version) &&
		    !journal_version_reserve(c->journal, m, version, agent, &got, err))
			return false;
		if (!got && !count_up(version))
			return error_set(err, E_INTENT_006, "no version after %s is free",
					 m->version);
	}
	reply->version = version;
	call->reply = reply;
	return note_reserved(c, call, version, err);
}
