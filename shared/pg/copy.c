/*
 * COPY data. What comes in is streamed from the source in the pieces it gives, so that a file's
 * rows are never held as a whole; libpq sends as it goes.
 */
#include "shared/pg/internal.h"

#include "shared/base/banned.h"

static bool
feed(struct pg_conn *c, const struct pg_copy_source *source, struct error *err)
{
	struct span data;

	for (;;) {
		if (!source->next(source->self, &data, err))
			return false;
		if (data.len == 0)
			return true;
		/* A failed put shows as the statement's own error afterwards. */
		if (PQputCopyData(c->conn, data.ptr, (int)data.len) != 1)
			return true;
	}
}

bool
pg_copy_in(struct pg_conn *c, const struct pg_copy_source *source, struct error *err)
{
	if (source == NULL) {
		PQputCopyEnd(c->conn, "no data follows this COPY … FROM stdin");
		return true;
	}
	if (feed(c, source, err)) {
		PQputCopyEnd(c->conn, NULL);
		return true;
	}
	PQputCopyEnd(c->conn, "the data could not be read");
	return false;
}

void
pg_copy_out(struct pg_conn *c)
{
	char *row = NULL;

	while (PQgetCopyData(c->conn, &row, 0) > 0)
		PQfreemem(row);
}
