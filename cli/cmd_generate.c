/* `confiture migrate generate NAME`: a new migration, to be filled in by hand. */
#include "cli/cmds.h"
#include "cli/migration_pair.h"
#include "cli/project_documents.h"

#include "shared/base/banned.h"

static void
put_texts(struct migration_pair *p)
{
	struct arena *arena = &p->cli->arena;

	p->up = arena_printf(arena,
			     "-- %s\n"
			     "-- All of this file is one transaction; BEGIN and COMMIT are not "
			     "needed.\n\n",
			     p->name);
	p->down = arena_printf(arena, "-- Undoes %s_%s.up.sql\n\n", p->version, p->name);
}

static void
say_result(const struct migration_pair *p)
{
	const char *word = p->dry_run ? "would make" : "made";

	cli_say(p->cli, "%s  %s", word, cli_safe(p->cli, p->up_path));
	cli_say(p->cli, "%s  %s", word, cli_safe(p->cli, p->down_path));
	if (p->dry_run)
		cli_say(p->cli, "\n%s", p->up);
}

static void
show(const struct migration_pair *p)
{
	struct generate_result r = {
		.status = p->dry_run ? "dry_run" : "success",
		.version = p->version,
		.name = p->name,
		.filepath = p->up_path,
		.down_filepath = p->down_path,
		.migrations_dir = p->dir,
		.next_available_version = p->next_version,
		.template_ = p->dry_run ? p->up : NULL,
	};
	const char *warnings[] = {p->warning};

	r.warnings.items = warnings;
	r.warnings.count = p->warning != NULL ? 1 : 0;
	say_result(p);
	cli_document(p->cli, &record_generate_result, &r);
}

static bool
refuse_python(struct error *err, const char *name)
{
	error_set(err, E_USAGE_001,
		  "migrations in Python cannot be run by this confiture; it writes SQL files");
	error_hint(err, "confiture migrate generate %s", name);
	return false;
}

int
cmd_migrate_generate(struct cli *cli, const struct args *args)
{
	struct migration_pair pair = {.cli = cli,
				      .args = args,
				      .dir = args_text(args, "migrations-dir"),
				      .name = args_argument(args, 0),
				      .dry_run = args_flag(args, "dry-run"),
				      .texts = put_texts};
	struct error err = {0};

	if ((args_flag(args, "python") && !refuse_python(&err, pair.name)) ||
	    !migration_pair_name(pair.name, &err) || !migration_pair_make(&pair, &err))
		return cli_fail(cli, &err);
	show(&pair);
	return 0;
}
