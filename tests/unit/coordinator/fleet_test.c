/* Workers, targets and who may ask what: a coordinator of its own with agents, operators, workers.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

static const char *const db = "db", *const eu = "production/eu", *const us = "production/us";
static struct scratch scratch;
static struct house house;

static void
open_house(int64_t lease_ms)
{
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal,
						.distributed = true,
						.lease_ms = lease_ms});
}

static void
close_house(void)
{
	house_close(&house);
	scratch_close(&scratch);
}

static struct worker_offer *
next_of(struct net_client *worker, const char *target)
{
	struct worker_next m = {.worker = "x", .targets = {&target, 1}};

	return house_ask(&house, worker, MESSAGE_worker_next, &m);
}

/* Which job the worker gets; "" = none. */
static const char *
offered(struct net_client *worker, const char *target)
{
	struct worker_offer *offer = next_of(worker, target);

	REQUIRE(offer != NULL);
	return offer->job != NULL ? offer->job : "";
}

static const char *
submit(struct net_client *from, const char *kind, const char *target)
{
	struct job_spec spec = spec_of(kind, target, NULL);
	struct job_submit m = {.spec = &spec};
	struct job_submitted *reply = house_ask(&house, from, MESSAGE_job_submit, &m);

	return reply != NULL ? reply->job : NULL;
}

static bool
finish_as(struct net_client *worker, const char *job, int64_t attempt)
{
	struct job_outcome outcome = {.exit_code = 0};
	struct job_finish m = {.worker = "x", .job = job, .attempt = attempt, .outcome = &outcome};

	return house_ask(&house, worker, MESSAGE_job_finish, &m) != NULL;
}

static bool
begin_as(struct net_client *worker, const char *job, int64_t attempt)
{
	struct job_begin m = {.worker = "x", .job = job, .attempt = attempt};

	return house_ask(&house, worker, MESSAGE_job_begin, &m) != NULL;
}

/* ---- every request × every role ---- */
enum { AGENT = 1, WORKER_ROLE = 2, CHIEF = 4 };

static const struct {
	enum message_kind kind;
	const char *who;
} requests[] = {
#define REQUEST(number, request, reply, who, doc) {MESSAGE_##request, #who},
	MESSAGES(REQUEST)
#undef REQUEST
};

static unsigned
allowed(const char *who)
{
	static const struct {
		const char *who;
		unsigned roles;
	} columns[] = {{"CLIENT", AGENT | CHIEF},
		       {"WORKER", WORKER_ROLE},
		       {"OPERATOR", CHIEF},
		       {"ANYONE", AGENT | WORKER_ROLE | CHIEF}};

	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (strcmp(columns[i].who, who) == 0)
			return columns[i].roles;
	}
	REQUIRE(!"a column of the table of messages that is not known");
	return 0;
}

/* A request with something in every field that must be there. */
static const void *
any_request(const struct record *of)
{
	void *ptr = record_new(&house.arena, of);

	for (size_t i = 0; i < of->count; i++) {
		const struct field *f = &of->fields[i];
		char *at = (char *)ptr + f->offset;
		const char *text = "x";
		const void *below;
		if (f->flags != 0)
			continue;
		if (f->type == FIELD_CHOICE)
			text = arena_span(&house.arena,
					  span_of(f->choices, strcspn(f->choices, "|")));
		if (f->type == FIELD_TEXT || f->type == FIELD_CHOICE)
			memcpy(at, &text, sizeof(text));
		if (f->type == FIELD_RECORD) {
			below = any_request(f->of);
			memcpy(at, &below, sizeof(below));
		}
	}
	return ptr;
}

static void
p18_every_request_is_open_to_its_roles_and_to_no_other(void)
{
	open_house(0);
	const struct {
		struct net_client *client;
		unsigned role;
	} askers[] = {{house.client, AGENT}, {house.worker, WORKER_ROLE}, {house.operator_, CHIEF}};
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		const struct message_type *type = message_type(requests[i].kind);
		for (size_t k = 0; k < ARRAY_LEN(askers); k++) {
			const void *body = any_request(type->request);
			void *reply = house_ask(&house, askers[k].client, type->kind, body);
			char words[64];
			snprintf(words, sizeof(words), "%s is not for", type->request->name);
			bool refused = reply == NULL && error_is(&house.err, E_AUTH_002) &&
				       strstr(house.err.message, words) != NULL;
			bool may = (allowed(requests[i].who) & askers[k].role) != 0;
			if (!CHECK(refused != may))
				printf("%s, role %u\n", type->request->name, askers[k].role);
		}
	}
	close_house();
}

