/*
 * Group commit: the requests that have arrived together share one transaction, each in a savepoint
 * of its own, and are answered after one commit. So the cost of making things durable is paid once
 * for all of them, and nobody is told anything that a crash could take back.
 */
#include "coordinator/api.h"
#include "coordinator/intents.h"
#include "shared/base/faults.h"

#include "shared/base/banned.h"

/* Replies of a round are in memory until it ends: a crowd of watchers is told in several. */
enum { AGAIN_MS = 200, ROUND_BYTES = 8 * 1024 * 1024 };

struct group {
	struct coordinator *c;
	struct call *done, **end; /* calls that were run, in order */
	bool begun;		  /* a transaction is open, or was lost */
	bool broken;		  /* the journal cannot be used; `why` */
	struct orphans orphans;	  /* settled in this transaction */
	struct error why;
};

static void
refuse(struct group *g, struct call *call, const struct error *err)
{
	call->error = arena_bytes(&g->c->round, err, sizeof(*err));
	call->reply = NULL;
}

/* The journal is of no use for the rest of this round. */
static void
break_group(struct group *g, const struct error *err)
{
	if (!g->broken)
		g->why = *err;
	g->broken = true;
}

static bool
lost(const struct group *g)
{
	return g->begun && !journal_in_transaction(g->c->journal);
}

static void
begin(struct group *g)
{
	struct error err = {0};

	if (g->begun || g->broken || g->c->journal == NULL)
		return;
	if (journal_begin(g->c->journal, &err))
		g->begun = true;
	else
		break_group(g, &err);
}

static bool
carry_out(struct coordinator *c, struct call *call, struct error *err)
{
	if (!api_replay(c, call, err))
		return false;
	return call->reply != NULL || (call->api->run(c, call, err) && api_remember(c, call, err));
}

/* In a savepoint, so that what a refused request did is undone and the others go on. */
static bool
carry_out_guarded(struct group *g, struct call *call, struct error *err)
{
	struct journal *j = g->c->journal;
	struct saying **mark = said_mark(g->c);

	if (!journal_savepoint(j, err))
		return false;
	bool ok = carry_out(g->c, call, err) && journal_release(j, err);
	if (!ok && !FAULT(refused_leaves_traces)) {
		journal_undo(j);
		said_undo(g->c, mark);
		g->c->page.job = NULL;
	}
	/* An error that nobody was told of may have ended the transaction. */
	if (lost(g)) {
		ok = ok && journal_still(j, err);
		break_group(g, err);
	}
	return ok;
}

/* Where a transaction could not be begun, what is there can still be read. */
static bool
usable(const struct group *g, const struct call *call)
{
	if (!g->broken || call->access < ACCESS_READ)
		return true;
	return call->access == ACCESS_READ && g->c->journal != NULL && !g->begun;
}

static void
run_call(struct group *g, struct call *call)
{
	struct error err = {0};
	bool ok;

	call->next = NULL;
	*g->end = call;
	g->end = &call->next;
	if (call->error != NULL)
		return;
	if (call->access >= ACCESS_WRITE)
		begin(g);
	if (!usable(g, call)) {
		refuse(g, call, &g->why);
		return;
	}
	if (call->access >= ACCESS_WRITE && g->begun)
		ok = carry_out_guarded(g, call, &err);
	else
		ok = carry_out(g->c, call, &err);
	if (!ok)
		refuse(g, call, &err);
}

static void
run_calls(struct group *g, struct call *calls)
{
	while (calls != NULL) {
		struct call *next = calls->next;
		run_call(g, calls);
		calls = next;
	}
}

/* Embedded mode authenticates nobody: whoever can run the command is the operator. */
static enum net_role
role_of(const struct coordinator *c, const struct net_request *r)
{
	return c->embedded && r->peer.role == NET_CLIENT ? NET_OPERATOR : r->peer.role;
}

static void
refuse_role(struct coordinator *c, struct call *call, struct error *err)
{
	static const char *const roles[] = {[NET_CLIENT] = "an agent",
					    [NET_WORKER] = "a worker",
					    [NET_OPERATOR] = "an operator"};
	const struct net_request *r = call->request;

	error_set(err, E_AUTH_002, "%s is not for %s", message_type(r->kind)->request->name,
		  roles[r->peer.role]);
	error_detail(err, "identity", "%s", api_identity(c, call));
}

/* Who may not ask is refused before anything is looked at. */
static void
admit(struct group *g, struct call *call)
{
	struct error err = {0};
	const struct net_request *r = call->request;

	call->api = api_of(r->kind);
	if (call->api == NULL)
		error_set(&err, E_USAGE_001, "request %d is not known", (int)r->kind);
	else if ((call->api->askers & 1U << role_of(g->c, r)) == 0)
		refuse_role(g->c, call, &err);
	else
		call->access = call->api->access(g->c, call);
	if (err.code == NULL)
		(void)!intents_prepare(g->c, call, &err);
	if (r->peer.role == NET_WORKER && !g->c->embedded)
		fleet_heard(g->c->fleet, r->peer.name);
	if (err.code != NULL)
		refuse(g, call, &err);
}

