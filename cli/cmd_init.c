/*
 * `confiture init`: the folders and the first configuration of a project. Nothing that is there is
 * ever changed: each file is made only when its name is free.
 */
#include <string.h>

#include "cli/cmds.h"
#include "cli/files.h"
#include "cli/project_documents.h"
#include "shared/config/config.h"

#include "shared/base/banned.h"

static const char readme[] =
	"# Database\n"
	"\n"
	"| Folder | What it holds |\n"
	"|---|---|\n"
	"| `migrations/` | `<version>_<name>.up.sql` and `.down.sql`, one pair a change |\n"
	"| `environments/` | one YAML file an environment: where its database is |\n"
	"| `schema/` | the structure as it should be, as plain DDL; `confiture build` makes one "
	"file of it |\n"
	"| `seeds/` | rows that a fresh database starts with |\n"
	"\n"
	"```sh\n"
	"confiture migrate generate add_users   # write a new pair of files\n"
	"confiture migrate status --env local   # what is applied, what is pending\n"
	"confiture migrate up                   # apply what is pending\n"
	"confiture migrate down                 # undo the newest\n"
	"confiture build                        # db/generated/schema_local.sql from schema/\n"
	"```\n"
	"\n"
	"A database that already has its tables: "
	"`confiture migrate baseline --through VERSION` records the files up to that\n"
	"version as applied without running them.\n";

/* Comments only: what is made here must not be missing in the migrations. */
static const char extensions[] = "-- Extensions, types and functions that tables need.\n"
				 "--\n"
				 "-- CREATE EXTENSION IF NOT EXISTS citext;\n";

static const char tables[] = "-- Tables as they should be, one file a table or a subject.\n"
			     "--\n"
			     "-- CREATE TABLE users (\n"
			     "--     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
			     "--     email text NOT NULL UNIQUE\n"
			     "-- );\n";

static void
make_extensions(struct text *out)
{
	text_put(out, extensions);
}

static void
make_tables(struct text *out)
{
	text_put(out, tables);
}

static void
make_readme(struct text *out)
{
	text_put(out, readme);
}

static void
make_nothing(struct text *out)
{
	(void)out;
}

static const char *const folders[] = {
	"db/migrations",	"db/schema/00_common", "db/schema/10_tables", "db/seeds/common",
	"db/seeds/development", "db/seeds/test",       "db/environments",
};

/* A folder without files would be lost in git. */
static const struct {
	const char *path;
	void (*make)(struct text *out);
} files[] = {
	{"db/migrations/.gitkeep", make_nothing},
	{"db/schema/00_common/extensions.sql", make_extensions},
	{"db/schema/10_tables/example.sql", make_tables},
	{"db/seeds/common/.gitkeep", make_nothing},
	{"db/seeds/development/.gitkeep", make_nothing},
	{"db/seeds/test/.gitkeep", make_nothing},
	{"db/environments/local.yaml", config_sample_environment},
	{"db/README.md", make_readme},
};

struct init {
	struct cli *cli;
	const char *root;
	struct init_result result;
	size_t created_cap, kept_cap;
};

static const char *
below(struct init *i, const char *path)
{
	if (strcmp(i->root, ".") == 0)
		return path;
	return arena_printf(&i->cli->arena, "%s/%s", i->root, path);
}

static void
note_created(struct init *i, const char *path)
{
	i->result.created.items =
		arena_grow(&i->cli->arena, i->result.created.items, i->result.created.count,
			   &i->created_cap, sizeof(*i->result.created.items));
	i->result.created.items[i->result.created.count++] = path;
}

static void
note_kept(struct init *i, const char *path)
{
	i->result.kept.items =
		arena_grow(&i->cli->arena, i->result.kept.items, i->result.kept.count, &i->kept_cap,
			   sizeof(*i->result.kept.items));
	i->result.kept.items[i->result.kept.count++] = path;
}

