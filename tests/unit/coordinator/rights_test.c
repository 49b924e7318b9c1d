/*
 * P18, least authority: every message of the protocol, asked by everybody there is. Two agents, the
 * workers of two environments, and an operator ask for the same things; what each may have stands
 * in one table, and a message without a row in it is a failure. Who asks is what the connection
 * says: the names in the messages are lies throughout.
 */
#include <stdio.h>
#include <string.h>

#include "shared/digest/digest.h"
#include "shared/sql/sandbox.h"
#include "tests/unit/coordinator/reading_house.h"

#include "shared/base/banned.h"

static struct scratch scratch;
static struct house h;
static struct net_client *eve;

/* What there is before each question: jobs of the worker w1, which serves "t" and the protected
 * "p"; w2 serves "u". */
static struct {
	const char *queued, *guarded;
	const char *intent; /* of agent A, with its claim */
	int64_t conflict;   /* of another one of agent A */
	struct worker_offer *running, *lost;
	char sha256[SHA256_HEX];
} world;

static const char bytes[] = "SELECT 1;";

/* ---- the questions ---- */
static struct job_spec
spec_in(const char *target)
{
	struct job_spec spec = spec_of("apply", target, NULL);

	spec.environment = target;
	spec.agent = "operator:chief";
	return spec;
}

static void *
submit(const char *target)
{
	struct job_spec *spec = arena_new(&h.arena, struct job_spec);
	struct job_submit *m = arena_new(&h.arena, struct job_submit);

	*spec = spec_in(target);
	m->spec = spec;
	return m;
}

static void *
ask_submit(void)
{
	return submit("t");
}

static void *
ask_submit_guarded(void)
{
	return submit("p");
}

#define NEW(type) arena_new(&h.arena, struct type)

static void *
ask_watch(void)
{
	struct job_watch *m = NEW(job_watch);
	m->job = world.queued;
	return m;
}

static void *
cancel(const char *job)
{
	struct job_cancel *m = NEW(job_cancel);
	m->job = job;
	return m;
}

static void *
ask_cancel(void)
{
	return cancel(world.queued);
}

static void *
ask_cancel_guarded(void)
{
	return cancel(world.guarded);
}

static void *
ask_list(void)
{
	struct job_list_request *m = NEW(job_list_request);
	m->limit = 10;
	return m;
}

static void *
ask_show(void)
{
	struct job_show *m = NEW(job_show);
	m->job = world.queued;
	return m;
}

static void *
ask_settle(void)
{
	struct job_settle *m = NEW(job_settle);
	*m = (struct job_settle){.job = world.lost->job, .state = "succeeded", .note = "seen"};
	return m;
}

static void *
ask_next(void)
{
	static const char *targets[] = {"t", "p"};
	struct worker_next *m = NEW(worker_next);
	*m = (struct worker_next){.worker = "w1", .targets = {targets, 2}};
	return m;
}

static void *
ask_begin(void)
{
	struct job_begin *m = NEW(job_begin);
	*m = (struct job_begin){.worker = "w1", .job = world.running->job, .attempt = 1};
	return m;
}

static void *
ask_events(void)
{
	struct job_events *m = NEW(job_events);
	*m = (struct job_events){.job = world.running->job, .attempt = 1};
	return m;
}

static void *
ask_renew(void)
{
	struct job_renew *m = NEW(job_renew);
	*m = (struct job_renew){.worker = "w1", .job = world.running->job, .attempt = 1};
	return m;
}

static void *
ask_settled(void)
{
	struct settled_attempt *s = NEW(settled_attempt);
	struct job_settled *m = NEW(job_settled);
	*s = (struct settled_attempt){.job = world.lost->job, .attempt = 1};
	*m = (struct job_settled){.worker = "w1", .attempts = {s, 1}};
	return m;
}

static void *
ask_finish(void)
{
	struct job_outcome *o = NEW(job_outcome);
	struct job_finish *m = NEW(job_finish);
	*m = (struct job_finish){
		.worker = "w1", .job = world.running->job, .attempt = 1, .outcome = o};
	return m;
}

static void *
ask_audit(void)
{
	struct audit_show_request *m = NEW(audit_show_request);
	m->limit = 10;
	return m;
}

static void *
ask_hello(void)
{
	struct hello *m = NEW(hello);
	*m = (struct hello){.protocol_min = 1, .protocol_max = 1, .program = "p", .version = "1"};
	return m;
}

static void *
ask_worker_hello(void)
{
	struct worker_target *t = NEW(worker_target);
	struct worker_hello *m = NEW(worker_hello);
	*t = (struct worker_target){.name = "t/more", .environment = "t"};
	*m = (struct worker_hello){.version = "1", .targets = {t, 1}};
	return m;
}

