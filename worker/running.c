/*
 * The frame around a job kind's handler: the lease before the first statement, the outcome after
 * the last event. Nothing here knows what the job does.
 */
#include "worker/running.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/base/faults.h"
#include "worker/ahead.h"
#include "worker/control.h"
#include "worker/job.h"
#include "worker/keeper.h"
#include "worker/outbox.h"
#include "worker/spool.h"

#include "shared/base/banned.h"

struct running {
	struct running_config config;
	struct arena arena;
	const struct worker_offer *offer;
	struct job_control control;
	struct outbox *outbox;
	struct bundle_source *fetched; /* NULL: no spool, or no files */
	const struct job_kind *kind;   /* NULL: unknown here */
	struct target_spec target;
	struct ahead *ahead; /* NULL: none, or the run's */
	struct thread *thread;
	bool ended; /* under control.lock */
};

/* A target that is not known, or not any more, is the run's to tell. */
static void
open_ahead(struct running *x)
{
	const struct worker_config *w = x->config.worker;
	struct error ignored;

	if (x->kind != NULL && x->kind->connects &&
	    job_target(w->directory, &x->control, x->offer->spec->target, &x->arena, &x->target,
		       &ignored))
		x->ahead = ahead_start(x->config.rt, w->factory, &x->target);
}

/* Before the begin is acknowledged nobody may touch the database; a session that opens meanwhile
 * does not. */
static bool
begin(struct running *x, struct error *err)
{
	struct job_control *c = &x->control;
	struct job_begin ask = {.worker = c->worker, .job = c->job, .attempt = c->attempt};
	uint64_t now = runtime_boot_ns(c->rt);
	void *reply;

	control_renewed(c, now, x->offer->lease_ms);
	open_ahead(x);
	if (!control_call(c, MESSAGE_job_begin, &ask, &x->arena, &reply, err))
		return false;
	const struct job_lease *lease = reply;
	control_renewed(c, now, lease->lease_ms);
	if (lease->cancel)
		control_cancel(c);
	return true;
}

static void
prepare(struct running *x, struct job_run *r)
{
	const struct worker_config *w = x->config.worker;
	const struct worker_offer *offer = x->offer;

	*r = (struct job_run){
		.rt = x->config.rt,
		.arena = &x->arena,
		.job = offer->job,
		.attempt = offer->attempt,
		.journal = offer->journal,
		.served = x->config.served,
		.spec = offer->spec,
		.options = offer->spec->options,
		.bundles = x->fetched != NULL ? x->fetched : w->bundles,
		.directory = w->directory,
		.factory = w->factory,
		.loader = w->loader,
		.unsettled = offer->unsettled.items,
		.unsettled_count = offer->unsettled.count,
		.claimed = offer->claimed,
		.outbox = x->outbox,
		.control = &x->control,
		.ahead = x->ahead,
	};
	x->ahead = NULL;
	if (r->options == NULL)
		r->options = arena_new(&x->arena, struct job_options);
	if (offer->spec->bundle != NULL)
		migration_set_build(&x->arena, offer->spec->bundle, &r->migrations);
}

static void
run_kind(struct running *x, struct job_outcome *out)
{
	struct error err = {0};
	struct job_run r;
	int exit_code = 0;
	bool ok;

	prepare(x, &r);
	if (x->kind == NULL)
		ok = error_set(&err, E_INTERNAL_ERROR, "this worker knows no job kind %s",
			       x->offer->spec->kind);
	else
		ok = x->kind->run(&r, &out->result, &exit_code, &err);
	if (!ok) {
		job_failed(&r, &err);
		out->error = arena_new(&x->arena, struct issue);
		error_to_issue(&x->arena, &err, out->error);
		out->unknown = error_is(&err, E_JOB_003);
		if (exit_code == 0)
			exit_code = err.code->exit_code;
	}
	out->exit_code = exit_code;
	ahead_free(r.ahead);
}

/* The outcome is told after the last event is acknowledged, so that a watcher who sees the end has
 * seen everything. When it cannot be told, the lease lapses and the next run settles. */
