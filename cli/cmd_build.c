/*
 * `confiture build`: the files of the schema tree become one. The disk is read and written here and
 * in build_files.c; what becomes of the bytes is shared/build's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/build_apply.h"
#include "cli/build_files.h"
#include "cli/build_rules.h"
#include "cli/cmds.h"
#include "cli/connection.h"
#include "cli/csv.h"
#include "cli/files.h"
#include "cli/project_documents.h"

#include "shared/base/banned.h"

struct building {
	struct cli *cli;
	const struct args *args;
	uint64_t began; /* boot clock, ns */
	struct config_build settings;
	struct build_rules rules;
	struct build_tree tree;
	struct build build;
	struct text text;
	const char *output; /* as people know it */
	struct prepared_file file;
	struct secret url; /* of --apply */
	struct build_applied applied;
	struct build_result result;
	size_t warning_cap;
};

static void
warn(struct building *b, const char *words)
{
	struct arena *arena = &b->cli->arena;
	struct build_result *r = &b->result;

	r->warnings.items = arena_grow(arena, r->warnings.items, r->warnings.count, &b->warning_cap,
				       sizeof(*r->warnings.items));
	r->warnings.items[r->warnings.count++] = words;
	cli_warn(b->cli, "%s", words);
}

/* ---- where it goes ---- */

static const char *
folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return ".";
	return slash == path ? "/" : arena_span(arena, span_of(path, (size_t)(slash - path)));
}

/* Absolute, by the real path of its folder where that is there. */
static const char *
absolute(struct arena *arena, const char *path)
{
	char *real = realpath(folder_of(arena, path), NULL);
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	if (real == NULL)
		return path;
	const char *out = arena_printf(arena, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name);
	free(real);
	return out;
}

static void
choose_output(struct building *b)
{
	struct arena *arena = &b->cli->arena;
	const char *project = args_text(b->args, "project-dir");
	bool here = strcmp(project, ".") == 0;

	b->output = args_text(b->args, "output");
	if (b->output == NULL)
		b->output = arena_printf(arena, "%s%sdb/generated/schema_%s.sql",
					 here ? "" : project, here ? "" : "/", b->settings.name);
	b->tree.output = absolute(arena, b->output);
}

/* The header's time, as Python's isoformat() writes it. */
static const char *
local_time(struct cli *cli)
{
	int64_t now = cli->rt->ops->wall_us(cli->rt);
	time_t seconds = (time_t)(now / 1000000);
	struct tm tm;
	char text[32];

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return arena_printf(&cli->arena, "%s.%06d", text, (int)(now % 1000000));
}

static bool
not_written(struct building *b, struct error *err)
{
	if (err != NULL)
		err->code = error_code(E_SCHEMA_001);
	error_hint(err, "ls -ld %s", folder_of(&b->cli->arena, b->output));
	return false;
}

/* Ready, and with its name only once the database is built too. */
static bool
write_schema(struct building *b, struct error *err)
{
	struct arena *arena = &b->cli->arena;

	if (folder_make(arena, folder_of(arena, b->output), err) &&
	    file_prepare(arena, b->output, text_span(&b->text), &b->file, err))
		return true;
	return not_written(b, err);
}

static bool
keep_schema(struct building *b, struct error *err)
{
	b->result.output_path = absolute(&b->cli->arena, b->output);
	return file_keep(&b->file, err) || not_written(b, err);
}

/* ---- building ---- */

static void
tell_tree(struct building *b)
{
	for (size_t i = 0; i < b->tree.warning_count; i++)
		warn(b, b->tree.warnings[i]);
	for (size_t i = 0; i < b->build.warning_count; i++)
		warn(b, b->build.warnings[i]);
	if (b->settings.seeds_apart && !args_flag(b->args, "schema-only"))
		warn(b, "seed.execution_mode is sequential: seed files are left out, and nothing "
			"runs them");
}

static bool
build_text(struct building *b, struct error *err)
{
	struct cli *cli = b->cli;

	if (!build_rules_read(cli, b->args, &b->settings, &b->rules, err))
		return false;
	b->tree.arena = &cli->arena;
	b->tree.project = args_text(b->args, "project-dir");
	choose_output(b);
	if (!build_tree_read(&b->tree, &b->settings, &b->rules, err) ||
	    !build_make(&cli->arena, &b->rules, b->tree.files, b->tree.count, &b->build, err))
		return false;
	tell_tree(b);
	return build_print(&b->rules, &b->build, b->settings.name, local_time(cli), &b->text, err);
}

/* ---- the database ---- */

