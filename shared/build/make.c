/*
 * One pass over each file: is it text, does it end where its statements do, and which foreign keys
 * go to the end. The splitter that cuts migrations reads here too, so that a comment is what
 * PostgreSQL takes for one: not what stands in a string, after --, in a dollar quote or in the data
 * of a COPY.
 */
#include <string.h>

#include "shared/build/build.h"
#include "shared/sql/scan.h"

#include "shared/base/banned.h"

struct maker {
	struct arena *arena;
	const struct build_rules *rules;
	struct build *b;
	const char *path;  /* the statement that set search_path last; NULL: none */
	const char **keys; /* names that keys of this build have */
	size_t key_count, key_cap;
	struct error open; /* the first file that ends too late; code NULL: none does */
	size_t open_count;
};

/* ---- what is noticed ---- */

static void
warn(struct maker *m, const char *text)
{
	struct build *b = m->b;

	b->warnings = arena_grow(m->arena, b->warnings, b->warning_count, &b->warning_cap,
				 sizeof(*b->warnings));
	b->warnings[b->warning_count++] = text;
}

/* The splitter's errors are about migrations; their words and places are not. */
static bool
as_schema(struct error *err)
{
	if (err != NULL)
		err->code = error_code(E_SCHEMA_200);
	return false;
}

/* The message without the file's name, which its place says too. */
static const char *
bare(const struct error *why)
{
	size_t len = strlen(why->at.file);
	bool named = strncmp(why->message, why->at.file, len) == 0 &&
		     strncmp(why->message + len, ": ", 2) == 0;

	return why->message + (named ? len + 2 : 0);
}

/* A file that ends inside a comment, a string or the like. */
static void
note_open(struct maker *m, size_t file, const struct error *why)
{
	const struct build_rules *rules = m->rules;
	bool follows = file + 1 < m->b->count;
	bool fails =
		rules->check && (rules->fail_on_unclosed || (follows && rules->fail_on_spillover));

	if (!fails) {
		warn(m, arena_printf(m->arena, "%s:%u:%u: %s%s", why->at.file, why->at.line,
				     why->at.column, bare(why),
				     follows ? ", and what follows is inside it too" : ""));
		return;
	}
	if (m->open_count++ == 0) {
		m->open = *why;
		if (follows)
			error_cause(&m->open, "the build would go on inside it with %s",
				    m->b->files[file + 1].shown);
	}
}

static bool
say_open(struct maker *m, struct error *err)
{
	if (m->open_count == 0)
		return true;
	if (err != NULL)
		*err = m->open;
	if (m->open_count > 1)
		error_detail_int(err, "files", (int64_t)m->open_count);
	return as_schema(err);
}

/* ---- foreign keys ---- */

static bool
is_taken(const struct maker *m, const char *name)
{
	for (size_t i = 0; i < m->key_count; i++) {
		if (strcmp(m->keys[i], name) == 0)
			return true;
	}
	return false;
}

static void
take_name(struct maker *m, const char *name)
{
	m->keys = arena_grow(m->arena, m->keys, m->key_count, &m->key_cap, sizeof(*m->keys));
	m->keys[m->key_count++] = name;
}

static void
add_late(struct maker *m, const struct build_late *late)
{
	struct build *b = m->b;

	b->late = arena_grow(m->arena, b->late, b->late_count, &b->late_cap, sizeof(*b->late));
	b->late[b->late_count++] = *late;
}

static void
add_cut(struct maker *m, struct build_file *f, size_t start, size_t end)
{
	f->cuts = arena_grow(m->arena, f->cuts, f->cut_count, &f->cut_cap, sizeof(*f->cuts));
	f->cuts[f->cut_count++] = (struct sql_cut){start, end};
}

/* A key gets the name that it would have had, unless another has it: then the server chooses. */
static void
add_key(struct maker *m, const struct build_file *f, const struct sql_piece *piece,
	const char *table, const struct sql_foreign_key *key)
{
	const char *name = key->name;
	struct build_late late = {.file = f, .path = m->path};

	if (name == NULL && key->chosen != NULL && !is_taken(m, key->plain))
		name = key->chosen;
	if (name != NULL)
		take_name(m, key->plain);
	late.sql = arena_printf(m->arena, "ALTER TABLE %s\n    ADD %s%s%s%s", table,
				name ? "CONSTRAINT " : "", name ? name : "", name ? "\n    " : "",
				key->clause);
	sql_piece_at(piece, key->start, &late.line, &late.column);
	add_late(m, &late);
}

/* Up to the semicolon that ends it, if nothing stands before that. */
static size_t
end_of(const struct build_file *f, size_t end)
{
	size_t at = end;

	while (at < f->bytes.len && strchr(" \t\r\n", f->bytes.ptr[at]) != NULL)
		at++;
	return at < f->bytes.len && f->bytes.ptr[at] == ';' ? at + 1 : end;
}

static void
move_comment(struct maker *m, struct build_file *f, const struct sql_piece *piece)
{
	struct build_late late = {.sql = arena_span(m->arena, piece->text),
				  .file = f,
				  .line = piece->line,
				  .column = piece->column,
				  .path = m->path};

	add_late(m, &late);
	add_cut(m, f, piece->offset, end_of(f, piece->offset + piece->text.len));
}

