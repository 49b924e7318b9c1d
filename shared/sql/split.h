#ifndef CONFITURE_SQL_SPLIT_H
#define CONFITURE_SQL_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/span.h"

/*
 * Cuts SQL text into statements by psql's rules, streaming: memory is bounded by the largest
 * statement. Knows quotes (standard, E'', U&''), quoted identifiers, dollar quotes, nested
 * comments, parentheses, BEGIN ATOMIC … END bodies with CASE inside, and COPY … FROM stdin with its
 * data. It never guesses at what a statement means: that is classify.h.
 */
enum { SQL_STATEMENT_LIMIT = 64 * 1024 * 1024 };

/* Where the bytes come from. Returns false with `err`; *got 0 means the end. */
struct sql_source {
	bool (*read)(void *self, char *buf, size_t size, size_t *got, struct error *err);
	void *self;
};

struct sql_piece {
	struct span text; /* without the semicolon, and without white space and comments before and
			     after; valid until the next call */
	uint64_t offset;  /* bytes before `text` in the file (a BOM counts) */
	uint32_t line;	  /* of the first character of `text`, from 1 */
	uint32_t column;  /* in characters, from 1 */
	uint32_t number;  /* which statement of the file, from 1 */
	bool copy_data; /* COPY … FROM stdin: data follows; read it with sql_splitter_copy() before
			   going on */
};

struct sql_splitter;

/* `name` is the file name for errors. The source must outlive the splitter. */
struct sql_splitter *sql_splitter_new(const char *name, struct sql_source source);
void sql_splitter_free(struct sql_splitter *s);
/* Commands of psql are passed over, from the backslash to the end of the line, instead of refused:
 * for who only looks at files that psql will run. Before the first statement. */
void sql_splitter_allow_psql(struct sql_splitter *s);

/*
 * For who runs files that psql would run: a command between two statements is passed over to the
 * end of its line, and `seen` is told its text (at most SQL_COMMAND_SHOWN bytes of it, valid during
 * the call) and line. Within a statement it is still refused. Before the first statement.
 */
enum { SQL_COMMAND_SHOWN = 80 };
struct sql_commands {
	void (*seen)(void *self, struct span text, uint32_t line);
	void *self;
};
void sql_splitter_pass_commands(struct sql_splitter *s, struct sql_commands commands);

/*
 * The next statement, or *end. Empty statements are skipped. Errors carry file, line and column:
 * MIGR_108 not UTF-8 or a NUL · MIGR_109 ends inside something that was opened (position of the
 * opening) · MIGR_110 larger than SQL_STATEMENT_LIMIT · MIGR_111 a psql backslash command ·
 * MIGR_102 something follows COPY … FROM stdin; on its line. After an error only free it. Data of a
 * COPY that nobody read are passed over. A BOM at
 * the start is skipped; CRLF is white space.
 */
MUST_USE bool sql_splitter_next(struct sql_splitter *s, struct sql_piece *piece, bool *end,
				struct error *err);

/*
 * Data of the COPY that was just returned: whole lines as COPY expects them on the wire, without
 * the closing "\.". *data empty = end of data. Data that is not closed by "\." runs to the end of
 * the file, as in psql.
 */
MUST_USE bool sql_splitter_copy(struct sql_splitter *s, struct span *data, struct error *err);

/* The line of the file that the data of the COPY which was read last begin on; 0 = none was. */
uint32_t sql_splitter_copy_line(const struct sql_splitter *s);

/* Line and column of a byte offset inside a piece; for PostgreSQL's error positions (which count
 * characters: see sql_piece_at_char). Offsets past the end give the end. */
void sql_piece_at(const struct sql_piece *piece, uint64_t byte_offset, uint32_t *line,
		  uint32_t *column);
/* The same for a position in characters from 1, as the server reports it. 0 gives the start. */
void sql_piece_at_char(const struct sql_piece *piece, uint32_t position, uint32_t *line,
		       uint32_t *column);

#endif
