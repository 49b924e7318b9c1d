/*
 * `confiture migrate validate`: names of the migration files. --fix-naming mends the one mistake
 * that has a single meaning, <version>_<name>.sql without .up; it never touches .verify.sql and
 * .down.sql files, never makes a second file of one version and never overwrites.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmds.h"
#include "cli/files.h"
#include "cli/project_documents.h"
#include "shared/migration/migration.h"

#include "shared/base/banned.h"

struct validate {
	struct cli *cli;
	const char *dir;
	bool fix, dry_run;
	struct migration_set set;
	struct validate_result result;
};

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s);
	size_t m = strlen(end);
	return n >= m && strcmp(s + n - m, end) == 0;
}

/* Whether the orphan is a migration that lacks ".up" only. */
static bool
lacks_up(const char *file)
{
	const char *underscore = strchr(file, '_');
	return ends_with(file, ".sql") && !ends_with(file, ".up.sql") &&
	       !ends_with(file, ".down.sql") && !ends_with(file, ".verify.sql") &&
	       underscore != NULL && underscore > file && strcmp(underscore, "_.sql") != 0;
}

static bool
version_taken(const struct validate *v, const char *version)
{
	if (migration_find(&v->set, version) != NULL)
		return true;
	for (size_t i = 0; i < v->result.renamed.count; i++) {
		const struct renamed_file *r = &v->result.renamed.items[i];
		size_t n = strcspn(r->to, "_");
		if (strcmp(r->status, "refused") != 0 && span_is(span_of(r->to, n), version))
			return true;
	}
	return false;
}

