/*
 * Somebody at a command line: the CLI's own session and follower over the simulated net. What is
 * known of an order lies in the plan and survives the process, as a terminal's scroll-back would;
 * a new process goes on with it, by the job's number or by the same key again.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/bundle_send.h"
#include "cli/session.h"
#include "cli/worker_wait.h"
#include "tests/sim/house.h"

#include "shared/base/banned.h"

enum { AGAIN_MS = 700, CANCEL_CALL_MS = 10000 };

/* One thing that one thread of a client does about an order. */
struct errand {
	struct client_actor *client;
	struct order *order;
	struct process *process;
	char who[48];
	char key[64];
	bool other;
};

/* ---- the command line's own objects ---- */
struct command_line {
	struct cli cli;
	struct session *session;
};

static void
command_begin(struct errand *e, struct command_line *c)
{
	struct house *h = e->client->actor.house;

	*c = (struct command_line){.cli = {.rt = &e->process->rt,
					   .out = h->nowhere,
					   .err = h->nowhere,
					   .quiet = true,
					   .no_input = true}};
	arena_init(&c->cli.arena);
	c->session = cli_session(&c->cli);
	session_use_client(c->session, e->client->client);
}

static void
command_end(struct command_line *c)
{
	cli_session_close(&c->cli);
	arena_fini(&c->cli.arena);
}

static void
rest(struct errand *e, uint64_t ms)
{
	e->process->rt.ops->sleep_ns(&e->process->rt, ms * NS_PER_MS);
}

/* ---- submitting ---- */
static void
fill_spec(const struct errand *e, struct job_options *options, struct job_spec *spec)
{
	const struct order *o = e->order;
	const struct project *project = e->client->actor.house->project;
	static const char *const kinds[] = {[ORDER_APPLY] = "apply",
					    [ORDER_ROLLBACK] = "rollback",
					    [ORDER_DOWN_TO] = "rollback_to",
					    [ORDER_BASELINE] = "baseline",
					    [ORDER_STATUS] = "status"};

	*options = (struct job_options){.target_version = o->version, .steps = o->steps};
	if (e->other)
		options->command = "something else";
	*spec = (struct job_spec){
		.kind = kinds[o->kind],
		.target = scenario_target(o->target),
		.options = options,
		.bundle = (struct bundle_info *)(uintptr_t)&project->bundles[o->files],
		.agent = e->client->actor.name};
}

static void
accepted(struct errand *e, const char *job)
{
	struct house *h = e->client->actor.house;
	struct order *o = e->order;
	struct told_job *told = history_job(h->history, job);

	house_say(h, e->who, "job %s for %s", job, o->key);
	told->reads = o->kind == ORDER_STATUS;
	if (told->acked_ns == 0)
		told->acked_ns = sched_now(h->world.sched);
	/* Keys of jobs that only read are in memory with them. */
	if (e->other && o->kind == ORDER_STATUS)
		return;
	if (e->other) {
		history_breach(h->history, "P10", "key %s: another request got a job too", o->key);
		return;
	}
	if (told->order != NULL && told->order != o)
		history_breach(h->history, "P10", "job %s answers two keys", job);
	if (o->job[0] != '\0' && strcmp(o->job, job) != 0 && o->kind != ORDER_STATUS)
		history_breach(h->history, "P10", "key %s: jobs %s and %s", o->key, o->job, job);
	told->order = o;
	snprintf(o->job, sizeof(o->job), "%s", job);
}

/* Refused, and not because somebody was away. */
static void
turned_down(struct errand *e, const struct error *err)
{
	struct house *h = e->client->actor.house;

	house_say(h, e->who, "%s is refused: %s %s", e->order->key, err->code->name, err->message);
	if (e->other) {
		if (!error_is(err, E_USAGE_001))
			history_breach(h->history, "P10", "another request is refused with %s",
				       err->code->name);
		return;
	}
	/* Whoever sent something else came first: that is theirs. */
	if (!error_is(err, E_USAGE_001) || !e->order->other)
		history_breach(h->history, "P2", "%s is refused: %s: %s", e->order->key,
			       err->code->name, err->message);
	e->order->refused = e->order->over = true;
}

