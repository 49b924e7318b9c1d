/* Where in the file a place inside a statement lies: the server counts characters of the text it
 * was sent, people look for a line and a column. */
#include "shared/sql/split.h"
#include "shared/sql/window.h"

#include "shared/base/banned.h"

void
sql_piece_at(const struct sql_piece *piece, uint64_t byte_offset, uint32_t *line, uint32_t *column)
{
	struct sql_place place = {piece->line, piece->column};
	size_t len = byte_offset < piece->text.len ? (size_t)byte_offset : piece->text.len;

	/* A character's inner bytes stand where it stands. */
	while (len > 0 && len < piece->text.len &&
	       ((unsigned char)piece->text.ptr[len] & 0xc0) == 0x80)
		len--;
	if (len > 0)
		sql_place_over(&place, piece->text.ptr, len);
	*line = place.line;
	*column = place.column;
}

void
sql_piece_at_char(const struct sql_piece *piece, uint32_t position, uint32_t *line,
		  uint32_t *column)
{
	size_t at = 0;

	for (uint32_t left = position; left > 1 && at < piece->text.len; left--) {
		do
			at++;
		while (at < piece->text.len && ((unsigned char)piece->text.ptr[at] & 0xc0) == 0x80);
	}
	sql_piece_at(piece, at, line, column);
}
