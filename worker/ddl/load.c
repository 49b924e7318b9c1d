/*
 * Rounds over the statements of a schema. Each statement is a transaction of its own, and hundreds
 * go in one round trip (pg_run_each()): what fails costs no more than itself, an enum's new value
 * can be used at once, and no transaction ever holds the locks of ten thousand tables. Measured on
 * 3000 statements this is as fast as one transaction for all.
 *
 * Files are gone through forwards, then backwards, and so on: a schema in the reverse of the order
 * that it needs is loaded in two rounds. Within a file the order always stays.
 */
#include "worker/ddl/load.h"

#include <stdio.h>
#include <string.h>

#include "ddl_sql.h"
#include "worker/ddl/items.h"

#include "shared/base/banned.h"

enum { BATCH_STATEMENTS = 256, BATCH_BYTES = 1024 * 1024, NOBODY = UINT32_MAX };

static const char clean_session[] = "RESET SESSION AUTHORIZATION; RESET ALL";

struct loader {
	struct pg_conn *c;
	struct ddl_items *items;
	/* the batch; an item NOBODY is a statement of ours */
	struct span sql[BATCH_STATEMENTS];
	uint32_t item[BATCH_STATEMENTS];
	size_t batched, bytes, answered;
	/* where the session stands once the batch has run */
	uint32_t file;	  /* whose settings it has; NOBODY */
	size_t at;	  /* settings before this item are made */
	uint32_t expires; /* the first item that a SET LOCAL does not reach any more */
	bool altered;	  /* it is not as load_settings leaves it */
	/* the round */
	bool late;  /* DDL_LATE too */
	bool moved; /* something ran that had not */
	size_t left;
	uint32_t refused_in; /* the file of the last refusal */
	struct ddl_roles new_roles, new_spaces;
	/* why it cannot go on */
	bool stopped;
	struct error stop;
};

/* ---- what the server says ---- */

static void
put_refusal(struct loader *l, struct ddl_item *item, const struct error *err)
{
	struct arena *arena = l->items->arena;
	struct ddl_refusal *r = item->refusal;

	if (r == NULL)
		r = item->refusal = arena_new(arena, struct ddl_refusal);
	snprintf(r->sqlstate, sizeof(r->sqlstate), "%s", err->sqlstate);
	r->position = err->at.column;
	if (r->words == NULL || strcmp(r->words, err->cause) != 0)
		r->words = arena_str(arena, err->cause);
	r->fate = ddl_fate_of(r->sqlstate);
	/* What it drops may be made by one before it that waits; by one behind it would be wrong.
	 */
	if ((item->flags & DDL_DROPS) && r->fate == DDL_WAITS && l->refused_in != item->file)
		r->fate = DDL_WRONG;
}

/* What a server of our own lacks can be made: a role that only a body names, a tablespace. Such a
 * server speaks English: role "x" does not exist. */
static void
note_missing(struct loader *l, const struct error *err, const char *kind, struct ddl_roles *out)
{
	static const char after[] = "\" does not exist";
	const char *end = strstr(err->cause, after);
	size_t len = strlen(kind);
	char name[256];

	if (!l->items->own_server || end == NULL || strncmp(err->cause, kind, len) != 0 ||
	    strncmp(err->cause + len, " \"", 2) != 0)
		return;
	const char *start = err->cause + len + 2;
	snprintf(name, sizeof(name), "%.*s", (int)(end - start), start);
	ddl_roles_add(out, name);
}

static void
take_answer(struct loader *l, struct ddl_item *item, const struct error *err)
{
	bool known = err != NULL && item->known != NULL && strcmp(err->sqlstate, item->known) == 0;

	if (err == NULL || known) {
		item->refusal = NULL;
		if (item->pending) {
			item->pending = false;
			l->moved = true;
			l->left--;
			l->items->report->statements++;
		}
		return;
	}
	put_refusal(l, item, err);
	note_missing(l, err, "role", &l->new_roles);
	note_missing(l, err, "tablespace", &l->new_spaces);
	l->refused_in = item->file;
	if (item->pending && item->refusal->fate == DDL_WRONG)
		l->left--;
	if (item->refusal->fate == DDL_IMPOSSIBLE && !l->stopped) {
		l->stopped = true;
		l->stop = *err;
		error_at(&l->stop, l->items->files[item->file].path, item->piece.line,
			 item->piece.column);
	}
}

static void
on_answer(void *self, size_t index, const struct error *err)
{
	struct loader *l = self;

	l->answered = index + 1;
	if (l->item[index] != NOBODY) {
		take_answer(l, &l->items->items[l->item[index]], err);
	} else if (err != NULL && !l->stopped) {
		l->stopped = true;
		l->stop = *err;
		error_wrap(&l->stop, "preparing the session for a schema file");
	}
}

/* ---- sending ---- */

/* The connection is gone: the first statement without an answer is the one to look at. */
static bool
lost(struct loader *l, struct error *err)
{
	uint32_t item = l->answered < l->batched ? l->item[l->answered] : NOBODY;

	if (item != NOBODY)
		error_at(err, l->items->files[l->items->items[item].file].path,
			 l->items->items[item].piece.line, l->items->items[item].piece.column);
	return false;
}

static bool
flush(struct loader *l, struct error *err)
{
	struct pg_each_sink sink = {on_answer, l};

	l->answered = 0;
	if (!pg_run_each(l->c, l->sql, l->batched, &sink, err))
		return lost(l, err);
	l->batched = l->bytes = 0;
	if (!l->stopped)
		return true;
	if (err != NULL)
		*err = l->stop;
	return false;
}

