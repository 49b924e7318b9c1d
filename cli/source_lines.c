/*
 * Statement text for people. The journal and the wire carry file and line only, so that no data of
 * a migration is kept twice; whoever sits in the project has the files and can look.
 */
#include "cli/source_lines.h"

#include <string.h>

#include "shared/migration/migration.h"

#include "shared/base/banned.h"

enum { SHOWN = 200 };

void
source_lines_init(struct source_lines *s, const char *dir)
{
	*s = (struct source_lines){.dir = dir};
}

void
source_lines_fini(struct source_lines *s)
{
	if (s->file != NULL)
		fclose(s->file);
	s->file = NULL;
}

static void
open_file(struct source_lines *s, const char *file)
{
	char path[4352];

	source_lines_fini(s);
	snprintf(s->name, sizeof(s->name), "%s", file);
	snprintf(path, sizeof(path), "%s/%s", s->dir, file);
	s->file = fopen(path, "re");
	s->next = 1;
}

/* Reads one line whatever its length, and keeps its beginning. */
static bool
read_line(struct source_lines *s)
{
	if (fgets(s->line, sizeof(s->line), s->file) == NULL)
		return false;
	for (char rest[4096]; strchr(s->line, '\n') == NULL;) {
		if (fgets(rest, sizeof(rest), s->file) == NULL || strchr(rest, '\n') != NULL)
			break;
	}
	s->next++;
	return true;
}

static const char *
trimmed(char *line)
{
	size_t len = strlen(line);

	while (len > 0 && strchr(" \t\r\n", line[len - 1]) != NULL)
		line[--len] = '\0';
	return line + strspn(line, " \t");
}

const char *
source_lines_at(struct source_lines *s, const char *file, int64_t line)
{
	if (s->dir == NULL || strchr(file, '/') != NULL)
		return "";
	if (s->file == NULL || strcmp(s->name, file) != 0 || line < s->next)
		open_file(s, file);
	while (s->file != NULL && s->next <= line) {
		if (!read_line(s))
			return "";
	}
	return s->file != NULL ? trimmed(s->line) : "";
}

/* ---- preflight ---- */

struct fill {
	struct arena *arena;
	struct preflight_migration *to;
	size_t next; /* statements come in the order of the file */
};

/* At most SHOWN characters, never a half one. */
static size_t
cut(struct span text)
{
	size_t at = 0, characters = 0;

	while (at < text.len && characters < SHOWN) {
		at++;
		while (at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80)
			at++;
		characters++;
	}
	return at;
}

static bool
take_statement(void *self, const struct body_statement *st, struct error *err)
{
	struct fill *f = self;

	(void)err;
	while (f->next < f->to->statements.count &&
	       f->to->statements.items[f->next].line < (int64_t)st->piece.line)
		f->next++;
	if (f->next >= f->to->statements.count)
		return true;
	struct preflight_statement *to = &f->to->statements.items[f->next];
	if (to->line != (int64_t)st->piece.line)
		return true;
	if (to->sql == NULL)
		to->sql = arena_span(f->arena, span_of(st->piece.text.ptr, cut(st->piece.text)));
	f->next++;
	return true;
}

void
preflight_fill_sql(struct arena *arena, const char *dir, const struct migration_set *set,
		   struct preflight_result *result)
{
	struct bundle_source *source = bundle_source_directory(dir);

	for (size_t i = 0; i < result->migrations.count; i++) {
		struct preflight_migration *m = &result->migrations.items[i];
		const struct migration *file = migration_find(set, m->version);
		struct fill f = {arena, m, 0};
		struct body_plan plan;
		struct error ignored = {0};

		if (m->statements.count == 0 || file == NULL || file->python)
			continue;
		/* A file that is refused is reported elsewhere; what was read until then stays. */
		if (!body_check(source, file->file, NULL, take_statement, &f, &plan, &ignored))
			continue;
	}
	bundle_source_free(source);
}