static void
move_keys(struct maker *m, struct build_file *f, const struct sql_piece *piece)
{
	struct sql_foreign_keys keys;
	const char *constraint;
	enum sql_late_note note = sql_late_note_of(m->arena, piece->text, &constraint);

	if (note == SQL_LATE_PATH)
		m->path = arena_span(m->arena, piece->text);
	if (note == SQL_LATE_COMMENT && is_taken(m, constraint))
		move_comment(m, f, piece);
	switch (sql_foreign_keys_of(m->arena, piece->text, &keys)) {
	case SQL_KEYS_UNREAD:
		warn(m, arena_printf(m->arena,
				     "%s:%u: foreign keys of this table stay where they are: the "
				     "statement is none of PostgreSQL 15",
				     f->shown, piece->line));
		return;
	case SQL_KEYS_NONE:
		return;
	case SQL_KEYS_FOUND:
		break;
	}
	for (size_t i = 0; i < keys.count; i++)
		add_key(m, f, piece, keys.table, &keys.items[i]);
	for (size_t i = 0; i < keys.cut_count; i++)
		add_cut(m, f, piece->offset + keys.cuts[i].start, piece->offset + keys.cuts[i].end);
}

static bool
same_path(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Names are found as they were where the key was written. */
static void
set_paths(struct maker *m)
{
	const struct build found = *m->b;
	const char *now = m->path;

	m->b->late = NULL;
	m->b->late_count = m->b->late_cap = 0;
	for (size_t i = 0; i < found.late_count; i++) {
		struct build_late set = found.late[i];
		set.sql = set.path != NULL ? set.path : "RESET search_path";
		if (!same_path(set.path, now))
			add_late(m, &set);
		now = set.path;
		add_late(m, &found.late[i]);
	}
}

/* ---- one file ---- */

static bool
ends_without_semicolon(const struct build_file *f, size_t end)
{
	struct sql_window w;
	struct scan_token token;

	window_over(&w, span_of(f->bytes.ptr + end, f->bytes.len - end));
	return scan_trivia(&w, &token) != SCAN_OTHER;
}

static bool
read_statements(struct maker *m, struct build_file *f, struct sql_splitter *s, struct error *err)
{
	struct sql_piece piece;
	size_t end_at = 0;
	bool end = false, data = true;

	for (;;) {
		if (!sql_splitter_next(s, &piece, &end, err))
			return false;
		if (end)
			break;
		data = piece.copy_data;
		end_at = piece.offset + piece.text.len;
		if (m->rules->two_pass)
			move_keys(m, f, &piece);
	}
	f->unfinished = !data && ends_without_semicolon(f, end_at);
	return true;
}

static bool
read_bytes(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct build_source *source = self;
	const struct build_file *f = source->file;
	size_t left = f->bytes.len - source->at;

	(void)err;
	*got = size < left ? size : left;
	if (*got > 0)
		memcpy(buf, f->bytes.ptr + source->at, *got);
	source->at += *got;
	return true;
}

static bool
read_file(struct maker *m, size_t index, struct error *err)
{
	struct build_file *f = &m->b->files[index];
	struct build_source source = {.file = f};
	struct error why = {0};
	struct sql_splitter *s =
		sql_splitter_new(f->shown, (struct sql_source){read_bytes, &source});

	sql_splitter_allow_psql(s);
	bool ok = read_statements(m, f, s, &why);
	sql_splitter_free(s);
	if (ok)
		return true;
	if (error_is(&why, E_MIGR_109)) {
		note_open(m, index, &why);
		return true;
	}
	if (err != NULL)
		*err = why;
	return as_schema(err);
}

/* ---- all of them ---- */

static bool
no_files(const struct build_rules *rules, struct error *err)
{
	error_set(err, E_SCHEMA_001, "there are no SQL files in %s%s%s",
		  rules->dir_count > 0 ? rules->dirs[0].path : "include_dirs",
		  rules->dir_count > 1 ? " and the other folders of include_dirs" : "",
		  rules->schema_only ? " but seeds" : "");
	error_hint(err, "write .sql files there, or mend include_dirs and its patterns");
	return false;
}

bool
build_make(struct arena *arena, const struct build_rules *rules, struct build_file *files,
	   size_t count, struct build *out, struct error *err)
{
	struct maker m = {.arena = arena, .rules = rules, .b = out};

	*out = (struct build){.files = files, .count = count};
	if (count > 0)
		build_arrange(arena, rules, out);
	if (out->count == 0)
		return no_files(rules, err);
	for (size_t i = 0; i < out->count; i++) {
		if (!read_file(&m, i, err))
			return false;
	}
	if (!say_open(&m, err))
		return false;
	set_paths(&m);
	build_hash(out->files, out->count, out->hash);
	return true;
}

/* ---- for who runs the statements ---- */

static bool
read_blanked(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct build_source *source = self;
	const struct build_file *f = source->file;
	size_t from = source->at;

	if (!read_bytes(self, buf, size, got, err))
		return false;
	while (source->cut < f->cut_count && f->cuts[source->cut].end <= from)
		source->cut++;
	for (size_t c = source->cut; c < f->cut_count && f->cuts[c].start < from + *got; c++) {
		for (size_t at = f->cuts[c].start; at < f->cuts[c].end; at++) {
			if (at >= from && at < from + *got && buf[at - from] != '\n')
				buf[at - from] = ' ';
		}
	}
	return true;
}

struct sql_source
build_source(struct build_source *self, const struct build_file *file)
{
	*self = (struct build_source){.file = file};
	return (struct sql_source){read_blanked, self};
}
