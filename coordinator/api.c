/*
 * The table of handlers, and what all requests have in common: who asks, what is needed of the
 * journal, and that a request which comes twice under one key is carried out once.
 */
#include "coordinator/api.h"

#include <string.h>

#include "shared/base/faults.h"
#include "shared/digest/digest.h"

#include "shared/base/banned.h"

static const struct field *
field_named(const struct record *of, const char *name)
{
	for (size_t i = 0; i < of->count; i++) {
		if (strcmp(of->fields[i].name, name) == 0)
			return &of->fields[i];
	}
	return NULL;
}

const char *
api_text(const struct call *call, const char *name)
{
	const struct field *f = field_named(message_type(call->request->kind)->request, name);
	const char *value;

	if (f == NULL || f->type != FIELD_TEXT)
		return NULL;
	memcpy(&value, (const char *)call->request->body + f->offset, sizeof(value));
	return value;
}

const char *
api_identity(struct coordinator *c, const struct call *call)
{
	static const char *const roles[] = {
		[NET_CLIENT] = "agent", [NET_WORKER] = "worker", [NET_OPERATOR] = "operator"};
	const struct net_peer *peer = &call->request->peer;
	bool nobody = c->embedded && peer->role != NET_WORKER;

	return arena_printf(&c->round, "%s:%s", nobody ? "client" : roles[peer->role], peer->name);
}

bool
api_may_change(struct coordinator *c, const struct call *call, const char *target,
	       struct error *err)
{
	const struct journal_target *t = fleet_target(c->fleet, target);

	if (c->embedded || t == NULL || !t->protected_ || call->request->peer.role == NET_OPERATOR)
		return true;
	error_set(err, E_AUTH_002, "target %s is protected: agent %s may not change it", target,
		  call->request->peer.name);
	error_hint(err, "ask an operator to run it, or use an operator's token");
	return false;
}

/* ---- idempotency ---- */
static const char *
hash_request(struct net_request *request, const struct record *of)
{
	char *hash = arena_alloc(&request->arena, SHA256_HEX);
	struct text json;

	text_init(&json, 0);
	record_json_named(&json, of, request->body);
	sha256_of(text_span(&json), hash);
	text_fini(&json);
	return hash;
}

static struct reply_key
key_of(struct coordinator *c, struct call *call, const char *key)
{
	const struct record *of = message_type(call->request->kind)->request;

	if (call->request_hash == NULL)
		call->request_hash = hash_request(call->request, of);
	return (struct reply_key){.identity = api_identity(c, call),
				  .key = key,
				  .message = of->name,
				  .request_hash = call->request_hash};
}

static void
mark_replayed(const struct record *of, void *reply)
{
	const struct field *f = field_named(of, "replayed");
	bool yes = true;

	if (f != NULL)
		memcpy((char *)reply + f->offset, &yes, sizeof(yes));
}

static bool
replay_memory(struct coordinator *c, struct call *call, const struct reply_key *key,
	      struct error *err)
{
	const char *job;

	if (!memory_jobs_replay(c->memory, key->identity, key->key, key->request_hash, &job, err))
		return false;
	if (job != NULL) {
		struct job_submitted *reply = arena_new(&c->round, struct job_submitted);
		*reply = (struct job_submitted){.job = arena_str(&c->round, job), .replayed = true};
		call->reply = reply;
	}
	return true;
}

bool
api_replay(struct coordinator *c, struct call *call, struct error *err)
{
	const char *key = api_text(call, "idempotency_key");
	const struct record *of = message_type(call->request->kind)->reply;
	const char *body;
	void *reply;

	if (key == NULL)
		return true;
	struct reply_key k = key_of(c, call, key);
	if (call->access == ACCESS_MEMORY)
		return replay_memory(c, call, &k, err);
	if (!journal_reply_find(c->journal, &c->round, &k, &body, err))
		return false;
	if (body == NULL)
		return true;
	if (!record_parse(&c->round, of, span_str(body), &reply, err))
		return false;
	mark_replayed(of, reply);
	call->reply = reply;
	return true;
}

bool
api_remember(struct coordinator *c, struct call *call, struct error *err)
{
	const char *key = api_text(call, "idempotency_key");
	struct text json;

	if (key == NULL || call->reply == NULL || FAULT(key_forgotten))
		return true;
	struct reply_key k = key_of(c, call, key);
	if (call->access == ACCESS_MEMORY) {
		const struct job_submitted *reply = call->reply;
		memory_jobs_remember(c->memory, reply->job, k.identity, key, k.request_hash);
		return true;
	}
	text_init(&json, 0);
	record_json_named(&json, message_type(call->request->kind)->reply, call->reply);
	bool ok = journal_reply_add(c->journal, &k, json.ptr, err);
	text_fini(&json);
	return ok;
}

/* ---- what requests need of the journal ---- */
static enum access
access_read(struct coordinator *c, const struct call *call)
{
	(void)c;
	(void)call;
	return ACCESS_READ;
}