/* One try. True: there is an answer. */
static bool
submit(struct errand *e)
{
	struct house *h = e->client->actor.house;
	struct order *o = e->order;
	struct job_options options;
	struct job_spec spec;
	struct command_line c;
	struct error err = {0};
	char job[ID_TEXT];
	bool over = true;

	command_begin(e, &c);
	session_set_limits(c.session, e->key, 0);
	fill_spec(e, &options, &spec);
	if (o->waits_for_worker && !worker_wait(c.session, spec.target, &err))
		err = (struct error){0};
	if (!bundle_send(&c.cli, e->client->client, h->project->migrations[o->files], spec.bundle,
			 &err) ||
	    !session_submit_job(c.session, &spec, job, &err)) {
		/* No worker has ever said that it serves this one, or the disk is not well. */
		over = !err.retryable && !error_is(&err, E_CONFIG_011) &&
		       !error_is(&err, E_JRNL_001) && !error_is(&err, E_JRNL_002) &&
		       !error_is(&err, E_JOB_005);
		if (over)
			turned_down(e, &err);
		else
			house_say(h, e->who, "%s is not accepted yet: %s %s", o->key,
				  err.code->name, err.message);
	} else {
		accepted(e, job);
	}
	command_end(&c);
	return over;
}

static void
submit_until_answered(void *arg)
{
	struct errand *e = arg;

	while (!submit(e))
		rest(e, AGAIN_MS);
}

/* ---- following ---- */
struct viewer {
	struct errand *errand;
	struct stream stream;
};

static void
see(void *self, const struct job_event *event)
{
	struct viewer *v = self;

	stream_add(v->errand->client->actor.house->history, &v->stream, v->errand->who, event);
}

static void
outcome_seen(struct errand *e, struct viewer *v, const struct job_outcome *out)
{
	struct house *h = e->client->actor.house;
	struct told_job *told = history_job(h->history, v->stream.job);
	const char *code = out->error != NULL ? out->error->code : "";

	house_say(h, e->who, "job %s ended: exit %lld %s%s %s", v->stream.job,
		  (long long)out->exit_code, code, out->unknown ? " (unknown)" : "",
		  out->error != NULL ? out->error->message : "");
	if (told->ended && !told->unknown &&
	    (strcmp(told->code, code) != 0 || told->exit_code != out->exit_code))
		history_breach(h->history, "P12", "job %s ended with %s %lld and then with %s %lld",
			       v->stream.job, told->code, (long long)told->exit_code, code,
			       (long long)out->exit_code);
	/* Who is told that nothing is known may not have seen all, and is not the last word. */
	if (out->unknown && told->ended)
		return;
	if (!told->ended || told->unknown)
		told->ended_ns = sched_now(h->world.sched);
	told->ended = true;
	told->unknown = out->unknown;
	told->exit_code = out->exit_code;
	snprintf(told->code, sizeof(told->code), "%s", code);
	if (out->unknown)
		return;
	if (told->kept_attempt > v->stream.attempt ||
	    (told->kept_attempt == v->stream.attempt && told->kept_seq > v->stream.seq))
		history_breach(h->history, "P13",
			       "%s saw the end of job %s after event %lld/%lld; %lld/%lld was "
			       "acknowledged",
			       e->who, v->stream.job, (long long)v->stream.attempt,
			       (long long)v->stream.seq, (long long)told->kept_attempt,
			       (long long)told->kept_seq);
}

static bool
is_unknown(const struct error *err)
{
	return error_is(err, E_JOB_003);
}

/* To the end of the job, however often the way there breaks. False: the job is gone. */
static bool
follow(struct errand *e, struct viewer *v)
{
	struct house *h = e->client->actor.house;
	struct job_view view = {.event = see, .self = v};

	for (;;) {
		struct job_outcome out = {0};
		struct error err = {0};
		struct command_line c;

		command_begin(e, &c);
		bool ok = session_follow(c.session, v->stream.job, v->stream.attempt, v->stream.seq,
					 &view, &out, &err);
		if (ok)
			outcome_seen(e, v, &out);
		command_end(&c);
		if (ok)
			return true;
		house_say(h, e->who, "does not see job %s: %s %s", v->stream.job, err.code->name,
			  err.message);
		if (error_is(&err, E_JOB_001))
			return false;
		rest(e, is_unknown(&err) ? AGAIN_MS * 4 : AGAIN_MS);
	}
}

static void
watch(void *arg)
{
	struct errand *e = arg;
	struct viewer v = {.errand = e};

	while (e->order->job[0] == '\0' && !e->order->over)
		rest(e, AGAIN_MS);
	if (e->order->job[0] == '\0')
		return;
	stream_begin(&v.stream, e->order->job);
	(void)follow(e, &v);
}

