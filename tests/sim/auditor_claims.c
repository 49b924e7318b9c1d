/*
 * What the audit log says of claims, event by event, from the first to the last. Every statement
 * that agents claim for here is in the way of every other one on the same table, so that two grants
 * which overlap in time must not share one.
 */
#include <stdlib.h>
#include <string.h>

#include "coordinator/intent.h"
#include "tests/sim/auditor.h"

#include "shared/base/banned.h"

enum { INTENTS_MOST = 256, TABLE_TEXT = 64 };

struct seen_intent {
	char id[ID_TEXT], table[TABLE_TEXT], agent[32];
	int64_t registered, granted, ended; /* numbers of events; 0: not */
	int64_t token;
	bool over; /* in a final state */
};

struct seen_job {
	char id[ID_TEXT];
	int64_t offered, last, offers;
};

struct reading {
	struct house *h;
	struct seen_intent intents[INTENTS_MOST];
	struct seen_job jobs[HISTORY_JOBS];
	size_t intent_count, job_count;
	int64_t last_token;
	bool overridden;
};

/* ---- what is known of it ---- */
static struct seen_intent *
intent_of(struct reading *r, const char *id)
{
	for (size_t i = 0; i < r->intent_count; i++) {
		if (strcmp(r->intents[i].id, id) == 0)
			return &r->intents[i];
	}
	if (r->intent_count == INTENTS_MOST)
		abort();
	struct seen_intent *s = &r->intents[r->intent_count++];
	snprintf(s->id, sizeof(s->id), "%s", id);
	return s;
}

static struct seen_job *
job_of(struct reading *r, const char *id)
{
	for (size_t i = 0; i < r->job_count; i++) {
		if (strcmp(r->jobs[i].id, id) == 0)
			return &r->jobs[i];
	}
	if (r->job_count == HISTORY_JOBS)
		abort();
	struct seen_job *s = &r->jobs[r->job_count++];
	snprintf(s->id, sizeof(s->id), "%s", id);
	return s;
}

static const struct claim_wish *
wish_of(const struct house *h, const char *intent)
{
	for (size_t c = 0; c < h->plan->client_count; c++) {
		const struct plan_client *client = &h->plan->clients[c];
		for (size_t i = 0; i < client->wish_count; i++) {
			if (strcmp(client->wishes[i].intent, intent) == 0)
				return &client->wishes[i];
		}
	}
	return NULL;
}

/* "a4" of "public.a4.n". */
static void
take_table(struct seen_intent *s, const struct intent_audit *a)
{
	if (a->objects.count == 0 || s->table[0] != '\0')
		return;
	const char *name = strchr(a->objects.items[0], '.');
	name = name != NULL ? name + 1 : a->objects.items[0];
	snprintf(s->table, sizeof(s->table), "%.*s", (int)strcspn(name, "."), name);
}

static bool
live(const struct seen_intent *s)
{
	return s->granted != 0 && s->ended == 0;
}

static bool
meets(const struct seen_intent *a, const struct seen_intent *b)
{
	return a != b && strcmp(a->table, b->table) == 0 && strcmp(a->agent, b->agent) != 0;
}

/* ---- events ---- */
static void
granted(struct reading *r, struct seen_intent *s, const struct audit_event *e, int64_t token)
{
	struct history *h = r->h->history;

	if (token <= r->last_token)
		history_breach(h, "P7", "number %lld was given after %lld", (long long)token,
			       (long long)r->last_token);
	r->last_token = token;
	for (size_t i = 0; i < r->intent_count; i++) {
		const struct seen_intent *other = &r->intents[i];
		const struct claim_wish *wish = wish_of(r->h, other->id);
		if (!meets(s, other))
			continue;
		if (live(other))
			history_breach(h, "P7",
				       "%s was granted to %s (event %lld) while %s held it",
				       s->table, s->agent, (long long)e->seq, other->agent);
		if (wish != NULL && wish->waited && other->granted == 0 && !other->over &&
		    other->registered < s->registered)
			history_breach(h, "P7", "%s was granted to %s, and %s waited before",
				       s->table, s->agent, other->agent);
	}
	s->granted = e->seq;
	s->ended = 0;
	s->token = token;
}

/* Who moved it: its owner, or time. */
static void
check_mover(struct reading *r, const struct seen_intent *s, const struct audit_event *e)
{
	const char *name = strchr(e->actor, ':');

	if (strcmp(e->actor, "coordinator") != 0 &&
	    (name == NULL || strcmp(name + 1, s->agent) != 0))
		history_breach(r->h->history, "P18", "intent %s of %s: %s by %s", s->id, s->agent,
			       e->kind, e->actor);
}