static bool
make_file(struct init *i, const char *path, void (*make)(struct text *), struct error *err)
{
	struct text text;
	text_init(&text, 0);
	make(&text);
	bool exists = false;
	struct error why = {0};
	bool ok = file_create(path, text.ptr, &exists, &why);
	text_fini(&text);
	if (ok)
		note_created(i, path);
	else if (exists)
		note_kept(i, path);
	else
		*err = why;
	return ok || exists;
}

static bool
make_tree(struct init *i, struct error *err)
{
	for (size_t k = 0; k < ARRAY_LEN(folders); k++) {
		const char *path = below(i, folders[k]);
		bool there = file_exists(path);
		if (!folder_make(&i->cli->arena, path, err))
			return false;
		if (!there)
			note_created(i, arena_printf(&i->cli->arena, "%s/", path));
	}
	for (size_t k = 0; k < ARRAY_LEN(files); k++)
		if (!make_file(i, below(i, files[k].path), files[k].make, err))
			return false;
	return true;
}

static bool
may_go_on(struct init *i, struct error *err)
{
	const char *db = below(i, "db");
	if (!file_exists(db))
		return true;
	if (cli_confirm(i->cli, arena_printf(&i->cli->arena,
					     "%s exists already. Add what is missing? No file is "
					     "changed.",
					     cli_safe(i->cli, db))))
		return true;
	error_set(err, E_INIT_001, "%s exists already; nothing was made", db);
	error_hint(err,
		   "run confiture init on a terminal and answer y: it adds what is missing and "
		   "changes no file");
	return false;
}

static void
say_result(struct init *i)
{
	struct cli *cli = i->cli;
	if (cli->quiet)
		return;
	for (size_t k = 0; k < i->result.created.count; k++) {
		if (strstr(i->result.created.items[k], "/.gitkeep") != NULL)
			continue;
		cli_say(cli, "%smade%s  %s", cli_style(cli, cli->out, STYLE_GREEN),
			cli_style(cli, cli->out, STYLE_PLAIN),
			cli_safe(cli, i->result.created.items[k]));
	}
	for (size_t k = 0; k < i->result.kept.count; k++)
		cli_say(cli, "%skept%s  %s", cli_style(cli, cli->out, STYLE_DIM),
			cli_style(cli, cli->out, STYLE_PLAIN),
			cli_safe(cli, i->result.kept.items[k]));
	cli_say(cli, "\nNext:");
	cli_say(cli, "  1. set database_url in %s",
		cli_safe(cli, below(i, "db/environments/local.yaml")));
	for (size_t k = 0; k < i->result.next_steps.count; k++)
		cli_say(cli, "  %zu. %s", k + 2, cli_safe(cli, i->result.next_steps.items[k]));
}

static const char *next_steps[] = {
	"confiture validate-config",
	"confiture migrate generate NAME",
	"confiture migrate up",
};

int
cmd_init(struct cli *cli, const struct args *args)
{
	const char *root = args_argument(args, 0);
	struct init i = {.cli = cli, .root = root != NULL && root[0] != '\0' ? root : "."};
	struct error err = {0};
	if (!may_go_on(&i, &err) || !make_tree(&i, &err))
		return cli_fail(cli, &err);
	i.result.success = true;
	i.result.path = i.root;
	i.result.next_steps.items = next_steps;
	i.result.next_steps.count = ARRAY_LEN(next_steps);
	if (strcmp(i.root, ".") != 0) {
		const char **steps =
			arena_array(&cli->arena, ARRAY_LEN(next_steps) + 1, sizeof(*steps));
		steps[0] = arena_printf(&cli->arena, "cd %s", i.root);
		for (size_t k = 0; k < ARRAY_LEN(next_steps); k++)
			steps[k + 1] = next_steps[k];
		i.result.next_steps.items = steps;
		i.result.next_steps.count++;
	}
	say_result(&i);
	cli_document(cli, &record_init_result, &i.result);
	return 0;
}