/* ---- what workers serve ---- */
static void
a_worker_serves_only_the_environments_of_its_token(void)
{
	static const char *const environments[] = {"staging", "production"};
	struct net_peer peer = {.role = NET_WORKER,
				.name = "eu1",
				.environments = environments,
				.environment_count = 2};

	open_house(0);
	struct net_client *eu1 = net_inproc_client_of(house.net, &peer);
	CHECK(house_hello(&house, eu1, &eu, 1, false));
	CHECK(!house_hello(&house, eu1, &db, 1, false));
	CHECK(error_is(&house.err, E_AUTH_002));
	CHECK_HAS(house.err.message, "not for environment db");
	/* What was refused changed nothing. */
	CHECK_STR(offered(eu1, eu), "");
	CHECK(submit(house.client, "status", eu) != NULL);
	close_house();
}

static void
a_target_lies_in_its_environment(void)
{
	static const struct {
		const char *name, *environment;
		bool good;
	} t[] = {
		{"staging", "staging", true},	     {"staging/eu", "staging", true},
		{"production", "staging", false},    {"staging2", "staging", false},
		{"staging/", "staging", false},	     {"", "staging", false},
		{"staging/eu", "staging/eu", false}, {"x", "", false},
	};

	open_house(0);
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct worker_target row = {.name = t[i].name, .environment = t[i].environment};
		struct worker_hello m = {.version = "1", .targets = {&row, 1}};
		void *reply = house_ask(&house, house.other_worker, MESSAGE_worker_hello, &m);
		CHECK_INT(reply != NULL, t[i].good);
		CHECK(t[i].good || error_is(&house.err, E_CONFIG_005));
	}
	close_house();
}

static void
a_worker_that_has_not_said_what_it_serves_gets_nothing(void)
{
	open_house(0);
	CHECK(next_of(house.other_worker, db) == NULL);
	CHECK(error_is(&house.err, E_WORKER_002));
	/* Nor what another announced. */
	REQUIRE(house_hello(&house, house.other_worker, &eu, 1, false));
	REQUIRE(submit(house.client, "apply", db) != NULL);
	CHECK_STR(offered(house.other_worker, db), "");
	CHECK(offered(house.worker, db)[0] != '\0');
	close_house();
}

static void
a_target_that_nobody_ever_served_is_refused_with_the_nearest(void)
{
	open_house(0);
	REQUIRE(house_hello(&house, house.other_worker, &eu, 1, false));
	CHECK(submit(house.client, "apply", "production/eo") == NULL);
	CHECK(error_is(&house.err, E_CONFIG_011));
	CHECK_HAS(house.err.message, "did you mean production/eu?");
	CHECK(submit(house.client, "status", "production/eo") == NULL);
	CHECK(error_is(&house.err, E_CONFIG_011));
	close_house();
}

static void
a_job_waits_for_a_worker_that_is_away_and_survives_a_restart(void)
{
	struct house_plan plan = {.journal = scratch.journal, .distributed = true};
	struct worker_target none = {0};
	struct worker_hello nothing = {.version = "1", .targets = {&none, 0}};
	char job[ID_TEXT];

	open_house(0);
	REQUIRE(house_hello(&house, house.other_worker, &eu, 1, false));
	house_close(&house);
	house_open(&house, &plan);
	const char *id = submit(house.client, "apply", eu);
	REQUIRE(id != NULL);
	snprintf(job, sizeof(job), "%s", id);
	CHECK_STR(house_state(&house, job), "queued/-1/");
	house_close(&house);
	house_open(&house, &plan);
	/* Known from before: it need not even say it again. */
	CHECK_STR(offered(house.other_worker, eu), job);
	CHECK(begin_as(house.other_worker, job, 1) && finish_as(house.other_worker, job, 1));
	/* It serves no more what it does not name any more. */
	CHECK(house_ask(&house, house.other_worker, MESSAGE_worker_hello, &nothing) != NULL);
	CHECK(submit(house.client, "apply", eu) == NULL);
	close_house();
}

