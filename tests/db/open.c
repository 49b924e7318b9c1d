#include "tests/db/open.h"

#include <stdio.h>
#include <string.h>

#include "worker/target_postgres.h"

#include "shared/base/banned.h"

struct arena test_arena;

void
must(bool ok, const struct error *err, const char *what, int line)
{
	if (!ok)
		fprintf(stderr, "  line %d: %s: %s %s: %s\n", line, what,
			err->code ? err->code->name : "-", err->message, err->cause);
	unit_require(ok, what, "tests/db", line);
}

void
check_error(const struct error *err, enum error_id id, const char *part, int line)
{
	char text[2 * ERROR_TEXT + 64];

	snprintf(text, sizeof(text), "%s %s: %s", err->code ? err->code->name : "-", err->message,
		 err->cause);
	unit_check_has(text, error_code(id)->name, "the error", "tests/db", line);
	if (part != NULL)
		unit_check_has(text, part, "the error", "tests/db", line);
}

const char *
test_database(const char *name)
{
	arena_reset(&test_arena);
	REQUIRE(cluster_create_database(name));
	return arena_str(&test_arena, cluster_url(name));
}

struct target *
open_as(const char *url, const char *ledger, const char *application_name)
{
	struct target_spec spec = {.name = "here",
				   .url = secret_of(url),
				   .ledger = ledger,
				   .application_name = application_name};
	struct target_factory *factory = target_postgres();
	struct target *t = NULL;
	struct error err;

	MUST(factory->open(factory, &spec, &t, &err), &err);
	return t;
}

struct target *
open_target(const char *url, const char *ledger)
{
	return open_as(url, ledger, "confiture test");
}

void
close_target(struct target *t)
{
	t->ops->close(t);
}

void
prepare_target(struct target *t, const char *job)
{
	struct fence_claim claim = {.journal = "journal-1", .job = job, .attempt = 1};
	struct error err;
	bool held = false;

	MUST(t->ops->lock_try(t, &held, &err), &err);
	REQUIRE(held);
	MUST(t->ops->ledger_ensure(t, &err), &err);
	MUST(t->ops->fence_take(t, &claim, &err), &err);
	MUST(t->ops->lock_announce(t, "migrate up", &err), &err);
}

bool
run_sql(struct target *t, const char *sql, struct error *err)
{
	struct run_result result;

	return t->ops->run(t, span_str(sql), NULL, NULL, &test_arena, &result, err);
}

void
must_run(struct target *t, const char *sql)
{
	struct error err;

	MUST(run_sql(t, sql, &err), &err);
}

struct target_step
insert_step(uint32_t number, const char *version, const char *name)
{
	return (struct target_step){.number = number,
				    .planned = 3,
				    .action = "up",
				    .version = version,
				    .change = LEDGER_INSERT,
				    .name = name,
				    .checksum = "abc",
				    .execution_time_ms = INT64_MIN,
				    .slug_suffix = "",
				    .record_user = true};
}

void
apply(struct target *t, uint32_t number, const char *version, const char *const *sql)
{
	struct target_step step = insert_step(number, version, "some_name");
	struct error err;

	MUST(t->ops->begin(t, &err), &err);
	for (; *sql != NULL; sql++)
		must_run(t, *sql);
	MUST(t->ops->step(t, &step, &err), &err);
	CHECK_INT(t->ops->commit(t, &err), COMMIT_DONE);
	MUST(t->ops->clean(t, &err), &err);
}