static enum access
access_write(struct coordinator *c, const struct call *call)
{
	(void)c;
	(void)call;
	return ACCESS_WRITE;
}

static bool
is_memory_job(struct coordinator *c, const struct call *call)
{
	const char *job = api_text(call, "job");

	return job != NULL && memory_jobs_has(c->memory, job);
}

static enum access
access_read_job(struct coordinator *c, const struct call *call)
{
	return is_memory_job(c, call) ? ACCESS_MEMORY : ACCESS_READ;
}

static enum access
access_write_job(struct coordinator *c, const struct call *call)
{
	return is_memory_job(c, call) ? ACCESS_MEMORY : ACCESS_WRITE;
}

static enum access
access_submit(struct coordinator *c, const struct call *call)
{
	const struct job_submit *m = call->request->body;

	(void)c;
	return job_kind_read_only(m->spec->kind, m->spec->options) ? ACCESS_MEMORY : ACCESS_CREATE;
}

static enum access
access_create(struct coordinator *c, const struct call *call)
{
	(void)c;
	(void)call;
	return ACCESS_CREATE;
}

/* Looking for work writes only when there is work. The answer without any tells of the newest
 * event: of one that is committed, so that it has to be read again where a commit fails. */
static enum access
access_next(struct coordinator *c, const struct call *call)
{
	enum access nothing = c->embedded || c->journal == NULL ? ACCESS_MEMORY : ACCESS_READ;
	struct job_store *store;
	struct api_targets targets;
	struct job *job = NULL;

	if (!api_targets(c, call, &targets, NULL) || targets.count == 0 ||
	    !api_next_job(c, &targets, false, &store, &job, NULL))
		return nothing;
	if (job != NULL || c->journal == NULL || (c->embedded && c->owner == NULL))
		return ACCESS_MEMORY;
	return api_next_job(c, &targets, true, &store, &job, NULL) && job == NULL ? nothing
										  : ACCESS_WRITE;
}

/* ---- the table ---- */
#define ACCESS_OF_job_submit	     access_submit
#define ACCESS_OF_job_watch	     access_read_job
#define ACCESS_OF_job_cancel	     access_write_job
#define ACCESS_OF_job_list_request   access_read
#define ACCESS_OF_job_show	     access_read_job
#define ACCESS_OF_job_settle	     access_write_job
#define ACCESS_OF_worker_next	     access_next
#define ACCESS_OF_job_begin	     access_write_job
#define ACCESS_OF_job_events	     access_write_job
#define ACCESS_OF_job_renew	     access_read_job
#define ACCESS_OF_job_settled	     access_write
#define ACCESS_OF_job_finish	     access_write_job
#define ACCESS_OF_job_check	     access_write_job
#define ACCESS_OF_audit_show_request access_read
#define ACCESS_OF_audit_verify	     access_read

#define ACCESS_OF_hello		      access_read
#define ACCESS_OF_worker_hello	      access_create
#define ACCESS_OF_target_list_request access_read
#define ACCESS_OF_worker_list_request access_read
#define ACCESS_OF_worker_drain	      access_create
#define ACCESS_OF_worker_forget	      access_create
#define ACCESS_OF_bundle_offer	      access_create
#define ACCESS_OF_bundle_put	      access_create
#define ACCESS_OF_bundle_get	      access_read
#define ACCESS_OF_structure_put	      access_create
#define ACCESS_OF_structure_get	      access_read

#define ACCESS_OF_intent_register	  access_create
#define ACCESS_OF_intent_check		  access_write
#define ACCESS_OF_claim_wait		  access_write
#define ACCESS_OF_intent_move		  access_write
#define ACCESS_OF_intent_show		  access_write
#define ACCESS_OF_intent_list_request	  access_write
#define ACCESS_OF_conflicted_list_request access_write
#define ACCESS_OF_conflict_resolve	  access_write
#define ACCESS_OF_claim_list_request	  access_write
#define ACCESS_OF_intent_history	  access_write
#define ACCESS_OF_intent_watch		  access_read
#define ACCESS_OF_version_reserve	  access_create
#define ACCESS_OF_registry_import	  access_create

#define ROLE(role)    (1U << NET_##role)
#define FROM_CLIENT   (ROLE(CLIENT) | ROLE(OPERATOR))
#define FROM_WORKER   ROLE(WORKER)
#define FROM_OPERATOR ROLE(OPERATOR)
#define FROM_ANYONE   (FROM_CLIENT | FROM_WORKER)

static const struct api table[MESSAGE_KINDS] = {
#define API_ROW(number, request_name, reply_name, who, doc)                                        \
	[MESSAGE_##request_name] = {FROM_##who, ACCESS_OF_##request_name, api_##request_name},
	MESSAGES(API_ROW)
#undef API_ROW
};

const struct api *
api_of(enum message_kind kind)
{
	return kind > MESSAGE_NONE && kind < MESSAGE_KINDS && table[kind].run != NULL ? &table[kind]
										      : NULL;
}
