/*
 * Reading the Python tool's registry. Its rows become JSON on the server, and are then read
 * strictly as the record that the coordinator takes: what does not fit is left, and said, and harms
 * nothing.
 */
#include "cli/registry.h"

#include <string.h>

#include "cli/connection.h"
#include "cli/connection_remote.h"
#include "cli/safe.h"
#include "cli/session.h"
#include "shared/pg/connection.h"
#include "shared/sql/mask.h"

#include "cli_sql.h"

#include "shared/base/banned.h"

/* A page of rows is one request to the coordinator, and one list of open ones is the last. */
enum { PAGE_ROWS = 50, PAGE_BYTES = 640 * 1024, OPEN_MOST = 20000 };
#define TARGET "registry"

struct registry {
	struct cli *cli;
	struct pg_conn *conn; /* NULL once it was read */
	const char *database, *place;
	bool counted;
	int64_t open;
};

/* One pass over its rows. */
struct pass {
	struct registry *r;
	bool all; /* ended ones too, and what happened to each */
	struct registry_import m;
	size_t cap, open_cap, left_cap, bytes;
	struct registry_imported sum;
};

/* ---- the connection ---- */
static bool
run(struct registry *r, const char *sql, const char *const *values, int count,
    struct pg_rows **rows, struct error *err)
{
	const struct pg_statement statement = {.sql = sql, .count = count, .values = values};

	return pg_batch(r->conn, &statement, 1, 0, rows, err);
}

static bool
one_text(struct registry *r, const char *sql, const char **out, struct error *err)
{
	struct pg_rows *rows = NULL;

	if (!run(r, sql, NULL, 0, &rows, err))
		return false;
	const char *text = pg_rows_count(rows) > 0 ? pg_rows_text(rows, 0, 0) : NULL;
	*out = text != NULL ? arena_str(&r->cli->arena, text) : NULL;
	pg_rows_free(rows);
	return true;
}

/* Where a role may not know the server's name, the place stands for it. */
static bool
identify(struct registry *r, struct error *err)
{
	struct error why = {0};

	r->place = arena_str(&r->cli->arena, pg_place(r->conn));
	if (one_text(r, cli_sql_registry_identity, &r->database, &why))
		return true;
	if (pg_lost(r->conn)) {
		*err = why;
		return false;
	}
	r->database = r->place;
	return true;
}

static bool
open_registry(struct cli *cli, const struct args *args, bool anywhere, struct error *err)
{
	const struct pg_open_options options = {.application_name = "confiture"};
	struct registry *r = arena_new(&cli->arena, struct registry);
	struct target_spec spec;

	bool remote = session_remote(cli_session(cli)) != NULL;
	if (remote && !anywhere)
		return connection_url_refused(cli, "--database-url", err);
	if (!connection_add_url(cli, TARGET, "--database-url", args_text(args, "database-url"),
				NULL, err) ||
	    !session_target_spec(cli_session(cli), TARGET, &spec))
		return false;
	r->cli = cli;
	if (!pg_open(spec.url, &options, &r->conn, err))
		return false;
	cli->registry = r;
	if (!remote)
		cli_note(cli, "intents are kept in the journal of this machine: others do not see "
			      "them in that database");
	return identify(r, err);
}

/* An intent is about the databases of an environment, or about one database. */
static bool
two_places(struct error *err)
{
	error_set(err, E_CONFIG_007, "both --env and --database-url say where it is to happen");
	error_hint(err, "give one of the two");
	return false;
}

bool
registry_database(struct cli *cli, const struct args *args, const char **database,
		  struct error *err)
{
	*database = NULL;
	if (!args_given(args, "database-url"))
		return true;
	if (args_known(args, "env") && args_given(args, "env"))
		return two_places(err);
	if (cli->registry == NULL && !open_registry(cli, args, false, err))
		return false;
	*database = cli->registry->database;
	return true;
}

void
registry_close(struct cli *cli)
{
	if (cli->registry != NULL)
		pg_close(cli->registry->conn);
	cli->registry = NULL;
}

/* ---- rows ---- */
static void
leave(struct pass *p, const char *id, const char *why)
{
	struct arena *a = &p->r->cli->arena;

	p->sum.left.items = arena_grow(a, p->sum.left.items, p->sum.left.count, &p->left_cap,
				       sizeof(*p->sum.left.items));
	p->sum.left.items[p->sum.left.count++] =
		(struct registry_left){arena_str(a, id), arena_str(a, why)};
}

/* What happened to it, as a member more of its document. */
static bool
with_moves(struct pass *p, const char *id, const char **doc, struct error *err)
{
	struct pg_rows *rows = NULL;

	if (!run(p->r, cli_sql_registry_moves, &id, 1, &rows, err))
		return false;
	*doc = arena_printf(&p->r->cli->arena, "%.*s,\"moves\":%s}", (int)strlen(*doc) - 1, *doc,
			    pg_rows_text(rows, 0, 0));
	pg_rows_free(rows);
	return true;
}

static void
mask_statements(struct pass *p, struct registry_intent *r)
{
	for (size_t i = 0; i < r->schema_changes.count; i++)
		r->schema_changes.items[i] =
			sql_mask_secrets(&p->r->cli->arena, r->schema_changes.items[i]);
}

