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

static bool
read_connected(struct structures *s, struct pg_conn *c, const char *ledger,
	       struct structure_source *source, struct error *err)
{
	struct catalog_own own;
	int major = pg_server_version_num(c) / 10000;

	if (!catalog_own_tables(c, ledger, &s->cli->arena, &own, err) ||
	    !catalog_read(c, &own.options, s->pool, &source->model, err))
		return false;
	source->role = schema_pool_text(s->pool, own.role);
	const char *place = arena_str(&s->cli->arena, pg_place(c));
	source->database = strrchr(place, '/') + 1;
	if (source->shown == NULL)
		source->shown = place;
	s->major = major > s->major ? major : s->major;
	return true;
}

static bool
read_database(struct structures *s, struct secret url, const char *ledger,
	      struct structure_source *source, struct error *err)
{
	const struct pg_open_options options = {.application_name = "confiture"};
	struct pg_conn *c;

	if (!pg_open(url, &options, &c, err))
		return false;
	bool ok = read_connected(s, c, ledger, source, err);
	pg_close(c);
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
	return read_database(s, url, USUAL_LEDGER, source, err) ||
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
	return read_database(s, spec.url, spec.ledger != NULL ? spec.ledger : USUAL_LEDGER, source,
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
