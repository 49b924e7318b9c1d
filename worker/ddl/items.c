/* From files to statements that will be run. What is left out here is never sent anywhere. */
#include "worker/ddl/items.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "shared/sql/mask.h"
#include "worker/ddl/rewrite.h"

#include "shared/base/banned.h"

enum { SHOWN_BYTES = 72, MASKED_BYTES = 4096, FOREVER = UINT32_MAX };

/* ---- words for people ---- */

/* At most `most` bytes of it, and no half character. */
static struct span
beginning(struct span s, size_t most)
{
	size_t len = s.len < most ? s.len : most;

	while (len < s.len && len > 0 && ((unsigned char)s.ptr[len] & 0xc0) == 0x80)
		len--;
	return span_of(s.ptr, len);
}

const char *
ddl_item_words(struct arena *arena, const struct ddl_item *item)
{
	/* passwords stand in statements about roles, user mappings, subscriptions */
	struct span all = beginning(item->piece.text, MASKED_BYTES);
	const char *masked = sql_mask_secrets(arena, arena_span(arena, all));
	struct span s = beginning(span_str(masked), SHOWN_BYTES);
	char *words = arena_alloc(arena, s.len + sizeof("…")), *to = words;
	bool space = false;

	for (size_t i = 0; i < s.len; i++) {
		bool now = (unsigned char)s.ptr[i] <= ' ';
		if (!now || !space)
			*to++ = now ? ' ' : s.ptr[i];
		space = now;
	}
	if (masked[s.len] != '\0' || all.len < item->piece.text.len)
		memcpy(to, "…", sizeof("…"));
	return words;
}

void
ddl_note(struct ddl_items *items, uint32_t file, uint32_t line, const char *fmt, ...)
{
	struct ddl_report *r = items->report;
	va_list ap;

	if (r->note_count == DDL_NOTES_MOST) {
		r->notes_dropped++;
		return;
	}
	if (r->notes == NULL)
		r->notes = arena_array(items->arena, DDL_NOTES_MOST, sizeof(*r->notes));
	va_start(ap, fmt);
	r->notes[r->note_count++] = (struct ddl_note){
		.file = items->files[file].path,
		.line = line,
		.words = arena_vprintf(items->arena, fmt, ap),
	};
	va_end(ap);
}

/* ---- reading ---- */

static bool
give_bytes(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct span *left = self;

	(void)err;
	*got = left->len < size ? left->len : size;
	if (*got > 0)
		memcpy(buf, left->ptr, *got);
	*left = span_of(left->ptr + *got, left->len - *got);
	return true;
}

struct sql_source
ddl_text_source(struct span *left)
{
	return (struct sql_source){give_bytes, left};
}

/* Whose commands of psql are noted. */
struct reader {
	struct ddl_items *items;
	uint32_t file;
};

static void
note_command(void *self, struct span text, uint32_t line)
{
	struct reader *r = self;

	ddl_note(r->items, r->file, line, "a command of psql is passed over: %.*s", (int)text.len,
		 text.ptr);
}

/* The splitter's errors are named for migrations. */
static bool
as_schema_error(struct error *err)
{
	struct error was = *err;

	error_set(err, E_SCHEMA_200, "%s", was.message);
	snprintf(err->cause, sizeof(err->cause), "%s", was.cause);
	err->at = was.at;
	if (error_is(&was, E_MIGR_108) || error_is(&was, E_MIGR_109))
		error_hint(err, "%s", was.code->remedy);
	return false;
}

/* A SET LOCAL ends with its transaction. */
static void
end_local(struct ddl_items *items, uint32_t file)
{
	for (size_t i = items->count; i > items->first[file]; i--) {
		struct ddl_item *item = &items->items[i - 1];
		if ((item->flags & DDL_LOCAL) && item->until == FOREVER)
			item->until = (uint32_t)items->count;
	}
}

/* Whether it is run; counts and notes what is not. */
static bool
is_kept(struct ddl_items *items, const struct ddl_item *item)
{
	bool beyond = item->way == DDL_BEYOND || item->way == DDL_ROLES;

	if (item->way == DDL_DATA)
		items->report->rows_passed++;
	if (item->way == DDL_RUN || item->way == DDL_LATE || item->way == DDL_STATE ||
	    (item->way == DDL_ROLES && items->own_server))
		return true;
	if (item->way == DDL_ROLES || (item->flags & DDL_NOTED))
		ddl_note(items, item->file, item->piece.line, "%s: %s",
			 beyond ? "passed over, because it reaches beyond the database"
				: "passed over, because each statement is loaded by itself",
			 ddl_item_words(items->arena, item));
	if (item->flags & DDL_COMMITS)
		end_local(items, item->file);
	return false;
}

static void
take(struct ddl_items *items, uint32_t file, const struct sql_piece *piece)
{
	struct ddl_judgement j = ddl_judge(piece->text);
	struct ddl_item item = {.piece = *piece,
				.file = file,
				.stand = (uint32_t)items->count,
				.until = FOREVER,
				.way = j.way,
				.flags = j.flags,
				.known = j.known};

	/* the splitter's own bytes go with its next step */
	item.piece.text.ptr = items->files[file].text.ptr + piece->offset;
	if (!is_kept(items, &item))
		return;
	item.sql = ddl_rewrite(items->arena, item.piece.text, item.flags);
	item.pending = item.way != DDL_STATE;
	items->items = arena_grow(items->arena, items->items, items->count, &items->cap,
				  sizeof(*items->items));
	items->items[items->count++] = item;
	items->report->calls += (item.flags & DDL_CALLS) != 0;
}

static bool
read_file(struct ddl_items *items, uint32_t file, struct error *err)
{
	struct reader r = {.items = items, .file = file};
	struct span left = items->files[file].text;
	struct sql_splitter *s = sql_splitter_new(items->files[file].path, ddl_text_source(&left));
	struct sql_piece piece;
	bool end = false, ok;

	sql_splitter_pass_commands(s, (struct sql_commands){note_command, &r});
	while ((ok = sql_splitter_next(s, &piece, &end, err)) && !end)
		take(items, file, &piece);
	sql_splitter_free(s);
	return ok || as_schema_error(err);
}

bool
ddl_items_read(struct ddl_items *items, struct error *err)
{
	items->first = arena_array(items->arena, items->file_count + 1, sizeof(*items->first));
	for (size_t f = 0; f < items->file_count; f++) {
		items->first[f] = items->count;
		if (!read_file(items, (uint32_t)f, err))
			return false;
	}
	items->first[items->file_count] = items->count;
	return true;
}