static void *
ask_drain(void)
{
	struct worker_drain *m = NEW(worker_drain);
	m->worker = "w1";
	return m;
}

static void *
ask_forget(void)
{
	struct worker_forget *m = NEW(worker_forget);
	m->name = "w2";
	return m;
}

static struct bundle_info *
bundle(void)
{
	struct bundle_file *file = NEW(bundle_file);
	struct bundle_info *b = NEW(bundle_info);
	*file = (struct bundle_file){
		.name = "001_a.up.sql", .sha256 = world.sha256, .size = sizeof(bytes) - 1};
	*b = (struct bundle_info){.hash = world.sha256, .files = {file, 1}};
	return b;
}

static void *
ask_offer(void)
{
	struct bundle_offer *m = NEW(bundle_offer);
	m->bundle = bundle();
	return m;
}

static void *
ask_put(void)
{
	struct bundle_put *m = NEW(bundle_put);
	*m = (struct bundle_put){.sha256 = world.sha256,
				 .total = sizeof(bytes) - 1,
				 .data = span_of(bytes, sizeof(bytes) - 1)};
	return m;
}

static void *
ask_get(void)
{
	struct bundle_get *m = NEW(bundle_get);
	*m = (struct bundle_get){.job = world.running->job, .attempt = 1, .name = "001_a.up.sql"};
	return m;
}

/* ---- intents: agent A has one with a claim, and one that conflicts with an operator's ---- */
static struct intent_draft *
draft(const char *sql)
{
	struct intent_draft *d = NEW(intent_draft);
	const char **changes = arena_array(&h.arena, 1, sizeof(*changes));
	changes[0] = sql;
	*d = (struct intent_draft){.feature_name = "f",
				   .schema_changes = {changes, 1},
				   .risk_level = "low",
				   .metadata = "{}",
				   .estimated_duration_ms = INT_NULL};
	return d;
}

static void *
ask_register(void)
{
	struct intent_register *m = NEW(intent_register);
	*m = (struct intent_register){.draft = draft("CREATE TABLE other (id int)")};
	return m;
}

static void *
ask_check(void)
{
	struct intent_check *m = NEW(intent_check);
	m->draft = draft("CREATE TABLE other (id int)");
	return m;
}

static void *
ask_claim_wait(void)
{
	struct claim_wait *m = NEW(claim_wait);
	m->intent = world.intent;
	return m;
}

static void *
ask_move(void)
{
	struct intent_move *m = NEW(intent_move);
	*m = (struct intent_move){.intent = world.intent, .action = "start", .token = INT_NULL};
	return m;
}

static void *
ask_intent(void)
{
	struct intent_show *m = NEW(intent_show);
	m->intent = world.intent;
	return m;
}

static void *
ask_resolve(void)
{
	struct conflict_resolve *m = NEW(conflict_resolve);
	*m = (struct conflict_resolve){.conflict = world.conflict, .notes = "talked"};
	return m;
}

static void *
ask_history(void)
{
	struct intent_history *m = NEW(intent_history);
	m->intent = world.intent;
	return m;
}

static void *
ask_version(void)
{
	struct version_reserve *m = NEW(version_reserve);
	*m = (struct version_reserve){.version = "20260101000000", .name = "n"};
	return m;
}

static void *
ask_job_check(void)
{
	struct job_check *m = NEW(job_check);
	*m = (struct job_check){.worker = "w1",
				.job = world.running->job,
				.attempt = 1,
				.version = "1",
				.file = "1_a.up.sql",
				.sql = "SELECT 1"};
	return m;
}

static void *
ask_registry(void)
{
	struct registry_import *m = NEW(registry_import);
	*m = (struct registry_import){.database = "1/5", .place = "db"};
	return m;
}

/* ---- the table ---- */
/* "ok", "none" (an answer that holds nothing), or the code of the refusal. */
#define NO    "AUTH_002"
#define ALIEN "JOB_002"
#define OTHER "INTENT_003"