static bool
put(struct loader *l, struct span sql, uint32_t item, struct error *err)
{
	if ((l->batched == BATCH_STATEMENTS || l->bytes > BATCH_BYTES) && !flush(l, err))
		return false;
	l->sql[l->batched] = sql;
	l->item[l->batched++] = item;
	l->bytes += sql.len;
	return true;
}

/* ---- the session ---- */

static bool
reset(struct loader *l, struct error *err)
{
	l->altered = false;
	return put(l, span_str("RESET SESSION AUTHORIZATION"), NOBODY, err) &&
	       put(l, span_str("RESET ALL"), NOBODY, err) &&
	       put(l, span_str(ddl_sql_load_settings), NOBODY, err);
}

/* Makes the settings that hold where item `i` stands in its file. */
static bool
stand_at(struct loader *l, uint32_t file, size_t i, struct error *err)
{
	if (l->file != file || i < l->at || i >= l->expires) {
		if (l->altered && !reset(l, err))
			return false;
		l->file = file;
		l->at = l->items->first[file];
		l->expires = NOBODY;
	}
	for (; l->at < i; l->at++) {
		const struct ddl_item *item = &l->items->items[l->at];
		if (item->way != DDL_STATE || item->until <= i)
			continue;
		l->altered = true;
		l->expires = item->until < l->expires ? item->until : l->expires;
		if (!put(l, item->sql, (uint32_t)l->at, err))
			return false;
	}
	return true;
}

static bool
run_item(struct loader *l, size_t i, struct error *err)
{
	const struct ddl_item *item = &l->items->items[i];

	if (!stand_at(l, item->file, item->stand, err) || !put(l, item->sql, (uint32_t)i, err))
		return false;
	l->altered = l->altered || (item->flags & DDL_CALLS);
	return true;
}

/* ---- rounds ---- */

static bool
run_items(struct loader *l, size_t from, size_t to, struct error *err)
{
	for (size_t i = from; i < to; i++) {
		const struct ddl_item *item = &l->items->items[i];
		bool wrong = item->refusal != NULL && item->refusal->fate == DDL_WRONG;

		if (item->pending && !wrong && (l->late || item->way != DDL_LATE) &&
		    !run_item(l, i, err))
			return false;
	}
	return true;
}

static bool
run_round(struct loader *l, struct error *err)
{
	size_t files = l->items->file_count, *first = l->items->first;
	bool forwards = l->items->report->rounds++ % 2 == 0;

	l->moved = false;
	l->refused_in = NOBODY;
	for (size_t n = 0; n < files; n++) {
		size_t f = forwards ? n : files - 1 - n;
		if (!run_items(l, first[f], first[f + 1], err))
			return false;
	}
	if (!run_items(l, first[files], l->items->count, err) || !flush(l, err))
		return false;
	if (l->new_roles.count + l->new_spaces.count == 0)
		return true;
	/* the last file may have left us in another role */
	l->altered = true;
	l->file = NOBODY;
	if (!pg_script(l->c, clean_session, err))
		return false;
	l->moved = l->moved || l->new_roles.count > 0;
	if (ddl_make_tablespaces(l->c, l->items, &l->new_spaces))
		l->moved = true;
	return ddl_make_roles(l->c, l->items, &l->new_roles, NULL, err);
}

static bool
run_rounds(struct loader *l, struct error *err)
{
	l->moved = true;
	while (l->moved && l->left > 0) {
		if (!run_round(l, err))
			return false;
	}
	return true;
}

/* Until nothing moves; then without the keys that may be why; at last with what comes last. */
static bool
run_all(struct loader *l, struct error *err)
{
	for (size_t i = 0; i < l->items->count; i++)
		l->left += l->items->items[i].pending ? 1 : 0;
	l->altered = true;
	if (!run_rounds(l, err))
		return false;
	size_t keys = l->left > 0 ? ddl_items_cut_keys(l->items) : 0;
	l->left += keys;
	if (keys > 0 && !run_rounds(l, err))
		return false;
	l->late = true;
	return run_rounds(l, err);
}

static bool
is_loaded(const struct ddl_items *items)
{
	for (size_t i = 0; i < items->count; i++) {
		if (items->items[i].pending || items->items[i].refusal != NULL)
			return false;
	}
	return true;
}

/* Settings that a newer or older server knows are no reason to fail: dumps are full of them. */
static void
forgive_settings(struct ddl_items *items)
{
	for (size_t i = 0; i < items->count; i++) {
		struct ddl_item *item = &items->items[i];

		if (item->way != DDL_STATE || item->refusal == NULL ||
		    strcmp(item->refusal->sqlstate, "42704") != 0)
			continue;
		ddl_note(items, item->file, item->piece.line, "%s: %s",
			 ddl_item_words(items->arena, item), item->refusal->words);
		item->refusal = NULL;
	}
}

bool
ddl_load(struct pg_conn *c, const struct ddl_file *files, size_t count,
	 const struct ddl_load_options *options, struct arena *arena, struct ddl_report *report,
	 struct error *err)
{
	struct ddl_items items = {.arena = arena,
				  .files = files,
				  .file_count = count,
				  .own_server = options->own_server,
				  .missing.arena = arena,
				  .report = report};
	struct loader *l = arena_new(arena, struct loader);

	*report = (struct ddl_report){0};
	l->c = c;
	l->items = &items;
	l->file = l->expires = NOBODY;
	l->new_roles.arena = l->new_spaces.arena = arena;
	if (!ddl_items_read(&items, err) || !ddl_prepare_roles(c, &items, err) ||
	    !run_all(l, err) || !pg_script(c, clean_session, err))
		return false;
	forgive_settings(&items);
	return is_loaded(&items) || ddl_blame(&items, err);
}
