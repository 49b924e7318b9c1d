/*
 * The child's side: reads a text, answers with its footprint, until its socket is closed. It gives
 * up what it does not need first, so that a text which takes it over has little to work with.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shared/base/compiler.h"
#include "shared/sql/marshal.h"
#include "shared/sql/sandbox.h"
#include "shared/sql/sandbox_io.h"

#include "shared/base/banned.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW_MEMORY 1
#else
#define HAS_SHADOW_MEMORY 0
#endif

static bool
limit(int what, rlim_t most)
{
	struct rlimit l = {most, most};

	return setrlimit((__rlimit_resource_t)what, &l) == 0;
}

/* Memory for what the caps on text let through; no file, no dump, no new process. */
static bool
give_up(void)
{
	bool good = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && limit(RLIMIT_CORE, 0) &&
		    limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, 3);

	/* sanitizers keep terabytes of addresses for themselves */
	return good && (HAS_SHADOW_MEMORY || limit(RLIMIT_AS, (rlim_t)2 * 1024 * 1024 * 1024));
}

static bool
answer(struct text *message)
{
	struct arena arena;
	struct sql_search_path path;
	struct sql_footprint footprint = {0};
	struct span sql;

	arena_init(&arena);
	bool good = unmarshal_request(&arena, text_span(message), &sql, &path);
	if (good) {
		sql_footprint_of(&arena, sql, &path, &footprint);
		text_clear(message);
		marshal_footprint(message, &footprint);
		good = !message->truncated;
	}
	arena_fini(&arena);
	return good && sandbox_send(STDIN_FILENO, text_span(message), NULL) == SANDBOX_DONE;
}

static void
serve(void *arg)
{
	struct text message;

	(void)arg;
	text_init(&message, MARSHAL_LIMIT);
	while (sandbox_receive(STDIN_FILENO, &message, NULL) == SANDBOX_DONE && answer(&message))
		;
	text_fini(&message);
}

int
sql_sandbox_child(struct runtime *rt)
{
	if (!give_up())
		return 1;
	/* a thread of the runtime has the stack that deep texts need */
	rt->ops->thread_join(rt, rt->ops->thread_start(rt, "parser", serve, NULL));
	return 0;
}