static void
take_intent(struct reading *r, const struct audit_event *e)
{
	static const char *const final[] = {"intent.expire", "intent.abandon", "intent.merge"};
	struct seen_intent *s = intent_of(r, e->subject);
	void *parsed;

	if (e->detail == NULL || !record_parse(&r->h->auditor.arena, &record_intent_audit,
					       span_str(e->detail), &parsed, NULL))
		return;
	const struct intent_audit *a = parsed;
	if (strcmp(e->kind, "intent.register") == 0) {
		s->registered = e->seq;
		snprintf(s->agent, sizeof(s->agent), "%s", a->agent != NULL ? a->agent : "");
	}
	take_table(s, a);
	if (strcmp(e->kind, "claim.grant") == 0) {
		granted(r, s, e, a->token);
		return;
	}
	if (strcmp(e->kind, "intent.register") == 0 || strcmp(e->kind, "intent.conflict") == 0)
		return;
	r->overridden |= strcmp(e->kind, "claim.override") == 0;
	check_mover(r, s, e);
	for (size_t i = 0; i < sizeof(final) / sizeof(final[0]); i++)
		s->over |= strcmp(e->kind, final[i]) == 0;
	if (a->token == INT_NULL)
		return;
	if (!live(s) || s->token != a->token)
		history_breach(r->h->history, "P7",
			       "intent %s: %s with number %lld, which was over", s->id, e->kind,
			       (long long)a->token);
	if (a->objects.count > 0)
		s->ended = e->seq;
}

static void
take_job(struct reading *r, const struct audit_event *e)
{
	struct seen_job *j = job_of(r, e->subject);

	j->last = e->seq;
	if (strcmp(e->kind, "job.offer") == 0) {
		j->offered = e->seq;
		j->offers++;
	}
}

/* ---- against what was told, and what was done ---- */
static void
check_told(struct reading *r)
{
	for (size_t c = 0; c < r->h->plan->client_count; c++) {
		const struct plan_client *client = &r->h->plan->clients[c];
		for (size_t i = 0; i < client->wish_count; i++) {
			const struct claim_wish *w = &client->wishes[i];
			if (w->intent[0] == '\0')
				continue;
			const struct seen_intent *s = intent_of(r, w->intent);
			if (s->registered == 0 || (w->token != 0 && s->token != w->token))
				history_breach(
					r->h->history, "P5",
					"intent %s was told with number %lld; the log says %lld",
					w->intent, (long long)w->token, (long long)s->token);
		}
	}
}

/* Whether the job put the version that makes the claimed table into a ledger. */
static bool
made_table(const struct house *h, const struct told_job *j)
{
	const struct memory_commit *commits;
	size_t count = memory_db_commits(h->servers[j->order->target].db, &commits);

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < commits[i].change_count; k++) {
			if (commits[i].job != NULL && strcmp(commits[i].job, j->id) == 0 &&
			    !commits[i].changes[k].gone &&
			    strcmp(commits[i].changes[k].record, "ledger tb_confiture/004") == 0)
				return true;
		}
	}
	return false;
}

/* A claim that was there when the job was offered, and still when it had ended. */
static void
check_job(struct reading *r, const struct told_job *j)
{
	const struct seen_job *seen = job_of(r, j->id);

	if (j->order == NULL || j->order->kind != ORDER_APPLY || seen->offers != 1 ||
	    r->overridden || !made_table(r->h, j))
		return;
	for (size_t i = 0; i < r->intent_count; i++) {
		const struct seen_intent *s = &r->intents[i];
		if (strcmp(s->table, "a4") == 0 && s->granted != 0 && s->granted < seen->offered &&
		    (s->ended == 0 || s->ended > seen->last) &&
		    strcmp(s->agent, j->order->client) != 0)
			history_breach(
				r->h->history, "P7",
				"job %s of %s made a4, which %s held from event %lld to %lld",
				j->id, j->order->client, s->agent, (long long)s->granted,
				(long long)s->ended);
	}
}

void
auditor_claims(struct house *h)
{
	struct reading *r = calloc(1, sizeof(*r));
	struct audit_show_request request = {.limit = 200};
	struct told_job *jobs;
	struct error err;
	void *reply;

	if (r == NULL)
		abort();
	r->h = h;
	for (;;) {
		if (!auditor_ask(h, MESSAGE_audit_show_request, &request, &h->auditor.arena, &reply,
				 &err)) {
			history_breach(h->history, "P5", "the audit log cannot be read: %s",
				       err.message);
			break;
		}
		const struct audit_log *log = reply;
		for (size_t i = 0; i < log->events.count; i++) {
			const struct audit_event *e = &log->events.items[i];
			request.since = e->seq;
			if (strncmp(e->kind, "intent.", 7) == 0 ||
			    strncmp(e->kind, "claim.", 6) == 0)
				take_intent(r, e);
			else if (strncmp(e->kind, "job.", 4) == 0)
				take_job(r, e);
		}
		if (log->events.count == 0)
			break;
	}
	check_told(r);
	size_t count = history_jobs(h->history, &jobs);
	for (size_t i = 0; i < count; i++)
		check_job(r, &jobs[i]);
	free(r);
}