static bool
finish(struct running *x, struct job_outcome *out)
{
	struct job_control *c = &x->control;
	struct job_finish ask = {
		.worker = c->worker, .job = c->job, .attempt = c->attempt, .outcome = out};
	struct error ignored;
	void *reply;

	if (!FAULT(end_before_events))
		(void)!outbox_flush(x->outbox, &ignored);
	return control_call(c, MESSAGE_job_finish, &ask, &x->arena, &reply, &ignored);
}

static void
tell_begin(struct running *x)
{
	char attempt[24];

	snprintf(attempt, sizeof(attempt), "%lld", (long long)x->offer->attempt);
	log_put(x->config.worker->log, LEVEL_INFO, "job begun", "job", x->offer->job, "attempt",
		attempt, "kind", x->offer->spec->kind, "target", x->offer->spec->target, "agent",
		x->offer->spec->agent, NULL);
}

static void
tell_end(struct running *x, const struct job_outcome *out, uint64_t began_ms, bool told)
{
	char exit_code[24], ms[24];

	snprintf(exit_code, sizeof(exit_code), "%lld", (long long)out->exit_code);
	snprintf(ms, sizeof(ms), "%llu",
		 (unsigned long long)(runtime_boot_ms(x->config.rt) - began_ms));
	log_put(x->config.worker->log, told ? LEVEL_INFO : LEVEL_WARNING,
		told ? "job ended" : "job ended, and the coordinator could not be told", "job",
		x->offer->job, "target", x->offer->spec->target, "exit_code", exit_code, "ms", ms,
		"error", out->error != NULL ? out->error->code : NULL, NULL);
}

static void
run_begun(struct running *x)
{
	const struct worker_config *w = x->config.worker;
	uint64_t began_ms = runtime_boot_ms(x->config.rt);
	struct job_outcome out = {0};

	tell_begin(x);
	if (w->spool != NULL && x->offer->spec->bundle != NULL)
		x->fetched = spool_source_new(w->spool, &x->control, x->offer->spec->bundle);
	x->outbox = outbox_start(&x->control, x->offer->spec->target);
	struct keeper *keeper = keeper_start(&x->control);
	run_kind(x, &out);
	bool told = finish(x, &out);
	control_over(&x->control);
	outbox_stop(x->outbox);
	keeper_stop(keeper);
	spool_source_free(x->fetched);
	tell_end(x, &out, began_ms, told);
}

/* An offer that lapsed, or that somebody else began, is the coordinator's to say; then nothing was
 * done and nothing is told. */
static void
run_job(void *arg)
{
	struct running *x = arg;
	struct error err = {0};

	if (begin(x, &err) || FAULT(work_before_begin))
		run_begun(x);
	else
		log_error(x->config.worker->log, LEVEL_WARNING, "job not begun", &err, "job",
			  x->offer->job, "target", x->offer->spec->target, NULL);
	ahead_free(x->ahead);
	x->config.rt->ops->mutex_lock(x->config.rt, x->control.lock);
	x->ended = true;
	x->config.rt->ops->mutex_unlock(x->config.rt, x->control.lock);
	x->config.ended(x->config.self);
}

struct running *
running_start(const struct running_config *config, struct arena *arena,
	      const struct worker_offer *offer)
{
	struct running *x = calloc(1, sizeof(*x));

	if (x == NULL) {
		fputs("confiture: out of memory\n", stderr);
		abort();
	}
	x->config = *config;
	x->arena = *arena;
	x->offer = offer;
	x->kind = job_kind_named(offer->spec->kind);
	control_init(&x->control, config->rt, config->client, config->worker->name, offer->job,
		     offer->attempt);
	x->thread = config->rt->ops->thread_start(config->rt, "job", run_job, x);
	return x;
}

void
running_stop(struct running *x)
{
	control_stop(&x->control);
}

bool
running_ended(struct running *x)
{
	x->config.rt->ops->mutex_lock(x->config.rt, x->control.lock);
	bool ended = x->ended;
	x->config.rt->ops->mutex_unlock(x->config.rt, x->control.lock);
	return ended;
}

void
running_join(struct running *x)
{
	x->config.rt->ops->thread_join(x->config.rt, x->thread);
	control_fini(&x->control);
	arena_fini(&x->arena);
	free(x);
}