/* ---- cancelling ---- */
static bool
cancel_once(struct errand *e)
{
	struct house *h = e->client->actor.house;
	struct runtime *rt = &e->process->rt;
	struct job_cancel request = {.job = e->order->job, .reason = "changed my mind"};
	struct error err = {0};
	struct arena arena;
	void *reply;

	arena_init(&arena);
	bool ok = net_call(e->client->client, MESSAGE_job_cancel, &request,
			   runtime_deadline(rt, CANCEL_CALL_MS), &arena, &reply, &err);
	if (ok) {
		house_say(h, e->who, "cancel of %s: %s", e->order->job,
			  ((struct job_changed *)reply)->info->state);
		history_job(h->history, e->order->job)->cancel_acked = true;
	} else {
		house_say(h, e->who, "cancel of %s: %s %s", e->order->job, err.code->name,
			  err.message);
	}
	arena_fini(&arena);
	return ok || (!err.retryable && !error_is(&err, E_JRNL_001));
}

static void
cancel(void *arg)
{
	struct errand *e = arg;

	rest(e, e->order->cancel_after_ns / NS_PER_MS);
	while (e->order->job[0] == '\0' && !e->order->over)
		rest(e, AGAIN_MS);
	while (!e->order->over && !cancel_once(e))
		rest(e, AGAIN_MS);
	e->order->cancel_done = true;
}

/* ---- one order ---- */
static struct errand *
errand_new(struct client_actor *c, struct order *o, const char *what, unsigned number)
{
	struct errand *e = calloc(1, sizeof(*e));

	if (e == NULL)
		abort();
	*e = (struct errand){.client = c, .order = o, .process = c->actor.process};
	snprintf(e->who, sizeof(e->who), "%s%s%.0u", c->actor.name, what, number);
	snprintf(e->key, sizeof(e->key), "%s", o->key);
	return e;
}

static void
run_order(struct client_actor *c, struct order *o)
{
	struct errand *e = errand_new(c, o, "", 0);
	struct viewer v = {.errand = e};

	rest(e, o->pause_ns / NS_PER_MS);
	for (unsigned i = 0; i < o->watchers; i++)
		fiber_start(&c->actor.process->group, "watch", watch,
			    errand_new(c, o, "-watcher", i + 1));
	if (o->cancel && !o->cancel_done)
		fiber_start(&c->actor.process->group, "cancel", cancel,
			    errand_new(c, o, "-cancel", 0));
	for (unsigned i = 0; i < o->twins && o->job[0] == '\0'; i++)
		fiber_start(&c->actor.process->group, "twin", submit_until_answered,
			    errand_new(c, o, "-twin", i + 1));
	if (o->job[0] == '\0')
		submit_until_answered(e);
	if (o->other && !o->over) {
		struct errand *other = errand_new(c, o, "-other", 0);
		other->other = true;
		submit_until_answered(other);
	}
	if (!o->over) {
		stream_begin(&v.stream, o->job);
		o->lost = !follow(e, &v);
	}
	if (o->lost && o->kind != ORDER_STATUS)
		history_breach(c->actor.house->history, "P5", "job %s was accepted and is gone",
			       o->job);
	o->over = true;
}

static void
run(void *arg)
{
	struct client_actor *c = arg;
	struct house *h = c->actor.house;
	const struct net_peer peer = {.role = NET_CLIENT, .name = c->actor.name};

	c->client = simnet_dial(h->net, c->actor.process, c->actor.place, &peer, 10000);
	agent_start(c);
	while (c->next < c->plan->count) {
		c->plan->orders[c->next].client = c->actor.name;
		run_order(c, &c->plan->orders[c->next]);
		c->next++;
	}
	c->done = true;
	h->quiet_ns = sched_now(h->world.sched);
	house_say(h, c->actor.name, "has all its answers");
}

static void
start(struct actor *a)
{
	fiber_start(&a->process->group, "main", run, a);
}

static void
gone(struct actor *a, bool power)
{
	(void)power;
	((struct client_actor *)a)->client = NULL;
}

void
client_actor_init(struct house *h, size_t number)
{
	static const char *const names[CLIENTS_MOST] = {"alice", "bob",	 "carol",
							"dave",	 "erin", "frank"};
	struct client_actor *c = &h->clients[number];

	actor_init(&c->actor, h, names[number], PLACE_CLIENT + (int)number);
	c->plan = &h->plan->clients[number];
	c->actor.start = start;
	c->actor.gone = gone;
}
