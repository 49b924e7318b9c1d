/*
 * What a job kind sees of the outside: sessions, events, and the question whether to go on. Thin on
 * purpose: the state is in control.c, the events are in outbox.c.
 */
#include "worker/job.h"

#include <stdio.h>
#include <string.h>

#include "shared/base/faults.h"
#include "worker/ahead.h"
#include "worker/control.h"
#include "worker/outbox.h"

#include "shared/base/banned.h"

enum { WARNING_TEXT = 1024 };

static void
emit_connected(struct job_run *r, struct target *t)
{
	const struct target_info *info = t->ops->info(t);
	struct job_event event = JOB_EVENT("connected");
	char words[WARNING_TEXT];

	snprintf(words, sizeof(words), "%s as %s, PostgreSQL %s", info->place, info->user,
		 info->server_version);
	event.message = words;
	job_emit(r, &event);
}

static bool
opened(struct job_run *r, struct target **out, struct error *err)
{
	if (!control_add(r->control, *out)) {
		(*out)->ops->close(*out);
		return error_set(err, E_INTERNAL_ERROR, "a job has too many sessions");
	}
	emit_connected(r, *out);
	return true;
}

bool
job_connect_to(struct job_run *r, const struct target_spec *spec, struct target **out,
	       struct error *err)
{
	return job_go_on(r, err) && r->factory->open(r->factory, spec, out, err) &&
	       opened(r, out, err);
}

bool
job_target(struct target_directory *directory, struct job_control *control, const char *target,
	   struct arena *arena, struct target_spec *out, struct error *err)
{
	*out = (struct target_spec){0};
	if (!directory->find(directory, target, out, err))
		return false;
	out->application_name = arena_printf(arena, "confiture %s", control->job);
	if (!FAULT(nameless_holds_lock))
		out->nameless_idle_ms = control_lease_ms(control);
	return true;
}

/* The session that was opened while the attempt began. */
static bool
take_ahead(struct job_run *r, struct target **out, struct error *err)
{
	struct ahead *ahead = r->ahead;

	r->ahead = NULL;
	bool ok = job_go_on(r, err) && ahead_take(ahead, out, err) && opened(r, out, err);
	ahead_free(ahead);
	return ok;
}

bool
job_connect(struct job_run *r, const char *target, struct target **out, struct error *err)
{
	struct target_spec spec;

	if (target == NULL && r->ahead != NULL)
		return take_ahead(r, out, err);
	if (target == NULL)
		target = r->spec->target;
	return job_target(r->directory, r->control, target, r->arena, &spec, err) &&
	       job_connect_to(r, &spec, out, err);
}

void
job_disconnect(struct job_run *r, struct target *t)
{
	if (t == NULL)
		return;
	control_remove(r->control, t);
	t->ops->close(t);
}

void
job_emit(struct job_run *r, struct job_event *event)
{
	outbox_put(r->outbox, event);
}

void
job_warn(struct job_run *r, const char *fmt, ...)
{
	struct job_event event = JOB_EVENT("warning");
	char words[WARNING_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	event.message = words;
	job_emit(r, &event);
}

bool
job_go_on(struct job_run *r, struct error *err)
{
	return control_go_on(r->control, err);
}

bool
job_failed(struct job_run *r, struct error *err)
{
	struct error why, server = *err;

	if (strcmp(err->sqlstate, "57014") != 0 && !error_is(err, E_JOB_004) &&
	    !FAULT(cancel_says_done))
		return false;
	if (control_go_on(r->control, &why))
		return false;
	*err = why;
	err->at = server.at;
	snprintf(err->cause, sizeof(err->cause), "%s", server.cause);
	snprintf(err->migration, sizeof(err->migration), "%s", server.migration);
	snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", server.sqlstate);
	return false;
}

void
job_shield(struct job_run *r, bool on)
{
	control_shield(r->control, on);
}

bool
job_pause(struct job_run *r, uint64_t ms, struct error *err)
{
	struct job_control *c = r->control;
	uint64_t until = runtime_deadline(r->rt, ms);

	r->rt->ops->mutex_lock(r->rt, c->lock);
	while (!c->cancelled && !c->stopping && !c->fenced &&
	       r->rt->ops->cond_wait(r->rt, c->changed, c->lock, until))
		;
	r->rt->ops->mutex_unlock(r->rt, c->lock);
	return job_go_on(r, err);
}
