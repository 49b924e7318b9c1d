/*
 * Who speaks with whom, which workers there are and what they serve. A worker says what it serves;
 * whether it may is decided by its token. Operators drain and forget.
 */
#include "coordinator/api.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/parse.h"

#include "shared/base/banned.h"

enum { TARGETS_MAX = 4096, NAME_MAX_BYTES = 200 };

/* ---- the first words ---- */
bool
api_hello(struct coordinator *c, struct call *call, struct error *err)
{
	const struct hello *m = call->request->body;
	struct hello_reply *reply = arena_new(&c->round, struct hello_reply);

	if (m->protocol_min > COORDINATOR_PROTOCOL || m->protocol_max < COORDINATOR_PROTOCOL) {
		error_set(err, E_COORD_002,
			  "%s %s speaks protocols %lld to %lld, this coordinator %s speaks %d",
			  m->program, m->version, (long long)m->protocol_min,
			  (long long)m->protocol_max, CONFITURE_VERSION, COORDINATOR_PROTOCOL);
		error_detail_int(err, "protocol", COORDINATOR_PROTOCOL);
		return false;
	}
	reply->protocol = COORDINATOR_PROTOCOL;
	reply->version = CONFITURE_VERSION;
	reply->journal = c->journal != NULL ? journal_id(c->journal) : NULL;
	call->reply = reply;
	return true;
}

/* ---- what a worker announces ---- */
static bool
may_serve(const struct net_peer *peer, const char *environment)
{
	for (size_t i = 0; i < peer->environment_count; i++) {
		if (strcmp(peer->environments[i], environment) == 0)
			return true;
	}
	return peer->environment_count == 0;
}

/* A target is its environment, or lies in it: otherwise the worker of one environment could take
 * the jobs of another. */
static bool
fits(const struct worker_target *t)
{
	size_t len = strlen(t->environment);

	if (len == 0 || strlen(t->name) > NAME_MAX_BYTES || strchr(t->environment, '/') != NULL ||
	    strncmp(t->name, t->environment, len) != 0)
		return false;
	return t->name[len] == '\0' || (t->name[len] == '/' && t->name[len + 1] != '\0');
}

/* "scheme://…" or "user:password@host…"; refused without being repeated. */
static bool
holds_address(const char *key)
{
	size_t len = key != NULL ? strcspn(key, "/@") : 0;

	return key != NULL &&
	       (strstr(key, "://") != NULL || (key[len] == '@' && memchr(key, ':', len) != NULL));
}

static bool
check_target(const struct net_peer *peer, const struct worker_hello *m, size_t at,
	     struct error *err)
{
	const struct worker_target *t = &m->targets.items[at];

	if (strstr(t->name, "://") != NULL || holds_address(t->target_key))
		return error_set(err, E_CONFIG_005,
				 "worker %s: a target is called by a name, and known by host, port "
				 "and database alone",
				 peer->name);
	if (!fits(t))
		return error_set(err, E_CONFIG_005,
				 "worker %s: a target of environment %s is called %s or %s/NAME, "
				 "not %s",
				 peer->name, t->environment, t->environment, t->environment,
				 t->name);
	if (!may_serve(peer, t->environment))
		return error_set(err, E_AUTH_002,
				 "worker %s may not serve target %s: its token is not for "
				 "environment %s",
				 peer->name, t->name, t->environment);
	for (size_t i = 0; i < at; i++) {
		if (strcmp(m->targets.items[i].name, t->name) == 0)
			return error_set(err, E_CONFIG_005, "worker %s names target %s twice",
					 peer->name, t->name);
	}
	return true;
}

/* Worker or target, it is told what is there of that name now. */
static bool
audit(struct coordinator *c, struct call *call, const char *kind, const char *subject,
      const char *detail, struct error *err)
{
	const struct audit_image worker[] = {{IMAGE_WORKER, subject}, {IMAGE_TARGET, subject}};
	const struct audit_image target = {IMAGE_TARGET_NAME, subject};
	bool of_target = strcmp(kind, "target.forget") == 0;
	struct audit_entry entry = {.actor = api_identity(c, call),
				    .kind = kind,
				    .subject = subject,
				    .detail = detail,
				    .images = of_target ? &target : worker,
				    .image_count = of_target ? 1 : ARRAY_LEN(worker)};

	return journal_audit_add(c->journal, &entry, err);
}

