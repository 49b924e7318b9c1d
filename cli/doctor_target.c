/*
 * The doctor's look at one database: can it be reached, may this role work in it, what does the
 * ledger say, who holds the lock. Reads only, through the same operations that the worker uses.
 */
#include "cli/doctor.h"
#include "cli/session.h"
#include "worker/target.h"

#include "cli_sql.h"

#include "shared/base/banned.h"

struct patient {
	struct doctor *d;
	const char *name;
	struct target *target;
	struct arena arena;
};

static void
look_at_server(struct patient *p)
{
	const struct target_info *info = p->target->ops->info(p->target);

	doctor_note(p->d, "connection", p->name, "ok", "%s as %s, PostgreSQL %s",
		    arena_str(&p->d->cli->arena, info->place),
		    arena_str(&p->d->cli->arena, info->user), info->server_version);
	if (info->read_only)
		doctor_note(p->d, "connection", p->name, "warn",
			    "the server is read-only: a standby, or default_transaction_read_only");
}

/* One value of one query; NULL is a value too. */
static bool
ask(struct patient *p, const char *name, const char *sql, const char **value)
{
	struct run_result result = {0};
	struct error err = {0};

	if (!p->target->ops->run(p->target, span_str(sql), NULL, NULL, &p->arena, &result, &err)) {
		doctor_error(p->d, name, p->name, "fail", &err);
		return false;
	}
	*value = result.value;
	return true;
}

static void
look_at_rights(struct patient *p)
{
	const char *schema;

	if (!ask(p, "rights", cli_sql_create_right, &schema))
		return;
	if (schema != NULL)
		doctor_note(p->d, "rights", p->name, "ok", "may create tables in schema %s",
			    schema);
	else
		doctor_note(p->d, "rights", p->name, "warn",
			    "may not create tables in the first schema of its search_path: "
			    "GRANT CREATE ON SCHEMA … TO this role");
}

static void
look_at_ledger(struct patient *p)
{
	struct ledger ledger = {0};
	struct error err = {0};

	if (!p->target->ops->ledger_read(p->target, &p->arena, &ledger, &err))
		doctor_error(p->d, "ledger", p->name, "fail", &err);
	else if (ledger.present)
		doctor_note(p->d, "ledger", p->name, "ok", "%zu migration(s) recorded in %s",
			    ledger.count, ledger.resolved);
	else
		doctor_note(p->d, "ledger", p->name, "ok",
			    "no tracking table yet: migrate baseline or migrate up makes it");
}

static void
look_at_lock(struct patient *p)
{
	struct lock_state lock = {0};
	struct error err = {0};

	if (!p->target->ops->lock_read(p->target, &p->arena, &lock, &err))
		doctor_error(p->d, "lock", p->name, "fail", &err);
	else if (lock.backend_pid == 0)
		doctor_note(p->d, "lock", p->name, "ok", "free");
	else
		doctor_note(p->d, "lock", p->name, "warn",
			    "held by backend %d%s%s%s%s: a run is at work", lock.backend_pid,
			    lock.has_row && lock.user ? ", " : "",
			    lock.has_row && lock.user ? lock.user : "",
			    lock.has_row && lock.hostname ? "@" : "",
			    lock.has_row && lock.hostname ? lock.hostname : "");
}

static void
look_at_indexes(struct patient *p)
{
	const char *invalid;

	if (!ask(p, "indexes", cli_sql_invalid_indexes, &invalid))
		return;
	if (invalid == NULL)
		doctor_note(p->d, "indexes", p->name, "ok", "none is invalid");
	else
		doctor_note(p->d, "indexes", p->name, "warn",
			    "left invalid by an interrupted build: %s", invalid);
}

void
doctor_target(struct doctor *d, const struct connection_target *target)
{
	struct target_factory *factory = cli_target_factory(d->cli);
	struct patient p = {.d = d, .name = target->name};
	struct target_spec spec;
	struct error err = {0};

	if (!session_target_spec(cli_session(d->cli), target->name, &spec) ||
	    !factory->open(factory, &spec, &p.target, &err)) {
		doctor_error(d, "connection", target->name, "fail", &err);
		return;
	}
	arena_init(&p.arena);
	look_at_server(&p);
	look_at_rights(&p);
	look_at_ledger(&p);
	look_at_lock(&p);
	look_at_indexes(&p);
	arena_fini(&p.arena);
	p.target->ops->close(p.target);
}