static const char *
rename_reason(struct validate *v, const struct renamed_file *r)
{
	struct arena *arena = &v->cli->arena;
	const char *version = arena_span(arena, span_of(r->from, strcspn(r->from, "_")));
	if (version_taken(v, version))
		return arena_printf(arena, "another file has the version %s", version);
	const char *from = arena_printf(arena, "%s/%s", v->dir, r->from);
	const char *to = arena_printf(arena, "%s/%s", v->dir, r->to);
	if (file_exists(to))
		return arena_printf(arena, "%s exists", r->to);
	if (v->dry_run || renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return NULL;
	if (errno == EINVAL && link(from, to) == 0)
		return unlink(from) == 0 ? NULL : strerror(errno);
	return strerror(errno);
}

static void
fix_names(struct validate *v)
{
	v->result.renamed.items = arena_array(&v->cli->arena, v->set.orphan_count + 1,
					      sizeof(*v->result.renamed.items));
	for (size_t i = 0; i < v->set.orphan_count; i++) {
		const char *file = v->set.orphans[i];
		if (!lacks_up(file))
			continue;
		struct renamed_file r = {.from = arena_str(&v->cli->arena, file)};
		r.to = arena_printf(&v->cli->arena, "%.*s.up.sql", (int)(strlen(file) - 4), file);
		r.reason = rename_reason(v, &r);
		r.status = r.reason != NULL ? "refused" : v->dry_run ? "would_rename" : "renamed";
		v->result.renamed.items[v->result.renamed.count++] = r;
	}
}

static bool
scan(struct validate *v, struct error *err)
{
	struct bundle_info bundle = {0};
	if (!bundle_scan(&v->cli->arena, v->dir, false, &bundle, err))
		return false;
	migration_set_build(&v->cli->arena, &bundle, &v->set);
	return true;
}

static void
fill_duplicates(struct validate *v)
{
	v->result.duplicate_versions.count = v->set.duplicate_count;
	v->result.duplicate_versions.items =
		arena_array(&v->cli->arena, v->set.duplicate_count + 1,
			    sizeof(*v->result.duplicate_versions.items));
	for (size_t i = 0; i < v->set.duplicate_count; i++) {
		struct duplicate_version *d = &v->result.duplicate_versions.items[i];
		d->version = v->set.duplicates[i].version;
		d->files.items = v->set.duplicates[i].files;
		d->files.count = v->set.duplicates[i].count;
	}
}

static const char *
status_word(const struct validate *v)
{
	bool clean = v->set.orphan_count == 0 && v->set.duplicate_count == 0;
	if (v->fix && v->dry_run)
		return "preview";
	if (v->fix && clean && v->result.renamed.count > 0)
		return "fixed";
	return clean ? "ok" : "issues_found";
}

static void
fill_hints(struct validate *v)
{
	if (v->fix || v->set.orphan_count == 0)
		return;
	struct hint *hint = arena_new(&v->cli->arena, struct hint);
	hint->code = "MIGR_120";
	hint->message =
		"confiture migrate validate --fix-naming --dry-run shows which of the stray "
		"files can be renamed";
	v->result.hints.items = hint;
	v->result.hints.count = 1;
}

static void
fill_result(struct validate *v)
{
	v->result.status = status_word(v);
	v->result.migrations_dir = v->dir;
	v->result.migration_count = (int64_t)v->set.count;
	v->result.orphaned_files.items = v->set.orphans;
	v->result.orphaned_files.count = v->set.orphan_count;
	fill_duplicates(v);
	fill_hints(v);
}

static void
say_renames(struct validate *v)
{
	struct cli *cli = v->cli;
	for (size_t i = 0; i < v->result.renamed.count; i++) {
		const struct renamed_file *r = &v->result.renamed.items[i];
		if (r->reason != NULL)
			cli_say(cli, "not renamed   %s: %s", cli_safe(cli, r->from),
				cli_safe(cli, r->reason));
		else
			cli_say(cli, "%s  %s -> %s", v->dry_run ? "would rename" : "renamed     ",
				cli_safe(cli, r->from), cli_safe(cli, r->to));
	}
	if (v->fix && v->result.renamed.count == 0)
		cli_say(cli, "no file to rename");
}

static void
say_result(struct validate *v)
{
	struct cli *cli = v->cli;
	say_renames(v);
	for (size_t i = 0; i < v->set.duplicate_count; i++) {
		const struct migration_duplicate *d = &v->set.duplicates[i];
		cli_say(cli, "%sduplicate%s     version %s:", cli_style(cli, cli->out, STYLE_RED),
			cli_style(cli, cli->out, STYLE_PLAIN), cli_safe(cli, d->version));
		for (size_t k = 0; k < d->count; k++)
			cli_say(cli, "                %s", cli_safe(cli, d->files[k]));
	}
	for (size_t i = 0; i < v->set.orphan_count; i++)
		cli_say(cli, "%sno migration%s  %s", cli_style(cli, cli->out, STYLE_YELLOW),
			cli_style(cli, cli->out, STYLE_PLAIN), cli_safe(cli, v->set.orphans[i]));
	cli_say(cli, "%zu migration%s in %s, %zu version%s twice, %zu stray file%s", v->set.count,
		v->set.count == 1 ? "" : "s", cli_safe(cli, v->dir), v->set.duplicate_count,
		v->set.duplicate_count == 1 ? "" : "s", v->set.orphan_count,
		v->set.orphan_count == 1 ? "" : "s");
	for (size_t i = 0; i < v->result.hints.count; i++)
		cli_note(cli, "hint: %s", v->result.hints.items[i].message);
}

int
cmd_migrate_validate(struct cli *cli, const struct args *args)
{
	struct validate v = {.cli = cli,
			     .dir = args_text(args, "migrations-dir"),
			     .fix = args_flag(args, "fix-naming"),
			     .dry_run = args_flag(args, "dry-run")};
	struct error err = {0};
	if (!scan(&v, &err))
		return cli_fail(cli, &err);
	if (v.fix)
		fix_names(&v);
	if (v.fix && !v.dry_run && v.result.renamed.count > 0 && !scan(&v, &err))
		return cli_fail(cli, &err);
	fill_result(&v);
	say_result(&v);
	cli_document(cli, &record_validate_result, &v.result);
	return v.set.duplicate_count > 0 ? 1 : 0;
}