/* Who works first is the lock's business, in the database: there --lock-timeout counts, and there
 * runs from elsewhere wait too. */
static void
jobs_for_a_target_are_offered_in_order_and_none_waits_here(void)
{
	char jobs[3][ID_TEXT];

	open_house(0);
	REQUIRE(house_hello(&house, house.other_worker, &db, 1, false));
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		snprintf(jobs[i], sizeof(jobs[i]), "%s", submit(house.client, "apply", db));
		house.rt->ops->sleep_ns(house.rt, 2 * NS_PER_MS);
	}
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		struct net_client *w = i % 2 == 0 ? house.worker : house.other_worker;
		CHECK_STR(offered(w, db), jobs[i]);
		REQUIRE(begin_as(w, jobs[i], 1));
		const char *look = submit(house.client, "status", db);
		CHECK_STR(offered(house.worker, db), look);
		CHECK(begin_as(house.worker, look, 1) && finish_as(house.worker, look, 1));
	}
	CHECK_STR(offered(house.worker, db), "");
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		CHECK(finish_as(i % 2 == 0 ? house.worker : house.other_worker, jobs[i], 1));
	close_house();
}

static void
p18_a_worker_touches_only_the_job_that_it_holds(void)
{
	struct job_event event = {.seq = 1, .time = "t", .target = db, .kind = "notice"};

	open_house(0);
	REQUIRE(house_hello(&house, house.other_worker, &db, 1, false));
	const char *job = submit(house.client, "apply", db);
	REQUIRE(begin_as(house.worker, offered(house.worker, db), 1));
	struct job_renew renew = {.worker = "w1", .job = job, .attempt = 1};
	event.job = job;
	event.attempt = 1;
	struct job_events events = {.job = job, .attempt = 1, .events = {&event, 1}};
	struct bundle_get get = {.job = job, .attempt = 1, .name = "001_a.up.sql"};
	CHECK(house_ask(&house, house.other_worker, MESSAGE_job_renew, &renew) == NULL);
	CHECK(error_is(&house.err, E_JOB_002));
	CHECK(house_ask(&house, house.other_worker, MESSAGE_job_events, &events) == NULL);
	CHECK(error_is(&house.err, E_JOB_002));
	CHECK(house_ask(&house, house.other_worker, MESSAGE_bundle_get, &get) == NULL);
	CHECK(error_is(&house.err, E_JOB_002));
	CHECK(!finish_as(house.other_worker, job, 1) && error_is(&house.err, E_JOB_002));
	CHECK(finish_as(house.worker, job, 1));
	/* Nor after its end. */
	CHECK(house_ask(&house, house.worker, MESSAGE_bundle_get, &get) == NULL);
	CHECK(error_is(&house.err, E_JOB_002));
	close_house();
}

/* ---- protected ---- */
static void
p18_an_agent_looks_at_a_protected_target_and_an_operator_changes_it(void)
{
	open_house(0);
	REQUIRE(house_hello(&house, house.other_worker, &us, 1, true));
	CHECK(submit(house.client, "status", us) != NULL);
	CHECK(submit(house.client, "preflight", us) != NULL);
	CHECK(submit(house.client, "apply", us) == NULL);
	CHECK(error_is(&house.err, E_AUTH_002));
	CHECK_HAS(house.err.message, "production/us is protected");
	const char *job = submit(house.operator_, "apply", us);
	REQUIRE(job != NULL);
	CHECK(house_cancel(&house, job) == NULL && error_is(&house.err, E_AUTH_002));
	struct job_settle settle = {.job = job, .state = "failed", .note = "x"};
	CHECK(house_ask(&house, house.client, MESSAGE_job_settle, &settle) == NULL);
	CHECK(error_is(&house.err, E_AUTH_002));
	CHECK_STR(house_state(&house, job), "queued/-1/");
	close_house();
}

