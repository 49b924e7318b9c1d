#include "worker/ahead.h"

#include <stdio.h>
#include <stdlib.h>

#include "shared/base/banned.h"

struct ahead {
	struct runtime *rt;
	struct target_factory *factory;
	const struct target_spec *spec;
	struct thread *thread; /* NULL: joined */
	struct target *target; /* NULL: not opened, or taken */
	struct error err;
};

static void
open_session(void *arg)
{
	struct ahead *a = arg;

	if (!a->factory->open(a->factory, a->spec, &a->target, &a->err))
		a->target = NULL;
}

struct ahead *
ahead_start(struct runtime *rt, struct target_factory *factory, const struct target_spec *spec)
{
	struct ahead *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		fputs("confiture: out of memory\n", stderr);
		abort();
	}
	a->rt = rt;
	a->factory = factory;
	a->spec = spec;
	a->thread = rt->ops->thread_start(rt, "open", open_session, a);
	return a;
}

static void
join(struct ahead *a)
{
	if (a->thread != NULL)
		a->rt->ops->thread_join(a->rt, a->thread);
	a->thread = NULL;
}

bool
ahead_take(struct ahead *a, struct target **out, struct error *err)
{
	join(a);
	*out = a->target;
	a->target = NULL;
	if (*out == NULL)
		*err = a->err;
	return *out != NULL;
}

void
ahead_free(struct ahead *a)
{
	if (a == NULL)
		return;
	join(a);
	if (a->target != NULL)
		a->target->ops->close(a->target);
	free(a);
}
