/* The loop behind a scripted coordinator, on the real in-process net. */
#include "tests/unit/worker/scripted.h"

#include "shared/base/banned.h"

static bool
stopped(struct scripted *s)
{
	s->rt->ops->mutex_lock(s->rt, s->lock);
	bool stop = s->stop;
	s->rt->ops->mutex_unlock(s->rt, s->lock);
	return stop;
}

static void
loop(void *arg)
{
	struct scripted *s = arg;

	while (!stopped(s)) {
		struct net_request *r =
			s->server->ops->next(s->server, runtime_deadline(s->rt, 1000));
		if (r != NULL)
			s->answer(s, r);
	}
}

void
scripted_start(struct scripted *s, void (*answer)(struct scripted *, struct net_request *),
	       void *self)
{
	*s = (struct scripted){.rt = runtime_system(), .answer = answer, .self = self};
	s->net = net_inproc_new(s->rt);
	s->server = net_inproc_server(s->net);
	s->client = net_inproc_client(s->net, NET_WORKER, "worker:test");
	s->lock = s->rt->ops->mutex_new(s->rt);
	s->changed = s->rt->ops->cond_new(s->rt);
	s->thread = s->rt->ops->thread_start(s->rt, "scripted", loop, s);
}

void
scripted_stop(struct scripted *s)
{
	s->rt->ops->mutex_lock(s->rt, s->lock);
	s->stop = true;
	s->rt->ops->mutex_unlock(s->rt, s->lock);
	s->server->ops->wake(s->server);
	s->rt->ops->thread_join(s->rt, s->thread);
	net_inproc_stop(s->net);
	net_inproc_free(s->net);
	s->rt->ops->cond_free(s->rt, s->changed);
	s->rt->ops->mutex_free(s->rt, s->lock);
}

void
scripted_reply(struct scripted *s, struct net_request *r, const void *reply)
{
	s->server->ops->reply(s->server, r, reply);
}

void
scripted_refuse(struct scripted *s, struct net_request *r, enum error_id id, bool retryable)
{
	struct error err;

	error_set(&err, id, "refused by the script");
	err.retryable = retryable;
	s->server->ops->refuse(s->server, r, &err);
}