static void
p18_a_job_is_told_from_the_connection_and_not_from_the_message(void)
{
	static const struct {
		const char *said, *kept;
	} t[] = {
		{NULL, "tester"},
		{"tester", "tester"},
		{"tester/feature-1", "tester/feature-1"},
		{"testers", "tester"},
		{"somebody", "tester"},
	};

	open_house(0);
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct job_spec spec = spec_of("apply", db, "elsewhere:1/x");
		spec.agent = t[i].said;
		struct job_shown *shown = house_show(&house, house_submit(&house, &spec, NULL));
		REQUIRE(shown != NULL);
		CHECK_STR(shown->info->agent, t[i].kept);
		CHECK_STR(shown->spec->target_key, "localhost:5432/db");
		CHECK_STR(shown->spec->environment, "db");
	}
	close_house();
}

/* ---- lists, drain, forget ---- */
static const char *
targets_line(void)
{
	struct target_list_request m = {0};
	struct target_list *list = house_ask(&house, house.client, MESSAGE_target_list_request, &m);
	const char *line = "";

	REQUIRE(list != NULL);
	for (size_t i = 0; i < list->targets.count; i++) {
		struct known_target *t = &list->targets.items[i];
		line = arena_printf(&house.arena, "%s%s@%s:%s%s ", line, t->name, t->worker,
				    t->state, t->protected_ ? "!" : "");
	}
	return line;
}

static const char *
workers_line(void)
{
	struct worker_list_request m = {0};
	struct worker_list *list = house_ask(&house, house.client, MESSAGE_worker_list_request, &m);
	const char *line = "";

	REQUIRE(list != NULL);
	for (size_t i = 0; i < list->workers.count; i++) {
		struct worker_info *w = &list->workers.items[i];
		line = arena_printf(&house.arena, "%s%s:%s:%zu:%zu:%lld ", line, w->name, w->state,
				    w->environments.count, w->targets.count, (long long)w->jobs);
	}
	return line;
}

static void
lists_say_who_serves_what_and_whether_it_is_there(void)
{
	static const char *const both[] = {"production/eu", "production/us"};
	struct house_plan plan = {.journal = scratch.journal, .distributed = true};

	open_house(0);
	REQUIRE(house_hello(&house, house.other_worker, both, 2, true));
	CHECK_STR(targets_line(),
		  "db@w1:online production/eu@w2:online! production/us@w2:online! ");
	REQUIRE(submit(house.client, "status", db) != NULL);
	REQUIRE(submit(house.client, "apply", db) != NULL);
	REQUIRE(offered(house.worker, db)[0] != '\0' && offered(house.worker, db)[0] != '\0');
	CHECK_STR(workers_line(), "w1:online:1:1:2 w2:online:1:2:0 ");
	house_close(&house);
	house_open(&house, &plan);
	CHECK_STR(targets_line(),
		  "db@w1:online production/eu@w2:offline! production/us@w2:offline! ");
	const char *environment = "production", *name = "production/us";
	struct target_list_request m = {.environments = {&environment, 1}, .names = {&name, 1}};
	struct target_list *list = house_ask(&house, house.client, MESSAGE_target_list_request, &m);
	REQUIRE(list != NULL);
	CHECK_INT(list->targets.count, 1);
	CHECK_STR(list->targets.items[0].name, "production/us");
	CHECK_INT(strlen(list->targets.items[0].last_seen), 27);
	close_house();
}

static void
a_drained_worker_gets_no_offers_until_it_is_undone(void)
{
	struct worker_drain drain = {.worker = "w1"}, undo = {.worker = "w1", .undo = true};
	struct worker_drain wrong = {.worker = "w2"};

	open_house(0);
	CHECK(house_ask(&house, house.operator_, MESSAGE_worker_drain, &wrong) == NULL);
	CHECK(error_is(&house.err, E_CONFIG_011));
	CHECK(house_ask(&house, house.operator_, MESSAGE_worker_drain, &drain) != NULL);
	const char *job = submit(house.client, "apply", db);
	REQUIRE(submit(house.client, "status", db) != NULL);
	CHECK_STR(offered(house.worker, db), "");
	CHECK_STR(workers_line(), "w1:draining:1:1:0 ");
	CHECK(house_ask(&house, house.operator_, MESSAGE_worker_drain, &undo) != NULL);
	CHECK(offered(house.worker, db)[0] != '\0');
	CHECK_STR(offered(house.worker, db), job);
	close_house();
}