static bool
take_row(struct pass *p, const char *id, const char *doc, struct error *err)
{
	struct arena *a = &p->r->cli->arena;
	struct error why = {0};
	void *parsed;

	if (doc == NULL) {
		leave(p, id, "it is larger than an intent may be");
		return true;
	}
	if (p->all && !with_moves(p, id, &doc, err))
		return false;
	if (!record_parse(a, &record_registry_intent, span_str(doc), &parsed, &why)) {
		leave(p, id, why.message);
		return true;
	}
	mask_statements(p, parsed);
	p->m.intents.items = arena_grow(a, p->m.intents.items, p->m.intents.count, &p->cap,
					sizeof(*p->m.intents.items));
	p->m.intents.items[p->m.intents.count++] = *(struct registry_intent *)parsed;
	p->bytes += strlen(doc);
	return true;
}

/* ---- pages ---- */
static bool
send_page(struct pass *p, struct error *err)
{
	const struct registry_imported *reply;
	void *body;

	if (!session_call(cli_session(p->r->cli), MESSAGE_registry_import, &p->m, &body, err))
		return false;
	reply = body;
	p->sum.added += reply->added;
	p->sum.known += reply->known;
	p->sum.ended += reply->ended;
	p->sum.open += reply->open;
	for (size_t i = 0; i < reply->left.count; i++)
		leave(p, reply->left.items[i].intent, reply->left.items[i].reason);
	p->m.intents.count = 0;
	p->bytes = 0;
	return true;
}

static bool
note_open(struct pass *p, const char *id, struct error *err)
{
	if (p->m.still_open.count == OPEN_MOST) {
		error_set(err, E_INTENT_006, "the registry in %s has more than %d open intents",
			  p->r->place, OPEN_MOST);
		error_hint(err, "abandon those that nobody works on, with the Python tool");
		return false;
	}
	p->m.still_open.items = arena_grow(&p->r->cli->arena, p->m.still_open.items,
					   p->m.still_open.count, &p->open_cap, sizeof(char *));
	p->m.still_open.items[p->m.still_open.count++] = id;
	return true;
}

static bool
read_page(struct pass *p, const char **after, bool *end, struct error *err)
{
	const char *values[] = {p->all ? "f" : "t", *after, NULL};
	struct pg_rows *rows = NULL;
	bool ok = true;

	values[2] = arena_printf(&p->r->cli->arena, "%d", PAGE_ROWS);
	if (!run(p->r, cli_sql_registry_intents, values, 3, &rows, err))
		return false;
	size_t count = pg_rows_count(rows);
	for (size_t i = 0; ok && i < count; i++) {
		*after = arena_str(&p->r->cli->arena, pg_rows_text(rows, i, 0));
		ok = (p->all || !pg_rows_bool(rows, i, 2) || note_open(p, *after, err)) &&
		     take_row(p, *after, pg_rows_text(rows, i, 1), err) &&
		     (p->bytes < PAGE_BYTES || send_page(p, err));
	}
	*end = count < PAGE_ROWS;
	pg_rows_free(rows);
	return ok;
}

static bool
no_registry(struct error *err)
{
	error_set(err, E_INTENT_001, "there is no table tb_pggit_intent");
	error_hint(err, "give the URL that the Python tool was given: confiture coordinate import "
			"--database-url URL");
	return false;
}

/* Nothing is ended before all was read. */
static bool
pass_over(struct pass *p, struct error *err)
{
	const char *after = "", *there;
	bool end = false;

	if (!pg_script(p->r->conn, cli_sql_registry_begin, err) ||
	    !one_text(p->r, cli_sql_registry_present, &there, err))
		return false;
	if (there == NULL)
		return !p->all || no_registry(err);
	p->m.database = p->r->database;
	p->m.place = p->r->place;
	p->m.take_over = p->all;
	while (!end) {
		if (!read_page(p, &after, &end, err))
			return false;
		if (!end && p->m.intents.count > 0 && !send_page(p, err))
			return false;
	}
	/* What is kept here follows nothing there. */
	if (p->all)
		return p->m.intents.count == 0 || send_page(p, err);
	/* Reading leaves no journal where there is nothing to keep. */
	if (p->m.still_open.count == 0 && p->m.intents.count == 0 &&
	    !session_has_journal(cli_session(p->r->cli)))
		return true;
	p->m.last = true;
	return send_page(p, err);
}

/* The command may go on for hours, and keeps no session, nor its view of the rows, for that. */
static bool
read_through(struct pass *p, struct error *err)
{
	struct registry *r = p->r;
	bool ok = pass_over(p, err);

	pg_close(r->conn);
	r->conn = NULL;
	return ok || error_wrap(err, "the registry of the Python tool in %s", r->place);
}

bool
registry_count(struct cli *cli, const struct args *args, struct error *err)
{
	const char *database;

	if (!registry_database(cli, args, &database, err))
		return false;
	if (database == NULL || cli->registry->counted)
		return true;
	struct pass p = {.r = cli->registry};
	if (!read_through(&p, err))
		return false;
	cli->registry->counted = true;
	cli->registry->open = p.sum.open;
	if (p.sum.open > 0)
		cli_note(cli, "%lld open intent(s) of the Python tool's registry in %s count",
			 (long long)p.sum.open, cli_safe(cli, cli->registry->place));
	for (size_t i = 0; i < p.sum.left.count; i++)
		cli_warn(cli, "intent %s of that registry does not count: %s",
			 p.sum.left.items[i].intent, p.sum.left.items[i].reason);
	return true;
}

int64_t
registry_open(const struct cli *cli)
{
	return cli->registry != NULL && cli->registry->counted ? cli->registry->open : INT_NULL;
}

bool
registry_take_over(struct cli *cli, const struct args *args, struct registry_imported *out,
		   struct error *err)
{
	if (!open_registry(cli, args, true, err))
		return false;
	struct pass p = {.r = cli->registry, .all = true};
	if (!read_through(&p, err))
		return false;
	*out = p.sum;
	return true;
}
