/* The splitter's oracle: PostgreSQL's grammar knows best where statements end, as long as it knows
 * them. */
#include "tests/support/sql_differential.h"

#include <stdlib.h>
#include <string.h>

#include <pg_query.h>

#include "shared/sql/split.h"
#include "tests/support/sql_feed.h"

#include "shared/base/banned.h"

/* Longer texts could be deeper than the stack: the parser has no limit of its own. */
enum { LONGEST = 16 * 1024 };

static bool
lies_in(const struct sql_piece *piece, const PgQuerySplitStmt *theirs, size_t total)
{
	size_t from = (size_t)theirs->stmt_location;
	size_t to = theirs->stmt_len > 0 ? from + (size_t)theirs->stmt_len : total;

	return piece->offset >= from && piece->offset + piece->text.len <= to;
}

static enum sql_agreement
compare(struct sql_splitter *s, const PgQuerySplitResult *theirs, size_t total, struct text *why)
{
	struct sql_piece piece;
	struct error err = {0};
	bool end;

	for (int i = 0;; i++) {
		if (!sql_splitter_next(s, &piece, &end, &err)) {
			text_printf(why, "refused: %s", err.message);
			return err.code->id == E_MIGR_108 ? SQL_NO_OPINION : SQL_DISAGREES;
		}
		if (end && i == theirs->n_stmts)
			return SQL_AGREES;
		if (end || i == theirs->n_stmts) {
			text_printf(why, "%s than the parser's %d statements",
				    end ? "fewer" : "more", theirs->n_stmts);
			return SQL_DISAGREES;
		}
		if (piece.copy_data)
			return SQL_NO_OPINION;
		if (!lies_in(&piece, theirs->stmts[i], total)) {
			text_printf(why, "statement %d is \"%.*s\"", i + 1, (int)piece.text.len,
				    piece.text.ptr);
			return SQL_DISAGREES;
		}
	}
}

enum sql_agreement
sql_split_compare(struct span input, struct text *why)
{
	enum sql_agreement result = SQL_NO_OPINION;

	text_init(why, 0);
	if (input.len > LONGEST || (input.len > 0 && memchr(input.ptr, '\0', input.len) != NULL))
		return SQL_NO_OPINION;
	char *copy = calloc(1, input.len + 1);
	if (copy == NULL)
		abort();
	if (input.len > 0)
		memcpy(copy, input.ptr, input.len);
	PgQuerySplitResult theirs = pg_query_split_with_parser(copy);
	if (theirs.error == NULL) {
		struct sql_feed feed = {.bytes = input, .step = 64 * 1024};
		struct sql_splitter *s = sql_splitter_new("f.sql", sql_feed_source(&feed));
		result = compare(s, &theirs, input.len, why);
		sql_splitter_free(s);
	}
	pg_query_free_split_result(theirs);
	free(copy);
	return result;
}