static void
what_was_forgotten_is_not_known_any_more(void)
{
	static const char *const both[] = {"production/eu", "production/us"};
	struct worker_forget target = {.name = "production/eu"}, worker = {.name = "w2"},
			     nobody = {.name = "w22"};

	open_house(0);
	REQUIRE(house_hello(&house, house.other_worker, both, 2, false));
	CHECK(house_ask(&house, house.operator_, MESSAGE_worker_forget, &nobody) == NULL);
	CHECK_HAS(house.err.message, "did you mean w2?");
	CHECK(house_ask(&house, house.operator_, MESSAGE_worker_forget, &target) != NULL);
	CHECK_STR(targets_line(), "db@w1:online production/us@w2:online ");
	CHECK(submit(house.operator_, "apply", "production/eu") == NULL);
	CHECK(house_ask(&house, house.operator_, MESSAGE_worker_forget, &worker) != NULL);
	CHECK_STR(targets_line(), "db@w1:online ");
	CHECK_STR(workers_line(), "w1:online:1:1:0 ");
	CHECK(next_of(house.other_worker, us) == NULL && error_is(&house.err, E_WORKER_002));
	close_house();
}

static void
what_happens_to_workers_is_in_the_audit_log(void)
{
	struct worker_drain drain = {.worker = "w1"};
	struct worker_forget forget = {.name = "w1"};
	struct audit_show_request show = {.limit = 10};
	const char *line = "";

	open_house(0);
	REQUIRE(house_hello(&house, house.worker, &db, 1, false));
	REQUIRE(house_ask(&house, house.operator_, MESSAGE_worker_drain, &drain) != NULL);
	REQUIRE(house_ask(&house, house.operator_, MESSAGE_worker_forget, &forget) != NULL);
	struct audit_log *log = house_ask(&house, house.client, MESSAGE_audit_show_request, &show);
	REQUIRE(log != NULL);
	for (size_t i = 0; i < log->events.count; i++)
		line = arena_printf(&house.arena, "%s%s %s %s; ", line, log->events.items[i].actor,
				    log->events.items[i].kind, log->events.items[i].subject);
	CHECK_STR(line, "worker:w1 worker.hello w1; operator:chief worker.drain w1; "
			"operator:chief worker.forget w1; ");
	close_house();
}

/* ---- protocol versions ---- */
static void
peers_agree_on_a_protocol_or_part_in_words(void)
{
	static const struct {
		int64_t min, max;
		bool good;
	} t[] = {{1, 1, true}, {0, 1, true}, {1, 2, true}, {2, 3, false}, {0, 0, false}};

	open_house(0);
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct hello m = {.protocol_min = t[i].min,
				  .protocol_max = t[i].max,
				  .program = "confiture",
				  .version = "9.9"};
		struct hello_reply *reply = house_ask(&house, house.client, MESSAGE_hello, &m);
		CHECK_INT(reply != NULL, t[i].good);
		if (reply != NULL) {
			CHECK_INT(reply->protocol, 1);
			CHECK_INT(strlen(reply->journal), 36);
		} else {
			CHECK(error_is(&house.err, E_COORD_002));
		}
	}
	close_house();
}

static const struct unit_case cases[] = {
	CASE(p18_every_request_is_open_to_its_roles_and_to_no_other),
	CASE(a_worker_serves_only_the_environments_of_its_token),
	CASE(a_target_lies_in_its_environment),
	CASE(a_worker_that_has_not_said_what_it_serves_gets_nothing),
	CASE(a_target_that_nobody_ever_served_is_refused_with_the_nearest),
	CASE(a_job_waits_for_a_worker_that_is_away_and_survives_a_restart),
	CASE(jobs_for_a_target_are_offered_in_order_and_none_waits_here),
	CASE(p18_a_worker_touches_only_the_job_that_it_holds),
	CASE(p18_an_agent_looks_at_a_protected_target_and_an_operator_changes_it),
	CASE(p18_a_job_is_told_from_the_connection_and_not_from_the_message),
	CASE(lists_say_who_serves_what_and_whether_it_is_there),
	CASE(a_drained_worker_gets_no_offers_until_it_is_undone),
	CASE(what_was_forgotten_is_not_known_any_more),
	CASE(what_happens_to_workers_is_in_the_audit_log),
	CASE(peers_agree_on_a_protocol_or_part_in_words),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/fleet", cases, ARRAY_LEN(cases), argc, argv);
}
