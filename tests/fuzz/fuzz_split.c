/* The splitter under any bytes: pieces are what stands at their offset, the size of reads changes
 * nothing, and where PostgreSQL's parser takes the whole text it sees the same statements. */
#include <string.h>

#include "shared/sql/split.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/sql_differential.h"
#include "tests/support/sql_feed.h"

#include "shared/base/banned.h"

static void
check_pieces(struct span input)
{
	struct sql_feed feed = {.bytes = input, .step = 4096};
	struct sql_splitter *s = sql_splitter_new("f.sql", sql_feed_source(&feed));
	struct sql_piece piece;
	struct error err = {0};
	uint64_t last = 0;
	uint32_t number = 0, line, column;
	bool end = false;

	while (sql_splitter_next(s, &piece, &end, &err) && !end) {
		FUZZ_CHECK(piece.offset >= last && piece.offset + piece.text.len <= input.len);
		FUZZ_CHECK(piece.text.len > 0 && piece.number == ++number);
		FUZZ_CHECK(memcmp(piece.text.ptr, input.ptr + piece.offset, piece.text.len) == 0);
		sql_piece_at(&piece, piece.text.len, &line, &column);
		FUZZ_CHECK(line >= piece.line && column > 0);
		last = piece.offset + piece.text.len;
	}
	if (!end)
		FUZZ_CHECK(err.code != NULL && err.at.line > 0 && err.at.column > 0);
	sql_splitter_free(s);
}

static void
check_steps(struct span input)
{
	struct text whole, bytewise;

	sql_feed_print(input, 64 * 1024, true, &whole);
	sql_feed_print(input, 1, true, &bytewise);
	FUZZ_CHECK(span_equal(text_span(&whole), text_span(&bytewise)));
	text_fini(&bytewise);
	text_fini(&whole);
}

static void
check_parser(struct span input)
{
	struct text why;
	enum sql_agreement agreement = sql_split_compare(input, &why);

	if (agreement == SQL_DISAGREES)
		fprintf(stderr, "%s\n", why.ptr);
	FUZZ_CHECK(agreement != SQL_DISAGREES);
	text_fini(&why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = span_of((const char *)data, size);

	check_pieces(input);
	check_steps(input);
	check_parser(input);
	return 0;
}
