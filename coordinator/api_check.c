/*
 * Claims hold for what runs, too: before a job changes anything its worker asks about each file
 * that is pending. It is asked then and not when the job is submitted, since only the ledger tells
 * what is pending; the offer says whether there is anybody to ask about.
 */
#include "coordinator/intents.h"

#include <string.h>

#include "shared/base/faults.h"

#include "shared/base/banned.h"

struct check {
	struct coordinator *c;
	const struct job_check *message;
	const struct job *job;
	const struct job_options *options;
	const struct sql_footprint *footprint;
	struct job_checked *reply;
	size_t cap;
};

bool
api_claims_held(struct coordinator *c, const struct job_spec *spec, bool *held, struct error *err)
{
	*held = false;
	if (c->journal == NULL || job_kind_read_only(spec->kind, spec->options) ||
	    FAULT(claims_not_checked))
		return true;
	return journal_claims_held(c->journal, held, err);
}

static void
warn(struct check *k, const char *text)
{
	k->reply->warnings.items = arena_grow(&k->c->round, k->reply->warnings.items,
					      k->reply->warnings.count, &k->cap, sizeof(char *));
	k->reply->warnings.items[k->reply->warnings.count++] = text;
}

/* ---- one holder ---- */
/* Enough of the intent's id to mean no other, as everywhere else. */
static bool
is_overridden(const struct check *k, const char *intent)
{
	enum { ID_ENOUGH = 8 };

	for (size_t i = 0; i < k->options->override_claims.count; i++) {
		const char *given = k->options->override_claims.items[i];
		size_t len = strlen(given);
		if (len >= ID_ENOUGH && strncmp(intent, given, len) == 0)
			return true;
	}
	return false;
}

/* Its holder reads it in the history, and sees it in a watch. */
static bool
note_override(struct check *k, const struct intent_found *found, struct error *err)
{
	const struct intent_row *other = &found->other;
	const char **jobs = arena_array(&k->c->round, 1, sizeof(*jobs));
	struct intent_note note = {
		.kind = "claim.override",
		.intent = other->doc.id,
		.actor = arena_printf(&k->c->round, "agent:%s", k->job->info.agent),
		.audit = {.agent = other->doc.agent_id,
			  .reason = arena_printf(&k->c->round, "%s: %s", k->message->file,
						 k->options->override_reason),
			  .others = {jobs, 1},
			  .token = other->token,
			  .environment = k->job->info.environment}};

	jobs[0] = k->job->info.id;
	warn(k, arena_printf(&k->c->round, "%s runs over a claim of %s on %s: %s", k->message->file,
			     other->doc.agent_id, found->conflicts[0].affected_objects.items[0],
			     k->options->override_reason));
	return intents_note(k->c, &note, err);
}

static bool
judge(struct check *k, const struct intent_found *found, struct intent_finds *in_the_way,
      struct error *err)
{
	if (found->other.token == INT_NULL)
		return true;
	if (found->worst >= CONFLICT_ERROR) {
		if (is_overridden(k, found->other.doc.id))
			return note_override(k, found, err);
		in_the_way->items = arena_grow(&k->c->round, in_the_way->items, in_the_way->count,
					       &in_the_way->cap, sizeof(*in_the_way->items));
		in_the_way->items[in_the_way->count++] = *found;
	} else if (found->worst == CONFLICT_WARNING) {
		warn(k, arena_printf(&k->c->round, "%s:%u: %s has claimed %s: %s", k->message->file,
				     found->line, found->other.doc.agent_id,
				     found->conflicts[0].affected_objects.items[0],
				     found->conflicts[0].reason));
	}
	return true;
}

/* ---- all of them ---- */
static bool
refuse(struct check *k, const struct intent_finds *in_the_way, struct error *err)
{
	const struct intent_found *first = &in_the_way->items[0];

	(void)intents_refuse(k->c, in_the_way, err);
	if (strcmp(first->other.doc.agent_id, k->job->info.agent) == 0)
		error_wrap(err, "your own, from the worktree %s", first->other.doc.worktree);
	error_at(err, k->message->file, first->line, 0);
	error_detail(err, "file", "%s", k->message->file);
	error_hint(err,
		   "confiture coordinate status --intent-id %s\n"
		   "or, having asked %s, the same command with --override-claim %s --reason TEXT",
		   first->other.doc.id, first->other.doc.agent_id, first->other.doc.id);
	return false;
}

/* What nobody can see through is never called safe. Once for each statement. */
static void
warn_opaque(struct check *k)
{
	const struct sql_footprint *f = k->footprint;

	for (size_t i = 0; i < f->opaque_count; i++) {
		const struct sql_opaque *o = &f->opaques[i];
		if (i + 1 < f->opaque_count && o[1].statement == o->statement)
			continue;
		warn(k,
		     arena_printf(&k->c->round, "%s:%u: not compared with the claims of others: %s",
				  k->message->file, o->line, o->reason));
	}
}

static struct intent
asking(struct check *k, const struct job_spec *spec)
{
	struct intent doc = {.id = "",
			     .agent_id = k->job->info.agent != NULL ? k->job->info.agent : "",
			     .feature_name = k->message->file,
			     .worktree = spec->worktree,
			     .environment = k->job->info.environment};

	doc.schema_changes.items = arena_array(&k->c->round, 1, sizeof(char *));
	doc.schema_changes.items[0] = k->message->sql;
	doc.schema_changes.count = 1;
	return doc;
}

bool
api_job_check(struct coordinator *c, struct call *call, struct error *err)
{
	const struct job_check *m = call->request->body;
	const struct intent_reading *reading = call->prepared;
	struct check k = {.c = c,
			  .message = m,
			  .footprint = &reading->footprint,
			  .reply = arena_new(&c->round, struct job_checked)};
	struct intent_finds finds, in_the_way = {0};
	struct job_spec *spec;
	struct job_store *store;
	struct job *job;

	if (!api_own_job(c, call, m->job, m->attempt, &store, &job, err) ||
	    !store->ops->spec(store, &c->round, m->job, &spec, err) ||
	    !intents_turn(c, job->info.agent, err))
		return false;
	k.job = job;
	k.options = spec->options;
	struct intent doc = asking(&k, spec);
	struct intent_side side = {&doc, intent_scope(&c->round, doc.environment, NULL),
				   k.footprint};
	if (!intents_search(c, &side, NULL, &finds, err))
		return false;
	for (size_t i = 0; i < finds.count; i++) {
		if (!judge(&k, &finds.items[i], &in_the_way, err))
			return false;
	}
	if (in_the_way.count > 0)
		return refuse(&k, &in_the_way, err);
	warn_opaque(&k);
	call->reply = k.reply;
	return true;
}
