/* The structure of a database, without our own tables. */
#include <string.h>

#include "cli/connection.h"
#include "cli/session.h"
#include "cli/structure.h"
#include "shared/config/config.h"
#include "shared/pg/connection.h"
#include "worker/catalog/catalog.h"

#include "shared/base/banned.h"

#define USUAL_LEDGER "tb_confiture"

/* One that is connected, and waits to be read with the others. */
struct structure_opened {
	struct structure_opened *next;
	struct pg_conn *conn;
	struct structure_source *source;
	struct catalog_options options;
};

static bool
open_database(struct structures *s, struct secret url, const char *ledger,
	      struct structure_source *source, struct error *err)
{
	const struct pg_open_options options = {.application_name = "confiture"};
	struct structure_opened *o = arena_new(&s->cli->arena, struct structure_opened);
	struct catalog_own own;

	if (!pg_open(url, &options, &o->conn, err))
		return false;
	o->next = s->opened;
	s->opened = o;
	if (!catalog_own_tables(o->conn, ledger, &s->cli->arena, &own, err))
		return false;
	o->source = source;
	o->options = own.options;
	source->role = schema_pool_text(s->pool, own.role);
	const char *place = arena_str(&s->cli->arena, pg_place(o->conn));
	source->database = strrchr(place, '/') + 1;
	if (source->shown == NULL)
		source->shown = place;
	int major = pg_server_version_num(o->conn) / 10000;
	s->major = major > s->major ? major : s->major;
	return true;
}

void
structures_close_databases(struct structures *s)
{
	for (; s->opened != NULL; s->opened = s->opened->next)
		pg_close(s->opened->conn);
}

bool
structures_read_databases(struct structures *s, struct error *err)
{
	struct catalog_reading all[PG_STREAMS];
	bool ok = true;

	for (struct structure_opened *o = s->opened; ok && o != NULL;) {
		struct structure_source *sources[PG_STREAMS];
		size_t count = 0;
		for (; o != NULL && count < PG_STREAMS; o = o->next) {
			sources[count] = o->source;
			all[count++] = (struct catalog_reading){o->conn, o->options, NULL};
		}
		ok = catalog_read_all(all, count, s->pool, err);
		for (size_t i = 0; ok && i < count; i++)
			sources[i]->model = all[i].model;
	}
	structures_close_databases(s);
	return ok;
}

bool
structure_of_url(struct structures *s, struct structure_source *source, struct error *err)
{
	struct secret url = secret_of(source->word);

	source->shown = NULL;
	if (url_has_password(source->word))
		cli_warn(s->cli,
			 "%s holds a password: other users of this machine can see it while the "
			 "command runs; PGPASSFILE or an environment's file keeps it to yourself",
			 source->option);
	return open_database(s, url, USUAL_LEDGER, source, err) ||
	       error_wrap(err, "%s", source->option);
}

bool
structure_several(struct cli *cli, const char *word, const struct connections *found,
		  struct error *err)
{
	error_set(err, E_CONFIG_011, "%s has %zu targets, and one is wanted", word, found->count);
	if (found->count > 0)
		error_hint(err, "name one of them, for example %s",
			   cli_safe(cli, found->items[0].name));
	for (size_t i = 0; i < found->count; i++)
		error_detail_item(err, "targets", found->items[i].name);
	return false;
}

bool
structure_of_target(struct structures *s, struct structure_source *source, struct error *err)
{
	struct target_spec spec;

	if (session_remote(cli_session(s->cli)) != NULL)
		return structure_of_remote(s, source, err);
	if (!session_target_spec(cli_session(s->cli), source->target, &spec))
		return error_set(err, E_INTERNAL_ERROR, "target %s is not known", source->target);
	return open_database(s, spec.url, spec.ledger != NULL ? spec.ledger : USUAL_LEDGER, source,
			     err);
}

bool
structure_of_environment(struct structures *s, struct structure_source *source, struct error *err)
{
	struct cli *cli = s->cli;
	struct connections found = {0};

	if (session_remote(cli_session(cli)) != NULL)
		return structure_of_remote_environment(s, source, err) ||
		       error_wrap(err, "%s", source->option);
	if (!connections_of_environment(cli, source->word, &found, err))
		return error_wrap(err, "%s", source->option);
	if (found.count != 1)
		return structure_several(cli, source->word, &found, err);
	source->target = found.items[0].name;
	source->shown = source->word;
	return structure_of_target(s, source, err) || error_wrap(err, "%s", source->word);
}
