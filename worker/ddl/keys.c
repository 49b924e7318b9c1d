/*
 * Tables whose foreign keys go in a circle: no order of the statements helps, so the keys are taken
 * out and added by ALTER TABLE once the tables are there. Names and all else come out the same.
 */
#include <string.h>

#include "shared/base/text.h"
#include "shared/sql/foreign_keys.h"
#include "worker/ddl/items.h"

#include "shared/base/banned.h"

static struct span
without_keys(struct arena *arena, struct span sql, const struct sql_foreign_keys *keys)
{
	char *copy = arena_span(arena, sql);

	/* spaces, so that positions stay; line ends stay too */
	for (size_t i = 0; i < keys->cut_count; i++) {
		for (size_t at = keys->cuts[i].start; at < keys->cuts[i].end; at++)
			copy[at] = copy[at] == '\n' ? '\n' : ' ';
	}
	return span_of(copy, sql.len);
}

/* The key as a statement. Its text, for people, is what stands in the table. */
static struct ddl_item
key_item(struct arena *arena, const struct ddl_item *table, const struct sql_foreign_keys *keys,
	 const struct sql_foreign_key *key)
{
	struct ddl_item item = *table;
	struct span text = table->piece.text;
	size_t end = text.len;

	for (size_t i = 0; i < keys->cut_count; i++) {
		if (keys->cuts[i].start <= key->start && key->start < keys->cuts[i].end)
			end = keys->cuts[i].end;
	}
	sql_piece_at(&table->piece, key->start, &item.piece.line, &item.piece.column);
	item.piece.text = span_of(text.ptr + key->start, end - key->start);
	item.sql = span_str(arena_printf(arena, "ALTER TABLE %s ADD %s%s%s%s", keys->table,
					 key->name != NULL ? "CONSTRAINT " : "",
					 key->name != NULL ? key->name : "",
					 key->name != NULL ? " " : "", key->clause));
	item.refusal = NULL;
	return item;
}

static void
append(struct ddl_items *items, struct ddl_item item)
{
	items->items = arena_grow(items->arena, items->items, items->count, &items->cap,
				  sizeof(*items->items));
	items->items[items->count++] = item;
}

size_t
ddl_items_cut_keys(struct ddl_items *items)
{
	size_t before = items->count;

	for (size_t i = 0; i < before; i++) {
		struct ddl_item *table = &items->items[i];
		struct sql_foreign_keys keys = {0};

		if (!table->pending || table->refusal == NULL ||
		    strcmp(table->refusal->sqlstate, "42P01") != 0 ||
		    sql_foreign_keys_of(items->arena, table->piece.text, &keys) != SQL_KEYS_FOUND)
			continue;
		table->sql = without_keys(items->arena, table->piece.text, &keys);
		ddl_note(items, table->file, table->piece.line,
			 "its foreign keys are added last, since no order suits them: %s",
			 ddl_item_words(items->arena, table));
		for (size_t k = 0; k < keys.count; k++)
			append(items,
			       key_item(items->arena, &items->items[i], &keys, &keys.items[k]));
	}
	return items->count - before;
}