static enum access
admit_all(struct group *g, struct call *calls)
{
	enum access most = ACCESS_MEMORY;

	for (struct call *call = calls; call != NULL; call = call->next) {
		admit(g, call);
		if (call->error == NULL && call->access > most)
			most = call->access;
	}
	return most;
}

static void
open_journal(struct group *g, enum access most)
{
	struct error err = {0};

	if (most > ACCESS_MEMORY && !coordinator_journal(g->c, most == ACCESS_CREATE, &err))
		break_group(g, &err);
	if (!g->c->embedded && !fleet_refresh(g->c->fleet, g->c->journal, &err))
		break_group(g, &err);
}

static void
look_for_orphans(struct group *g, bool ask_owners)
{
	orphans_find(g->c, ask_owners && !g->broken, &g->orphans);
	if (!orphans_any(&g->orphans))
		return;
	begin(g);
	if (g->begun && !g->broken)
		orphans_settle(g->c, &g->orphans);
	else
		orphans_later(g->c, &g->orphans);
}

/* Leases of intents that are over end in this transaction; what fails is tried again with the next
 * request. */
static void
look_for_lapses(struct group *g)
{
	if (!intents_due(g->c))
		return;
	begin(g);
	if (!g->broken && g->begun && journal_savepoint(g->c->journal, NULL)) {
		if (intents_turn(g->c, NULL, NULL) && journal_release(g->c->journal, NULL))
			return;
		journal_undo(g->c->journal);
	}
	g->c->lapse_at_ns = runtime_deadline(g->c->rt, AGAIN_MS);
}

/* Whoever found nothing is parked before news is given out: what it waits for may have been done by
 * a later request of this very round. */
static void
park_waiting(struct group *g)
{
	struct call *calls = g->done;

	if (g->broken)
		return;
	g->done = NULL;
	g->end = &g->done;
	while (calls != NULL) {
		struct call *call = calls;
		calls = call->next;
		call->next = NULL;
		if (call->error == NULL && call->reply == NULL) {
			watchers_park(g->c, call);
		} else {
			*g->end = call;
			g->end = &call->next;
		}
	}
}

/* Calls that were waiting and now have something to hear, in the same transaction. */
static void
run_parked(struct group *g)
{
	struct call *ready = watchers_take_ready(g->c);

	while (ready != NULL) {
		struct call *call = ready;
		ready = call->next;
		if (g->c->round.used > ROUND_BYTES && !call->last_chance) {
			watchers_put_off(g->c, call);
			continue;
		}
		call->access = call->api->access(g->c, call);
		run_call(g, call);
	}
}

/* What was only read is read again, as it is without the transaction. */
static void
read_again(struct group *g)
{
	g->c->page.job = NULL;
	for (struct call *call = g->done; call != NULL; call = call->next) {
		struct error err = {0};
		if (call->access != ACCESS_READ)
			continue;
		call->reply = NULL;
		call->error = NULL;
		if (!carry_out(g->c, call, &err))
			refuse(g, call, &err);
	}
}

static void
commit(struct group *g)
{
	struct error err = {0};

	if (!g->begun)
		return;
	if (!g->broken && !journal_commit(g->c->journal, &err))
		break_group(g, &err);
	if (!g->broken)
		return;
	said_undo(g->c, &g->c->said);
	journal_rollback(g->c->journal);
	orphans_later(g->c, &g->orphans);
	read_again(g);
}

/* Nothing of a failed transaction is acknowledged. A worker that was waiting for work waits on, for
 * a moment. */
static void
take_back(struct group *g, struct call *call)
{
	uint64_t soon = runtime_deadline(g->c->rt, AGAIN_MS);

	if (call->access < ACCESS_WRITE)
		return;
	if (call->park_until_ns == 0 || call->last_chance) {
		if (call->error == NULL)
			refuse(g, call, &g->why);
		return;
	}
	call->error = NULL;
	call->reply = NULL;
	if (soon < call->park_until_ns)
		call->park_until_ns = soon;
}

static void
answer(struct group *g, struct call *call)
{
	struct net_server *s = g->c->server;

	if (g->broken)
		take_back(g, call);
	if (call->error != NULL)
		s->ops->refuse(s, call->request, call->error);
	else if (call->reply != NULL)
		s->ops->reply(s, call->request, call->reply);
	else
		watchers_park(g->c, call);
}

void
group_run(struct coordinator *c, struct call *arrived)
{
	struct group g = {.c = c};
	enum access most;

	g.end = &g.done;
	most = admit_all(&g, arrived);
	open_journal(&g, most);
	look_for_orphans(&g, most > ACCESS_MEMORY || watchers_of_journal(c));
	look_for_lapses(&g);
	run_calls(&g, arrived);
	park_waiting(&g);
	run_parked(&g);
	if (!FAULT(ack_before_commit))
		commit(&g);
	said_write(c);
	if (g.broken || g.begun)
		said_journal(c, g.broken ? &g.why : NULL);
	while (g.done != NULL) {
		struct call *call = g.done;
		g.done = call->next;
		answer(&g, call);
	}
	if (FAULT(ack_before_commit))
		commit(&g);
}