/* clang-format off */
static const struct right {
	enum message_kind kind;
	void *(*ask)(void); /* NULL: the request has nothing that must be said */
	const char *agent, *other_agent, *worker, *other_worker, *operator_;
} rights[] = {
	{MESSAGE_job_submit, ask_submit, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_job_submit, ask_submit_guarded, NO, NO, NO, NO, "ok"},
	{MESSAGE_job_watch, ask_watch, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_job_cancel, ask_cancel, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_job_cancel, ask_cancel_guarded, NO, NO, NO, NO, "ok"},
	{MESSAGE_job_list_request, ask_list, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_job_show, ask_show, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_job_settle, ask_settle, NO, NO, NO, NO, "ok"},
	{MESSAGE_worker_next, ask_next, NO, NO, "ok", "none", NO},
	{MESSAGE_job_begin, ask_begin, NO, NO, "ok", ALIEN, NO},
	{MESSAGE_job_events, ask_events, NO, NO, "ok", ALIEN, NO},
	{MESSAGE_job_renew, ask_renew, NO, NO, "ok", ALIEN, NO},
	{MESSAGE_job_settled, ask_settled, NO, NO, "ok", NO, NO},
	{MESSAGE_job_check, ask_job_check, NO, NO, "ok", ALIEN, NO},
	{MESSAGE_job_finish, ask_finish, NO, NO, "ok", ALIEN, NO},
	{MESSAGE_audit_show_request, ask_audit, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_audit_verify, NULL, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_hello, ask_hello, "ok", "ok", "ok", "ok", "ok"},
	{MESSAGE_worker_hello, ask_worker_hello, NO, NO, "ok", NO, NO},
	{MESSAGE_target_list_request, NULL, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_worker_list_request, NULL, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_worker_drain, ask_drain, NO, NO, NO, NO, "ok"},
	{MESSAGE_worker_forget, ask_forget, NO, NO, NO, NO, "ok"},
	{MESSAGE_bundle_offer, ask_offer, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_bundle_put, ask_put, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_bundle_get, ask_get, NO, NO, "ok", ALIEN, NO},
	{MESSAGE_structure_put, reading_ask_put, NO, NO, "ok", ALIEN, NO},
	{MESSAGE_structure_get, reading_ask_get, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_intent_register, ask_register, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_intent_check, ask_check, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_claim_wait, ask_claim_wait, "ok", OTHER, NO, NO, "ok"},
	{MESSAGE_intent_move, ask_move, "ok", OTHER, NO, NO, "ok"},
	{MESSAGE_intent_show, ask_intent, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_intent_list_request, NULL, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_conflicted_list_request, NULL, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_conflict_resolve, ask_resolve, "ok", OTHER, NO, NO, "ok"},
	{MESSAGE_claim_list_request, NULL, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_intent_history, ask_history, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_intent_watch, NULL, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_version_reserve, ask_version, "ok", "ok", NO, NO, "ok"},
	{MESSAGE_registry_import, ask_registry, NO, NO, NO, NO, "ok"},
};
/* clang-format on */

/* ---- the world ---- */
static struct worker_offer *
take(const char *target)
{
	struct worker_offer *offer = house_next(&h, target);

	REQUIRE(offer->job != NULL);
	REQUIRE(house_begin(&h, offer));
	return offer;
}

static const char *
submitted(struct net_client *by, void *request)
{
	struct job_submitted *reply = house_ask(&h, by, MESSAGE_job_submit, request);

	REQUIRE(reply != NULL);
	return reply->job;
}

static struct net_client *
worker_of(const char *name, const char *const *environments, size_t count)
{
	const struct net_peer peer = {.role = NET_WORKER,
				      .name = name,
				      .environments = environments,
				      .environment_count = count};

	return net_inproc_client_of(h.net, &peer);
}

static void
greet(struct net_client *worker, const char *target, const char *other)
{
	struct worker_target t[2] = {{.name = target, .environment = target},
				     {.name = other, .environment = other, .protected_ = true}};
	struct worker_hello m = {.version = "1", .targets = {t, other != NULL ? 2 : 1}};

	REQUIRE(house_ask(&h, worker, MESSAGE_worker_hello, &m) != NULL);
}

static const struct intent_registered *
registered(struct net_client *by, const char *sql, bool claim)
{
	struct intent_register m = {.draft = draft(sql), .claim = claim};
	struct intent_registered *reply = house_ask(&h, by, MESSAGE_intent_register, &m);

	REQUIRE(reply != NULL);
	return reply;
}

