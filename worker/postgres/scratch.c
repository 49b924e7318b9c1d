/* The way into scratch copies: one session on the source's server, then one of the two kinds. */
#include "worker/postgres/scratch.h"

#include <stdlib.h>

#include "shared/base/banned.h"

bool
postgres_scratch_open(struct target_factory *f, enum scratch_kind kind,
		      const struct target_spec *source, struct arena *arena, struct scratch **out,
		      struct target_spec *spec, struct error *err)
{
	struct scratch *s = calloc(1, sizeof(*s));
	struct pg_open_options options = {.application_name = "confiture scratch",
					  .database = source->database};

	(void)f;
	if (s == NULL)
		abort();
	s->kind = kind;
	s->cluster.owner_fd = -1;
	bool ok = pg_open(source->url, &options, &s->admin, err);
	if (ok)
		ok = kind == SCRATCH_CLONE ? clone_make(s, source, arena, spec, err)
					   : throwaway_make(s, source, arena, spec, err);
	if (!ok) {
		postgres_scratch_close(f, s);
		return false;
	}
	*out = s;
	return true;
}

void
postgres_scratch_close(struct target_factory *f, struct scratch *s)
{
	(void)f;
	if (s == NULL)
		return;
	if (s->kind == SCRATCH_CLONE && s->admin != NULL)
		clone_drop(s);
	if (s->kind == SCRATCH_THROWAWAY)
		throwaway_drop(s);
	pg_close(s->admin);
	free(s);
}