/* {"targets":["production/eu", …]} */
static const char *
targets_json(struct coordinator *c, const struct worker_hello *m)
{
	struct text json;

	text_init(&json, 0);
	text_put(&json, "{\"targets\":[");
	for (size_t i = 0; i < m->targets.count; i++) {
		if (i > 0)
			text_put_char(&json, ',');
		json_put_string(&json, span_str(m->targets.items[i].name));
	}
	text_put(&json, "]}");
	const char *copy = arena_str(&c->round, json.ptr);
	text_fini(&json);
	return copy;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_target(const struct journal_target *kept, const struct worker_target *t)
{
	return strcmp(kept->name, t->name) == 0 && strcmp(kept->environment, t->environment) == 0 &&
	       same_text(kept->target_key, t->target_key) && kept->protected_ == t->protected_ &&
	       same_text(kept->tracking_table, t->tracking_table);
}

/* Whether the journal holds just that; then nothing is written about it again. */
static bool
known_as(const struct coordinator *c, const char *worker, const struct worker_hello *m)
{
	const struct journal_fleet *rows = fleet_rows(c->fleet);
	const struct journal_worker *w = fleet_worker(c->fleet, worker);
	size_t served = 0, same = 0;

	if (w == NULL || !same_text(w->version, m->version))
		return false;
	for (size_t i = 0; i < rows->target_count; i++) {
		if (strcmp(rows->targets[i].worker, worker) != 0)
			continue;
		served++;
		for (size_t n = 0; n < m->targets.count; n++)
			same += same_target(&rows->targets[i], &m->targets.items[n]);
	}
	return served == m->targets.count && same == served;
}

bool
api_worker_hello(struct coordinator *c, struct call *call, struct error *err)
{
	const struct worker_hello *m = call->request->body;
	const struct net_peer *peer = &call->request->peer;
	struct worker_welcome *reply = arena_new(&c->round, struct worker_welcome);

	if (m->targets.count > TARGETS_MAX)
		return error_set(err, E_CONFIG_005, "worker %s: at most %d targets", peer->name,
				 TARGETS_MAX);
	for (size_t i = 0; i < m->targets.count; i++) {
		if (!check_target(peer, m, i, err))
			return false;
	}
	bool known = known_as(c, peer->name, m);
	if (!api_chain_known(c, peer->name, m->seen, err))
		return false;
	if (!journal_worker_add(c->journal, peer->name, m, err) ||
	    (!known && !audit(c, call, "worker.hello", peer->name, targets_json(c, m), err)))
		return false;
	fleet_changed(c->fleet);
	if (!fleet_refresh(c->fleet, c->journal, err))
		return false;
	fleet_heard(c->fleet, peer->name);
	/* Whatever a former process of that name was waiting for, nobody would take it now. */
	watchers_dismiss(c, peer->name);
	reply->lease_ms = c->lease_ms;
	reply->journal = journal_id(c->journal);
	reply->worker = peer->name;
	call->reply = reply;
	return true;
}

bool
api_targets(struct coordinator *c, const struct call *call, struct api_targets *out,
	    struct error *err)
{
	const struct worker_next *m = call->request->body;
	const char *name = call->request->peer.name;
	const struct journal_worker *w = fleet_worker(c->fleet, name);

	*out = (struct api_targets){0};
	if (call->dismissed)
		return true;
	*out = (struct api_targets){m->targets.items, m->targets.count};
	if (c->embedded)
		return true;
	if (w == NULL) {
		error_set(err, E_WORKER_002, "worker %s has not said what it serves", name);
		error_hint(err, "worker_hello comes before worker_next");
		return false;
	}
	const char **own = arena_array(&c->round, m->targets.count, sizeof(char *));
	out->items = own;
	out->count = 0;
	for (size_t i = 0; i < m->targets.count && !w->draining; i++) {
		if (fleet_serves(c->fleet, name, m->targets.items[i]))
			own[out->count++] = m->targets.items[i];
	}
	return true;
}

/* ---- lists ---- */
static bool
wanted(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return count == 0;
}

static void
fill_target(struct coordinator *c, const struct journal_target *t, struct known_target *out)
{
	const struct journal_worker *w = fleet_worker(c->fleet, t->worker);

	*out = (struct known_target){
		.name = t->name,
		.environment = t->environment,
		.worker = t->worker,
		.state = worker_presence_name(fleet_presence(c->fleet, w)),
		.last_seen = fleet_last_seen(c->fleet, &c->round, w),
		.protected_ = t->protected_,
	};
}

bool
api_target_list_request(struct coordinator *c, struct call *call, struct error *err)
{
	const struct target_list_request *m = call->request->body;
	struct target_list *list = arena_new(&c->round, struct target_list);
	const struct journal_fleet *rows = fleet_rows(c->fleet);

	(void)err;
	list->targets.items =
		arena_array(&c->round, rows->target_count, sizeof(struct known_target));
	for (size_t i = 0; i < rows->target_count; i++) {
		const struct journal_target *t = &rows->targets[i];
		/* Of several workers the one that would be asked. */
		if ((i > 0 && strcmp(rows->targets[i - 1].name, t->name) == 0) ||
		    !wanted(t->environment, m->environments.items, m->environments.count) ||
		    !wanted(t->name, m->names.items, m->names.count))
			continue;
		fill_target(c, fleet_target(c->fleet, t->name),
			    &list->targets.items[list->targets.count++]);
	}
	call->reply = list;
	return true;
}

static void
add_text(const char **items, size_t *count, const char *s)
{
	for (size_t i = 0; i < *count; i++) {
		if (strcmp(items[i], s) == 0)
			return;
	}
	items[(*count)++] = s;
}

static bool
fill_worker(struct coordinator *c, const struct journal_worker *w, struct worker_info *out,
	    struct error *err)
{
	const struct journal_fleet *rows = fleet_rows(c->fleet);

	*out = (struct worker_info){
		.name = w->name,
		.state = worker_presence_name(fleet_presence(c->fleet, w)),
		.version = w->version,
		.last_seen = fleet_last_seen(c->fleet, &c->round, w),
	};
	out->targets.items = arena_array(&c->round, rows->target_count, sizeof(char *));
	out->environments.items = arena_array(&c->round, rows->target_count, sizeof(char *));
	for (size_t i = 0; i < rows->target_count; i++) {
		const struct journal_target *t = &rows->targets[i];
		if (strcmp(t->worker, w->name) != 0)
			continue;
		out->targets.items[out->targets.count++] = t->name;
		add_text(out->environments.items, &out->environments.count, t->environment);
	}
	out->jobs = (int64_t)memory_jobs_with(c->memory, w->name);
	int64_t journaled = 0;
	if (c->journal != NULL && !journal_jobs_with(c->journal, w->name, &journaled, err))
		return false;
	out->jobs += journaled;
	return true;
}

bool
api_worker_list_request(struct coordinator *c, struct call *call, struct error *err)
{
	const struct worker_list_request *m = call->request->body;
	struct worker_list *list = arena_new(&c->round, struct worker_list);
	const struct journal_fleet *rows = fleet_rows(c->fleet);

	list->workers.items =
		arena_array(&c->round, rows->worker_count, sizeof(struct worker_info));
	for (size_t i = 0; i < rows->worker_count; i++) {
		if (!wanted(rows->workers[i].name, m->names.items, m->names.count))
			continue;
		if (!fill_worker(c, &rows->workers[i], &list->workers.items[list->workers.count++],
				 err))
			return false;
	}
	call->reply = list;
	return true;
}

/* ---- drain and forget ---- */
static bool
unknown_name(struct coordinator *c, const char *name, bool targets_too, struct error *err)
{
	const struct journal_fleet *rows = fleet_rows(c->fleet);
	const char **names =
		arena_array(&c->round, rows->worker_count + rows->target_count + 1, sizeof(char *));
	size_t count = 0;

	for (size_t i = 0; i < rows->worker_count; i++)
		names[count++] = rows->workers[i].name;
	for (size_t i = 0; targets_too && i < rows->target_count; i++)
		names[count++] = rows->targets[i].name;
	const char *meant = nearest_word(name, names, count);
	error_set(err, E_CONFIG_011, "no worker%s is called %s%s%s%s",
		  targets_too ? " and no target" : "", name, meant ? "; did you mean " : "",
		  meant ? meant : "", meant ? "?" : "");
	error_hint(err, "confiture worker list");
	return false;
}

bool
api_worker_drain(struct coordinator *c, struct call *call, struct error *err)
{
	const struct worker_drain *m = call->request->body;

	if (fleet_worker(c->fleet, m->worker) == NULL)
		return unknown_name(c, m->worker, false, err);
	if (!journal_worker_drain(c->journal, m->worker, !m->undo, err) ||
	    !audit(c, call, m->undo ? "worker.undrain" : "worker.drain", m->worker, NULL, err))
		return false;
	fleet_changed(c->fleet);
	c->work_added |= m->undo;
	return fleet_refresh(c->fleet, c->journal, err) && api_ack(c, call, false);
}

bool
api_worker_forget(struct coordinator *c, struct call *call, struct error *err)
{
	const struct worker_forget *m = call->request->body;
	bool worker = fleet_worker(c->fleet, m->name) != NULL;

	if (!worker && fleet_target(c->fleet, m->name) == NULL)
		return unknown_name(c, m->name, true, err);
	if (!(worker ? journal_worker_forget(c->journal, m->name, err)
		     : journal_target_forget(c->journal, m->name, err)) ||
	    !audit(c, call, worker ? "worker.forget" : "target.forget", m->name, NULL, err))
		return false;
	fleet_changed(c->fleet);
	return fleet_refresh(c->fleet, c->journal, err) && api_ack(c, call, false);
}