/* --database-url, else the one of the environment. */
static bool
choose_database(struct building *b, struct error *err)
{
	const char *url = args_text(b->args, "database-url");
	struct config_environment env;
	struct config_warnings ignored = {0};

	if (url != NULL) {
		b->url = secret_of(url);
		if (url_has_password(url))
			cli_warn(b->cli, "--database-url holds a password: other users of this "
					 "machine can see it while the command runs; PGPASSFILE "
					 "keeps it to yourself");
		return config_url_valid(b->url, err) || error_wrap(err, "--database-url");
	}
	if (!config_environment_load(&b->cli->arena, b->settings.file, &env, &ignored, err))
		return false;
	if (env.target_count == 1) {
		b->url = env.targets[0].url;
		return true;
	}
	error_set(err, E_CONFIG_010, "%s has %zu databases, and --apply builds one",
		  b->settings.file, env.target_count);
	error_hint(err, "confiture build --apply --database-url URL");
	return false;
}

static bool
wrong_options(struct error *err)
{
	error_set(err, E_USAGE_001, "--database-url says what --apply builds, which is not given");
	error_hint(err, "confiture build --apply --database-url URL");
	return false;
}

/* All that can be refused is refused before anything is written. */
static bool
prepare(struct building *b, struct error *err)
{
	bool apply = args_flag(b->args, "apply");

	if (!apply && args_given(b->args, "database-url"))
		return wrong_options(err);
	return build_text(b, err) &&
	       (!apply || (choose_database(b, err) && build_apply_check(b->cli, &b->build, err)));
}

static bool
apply(struct building *b, struct error *err)
{
	if (!args_flag(b->args, "apply"))
		return true;
	if (!build_apply(b->cli, &b->build, b->url, &b->applied, err)) {
		file_drop(&b->file);
		return false;
	}
	b->result.applied = &b->applied;
	for (size_t i = 0; i < b->build.count; i++)
		b->result.seed_files_applied += b->build.files[i].seed;
	return true;
}

static void
fill_result(struct building *b)
{
	struct runtime *rt = b->cli->rt;
	struct build_result *r = &b->result;

	r->success = true;
	r->files_processed = (int64_t)b->build.count;
	r->schema_size_bytes = (int64_t)b->text.len;
	r->hash = args_flag(b->args, "show-hash") ? b->build.hash : NULL;
	r->execution_time_ms = (int64_t)((runtime_boot_ns(rt) - b->began) / NS_PER_MS);
}

/* ---- showing ---- */

/* The Python confiture's rows. */
static void
put_csv(struct text *out, const struct build_result *r)
{
	text_printf(out,
		    "metric,value\nsuccess,True\nfiles_processed,%lld\nschema_size_bytes,%lld\n",
		    (long long)r->files_processed, (long long)r->schema_size_bytes);
	text_put(out, "output_path,");
	csv_cell(out, r->output_path, '\n');
	text_printf(out,
		    "hash,%s\nexecution_time_ms,%lld\nseed_files_applied,%lld\n"
		    "artifact_path,\nartifact_hash,\n",
		    r->hash != NULL ? r->hash : "", (long long)r->execution_time_ms,
		    (long long)r->seed_files_applied);
}

static bool
show_csv(struct building *b, struct error *err)
{
	struct text csv;

	text_init(&csv, 0);
	put_csv(&csv, &b->result);
	bool ok = csv_show(b->cli, &csv, args_text(b->args, "report"), err);
	text_fini(&csv);
	return ok;
}

static void
show_text(struct building *b)
{
	struct cli *cli = b->cli;
	const struct build_result *r = &b->result;

	if (cli->csv)
		return;
	if (!cli->quiet)
		cli_say(cli, "%sbuilt%s  %s  %lld file%s, %lld bytes",
			cli_style(cli, cli->out, STYLE_GREEN),
			cli_style(cli, cli->out, STYLE_PLAIN), cli_safe(cli, b->output),
			(long long)r->files_processed, r->files_processed == 1 ? "" : "s",
			(long long)r->schema_size_bytes);
	if (!cli->quiet && r->applied != NULL)
		cli_say(cli, "%sapplied%s  %lld statement%s to %s",
			cli_style(cli, cli->out, STYLE_GREEN),
			cli_style(cli, cli->out, STYLE_PLAIN), (long long)r->applied->statements,
			r->applied->statements == 1 ? "" : "s",
			cli_safe(cli, r->applied->database));
	if (r->hash != NULL)
		cli_say(cli, "hash   %s", r->hash);
}

static int
show(struct building *b)
{
	struct error err = {0};

	show_text(b);
	if (b->cli->csv && !show_csv(b, &err))
		return cli_fail(b->cli, &err);
	if (!b->cli->csv)
		cli_document(b->cli, &record_build_result, &b->result);
	return 0;
}

int
cmd_build(struct cli *cli, const struct args *args)
{
	struct building b = {.cli = cli, .args = args, .began = runtime_boot_ns(cli->rt)};
	struct error err = {0};

	cli->output_file = args_text(args, "report"); /* --output is the schema's */
	text_init(&b.text, 0);
	bool ok = prepare(&b, &err) && write_schema(&b, &err) && apply(&b, &err) &&
		  keep_schema(&b, &err);
	if (ok)
		fill_result(&b);
	int code = ok ? show(&b) : cli_fail(cli, &err);
	text_fini(&b.text);
	return code;
}