static void
make_world(void)
{
	static const char *const environments[] = {"t", "p", "u"};
	struct job_submit *with_bundle;
	struct job_spec spec;

	scratch_open(&scratch);
	house_open(&h, &(struct house_plan){.journal = scratch.journal,
					    .distributed = true,
					    .parser = sql_parser_here()});
	eve = net_inproc_client(h.net, NET_CLIENT, "eve");
	h.worker = worker_of("w1", environments, 2);
	h.other_worker = worker_of("w2", environments + 2, 1);
	greet(h.worker, "t", "p");
	greet(h.other_worker, "u", NULL);
	sha256_of(span_of(bytes, sizeof(bytes) - 1), world.sha256);
	REQUIRE(house_ask(&h, h.client, MESSAGE_bundle_put, ask_put()) != NULL);
	with_bundle = submit("t");
	spec = *with_bundle->spec;
	spec.bundle = bundle();
	with_bundle->spec = &spec;
	(void)submitted(h.client, with_bundle);
	world.running = take("t");
	reading_world(&h, "t");
	(void)submitted(h.operator_, submit("p"));
	world.lost = take("p");
	REQUIRE(house_finish(&h, world.lost, "TARGET_005", true));
	world.queued = submitted(h.client, submit("t"));
	world.guarded = submitted(h.operator_, submit("p"));
	(void)registered(h.operator_, "ALTER TABLE two DROP COLUMN c", true);
	world.intent = registered(h.client, "ALTER TABLE one ADD COLUMN c int", true)->intent->id;
	const struct intent_registered *second =
		registered(h.client, "ALTER TABLE two DROP COLUMN c", false);
	REQUIRE(second->conflicts.count > 0);
	world.conflict = second->conflicts.items[0].id;
}

static void
end_world(void)
{
	house_close(&h);
	scratch_close(&scratch);
}

static const char *
answer(const struct right *r, struct net_client *from)
{
	void *request =
		r->ask != NULL ? r->ask() : record_new(&h.arena, message_type(r->kind)->request);
	void *reply = house_ask(&h, from, r->kind, request);

	if (reply == NULL)
		return h.err.code->name;
	if (r->kind == MESSAGE_worker_next && ((struct worker_offer *)reply)->job == NULL)
		return "none";
	return "ok";
}

static void
check_right(const struct right *r, struct net_client *from, const char *who, const char *expected)
{
	const char *got = answer(r, from);

	CHECK_STR(got, expected);
	if (strcmp(got, expected) != 0)
		printf("%s by %s: %s\n", message_type(r->kind)->request->name, who, h.err.message);
}

static void
p18_each_message_is_answered_to_those_who_may_ask_it(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rights); i++) {
		const struct right *r = &rights[i];
		const char *const expected[] = {r->agent, r->other_agent, r->other_worker,
						r->worker, r->operator_};
		static const char *const names[] = {"agent A", "agent B", "worker U", "worker T",
						    "operator"};
		for (size_t who = 0; who < ARRAY_LEN(expected); who++) {
			make_world();
			struct net_client *const from[] = {h.client, eve, h.other_worker, h.worker,
							   h.operator_};
			check_right(r, from[who], names[who], expected[who]);
			end_world();
		}
	}
}

static void
p18_there_is_a_row_for_every_message(void)
{
	for (int kind = MESSAGE_NONE + 1; kind < MESSAGE_KINDS; kind++) {
		bool found = message_type((enum message_kind)kind) == NULL;
		for (size_t i = 0; i < ARRAY_LEN(rights); i++)
			found = found || (int)rights[i].kind == kind;
		CHECK(found);
		if (!found)
			printf("who may ask %s?\n",
			       message_type((enum message_kind)kind)->request->name);
	}
}

/* What was asked under false names stands in the log under the true ones. */
static void
p18_the_log_names_who_asked_and_not_whom_the_message_names(void)
{
	struct audit_show_request m = {.limit = 100};

	make_world();
	REQUIRE(house_ask(&h, eve, MESSAGE_job_cancel, ask_cancel()) != NULL);
	REQUIRE(house_ask(&h, h.worker, MESSAGE_job_finish, ask_finish()) != NULL);
	struct audit_log *log = house_ask(&h, h.client, MESSAGE_audit_show_request, &m);
	REQUIRE(log != NULL && log->events.count > 2);
	const struct audit_event *last = &log->events.items[log->events.count - 1];
	CHECK_STR(last[-1].actor, "agent:eve");
	CHECK_STR(last[-1].kind, "job.cancel");
	CHECK_STR(last->actor, "worker:w1");
	for (size_t i = 0; i < log->events.count; i++) {
		if (strcmp(log->events.items[i].kind, "job.submit") == 0)
			CHECK(strcmp(log->events.items[i].actor, "agent:tester") == 0 ||
			      strcmp(log->events.items[i].actor, "operator:chief") == 0);
	}
	end_world();
}

static const struct unit_case cases[] = {
	CASE(p18_each_message_is_answered_to_those_who_may_ask_it),
	CASE(p18_there_is_a_row_for_every_message),
	CASE(p18_the_log_names_who_asked_and_not_whom_the_message_names),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/rights", cases, ARRAY_LEN(cases), argc, argv);
}
