/* The splitter's work made comparable: everything it says about a text becomes one line. */
#include "tests/support/sql_feed.h"

#include <string.h>

#include "shared/base/banned.h"

static bool
feed_read(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct sql_feed *feed = self;
	size_t left = feed->bytes.len - feed->at;

	if (feed->fail_after > 0 && feed->at >= feed->fail_after)
		return error_set(err, E_MIGR_102, "the disk is gone");
	*got = left < feed->step ? left : feed->step;
	if (*got > size)
		*got = size;
	if (*got > 0)
		memcpy(buf, feed->bytes.ptr + feed->at, *got);
	feed->at += *got;
	return true;
}

struct sql_source
sql_feed_source(struct sql_feed *feed)
{
	return (struct sql_source){feed_read, feed};
}

static bool
print_copy(struct sql_splitter *s, struct text *out, struct error *err)
{
	struct span data;

	text_put(out, "<");
	do {
		if (!sql_splitter_copy(s, &data, err))
			return false;
		text_put_span(out, data);
	} while (data.len > 0);
	text_put(out, ">");
	return true;
}

static bool
print_all(struct sql_splitter *s, bool places, struct text *out, struct error *err)
{
	struct sql_piece piece;
	bool end;

	for (;;) {
		if (!sql_splitter_next(s, &piece, &end, err))
			return false;
		if (end)
			return true;
		if (out->len > 0)
			text_put(out, " | ");
		if (places)
			text_printf(out, "%u@%u:%u+%llu ", piece.number, piece.line, piece.column,
				    (unsigned long long)piece.offset);
		text_put_span(out, piece.text);
		if (piece.copy_data && !print_copy(s, out, err))
			return false;
	}
}

void
sql_feed_print(struct span bytes, size_t step, bool places, struct text *out)
{
	struct sql_feed feed = {.bytes = bytes, .step = step};
	struct sql_splitter *s = sql_splitter_new("f.sql", sql_feed_source(&feed));
	struct error err = {0};

	text_init(out, 0);
	if (!print_all(s, places, out, &err))
		text_printf(out, " !%s@%u:%u", err.code->name, err.at.line, err.at.column);
	sql_splitter_free(s);
}
