#ifndef CONFITURE_CLI_TABLE_H
#define CONFITURE_CLI_TABLE_H

#include "cli/cli.h"

/* Columns that line up. Cells are made safe for a terminal; widths count characters. */
enum { TABLE_COLUMNS = 8 };

struct table_row {
	const char *cells[TABLE_COLUMNS];
	enum style style; /* of the whole row */
};

struct table {
	struct cli *cli;
	const char *heads[TABLE_COLUMNS];
	size_t columns;
	struct table_row *rows;
	size_t count, cap;
};

/* `heads` ends with NULL. */
void table_init(struct table *t, struct cli *cli, const char *const *heads);
/* As many cells as heads; NULL is an empty one. */
void table_add(struct table *t, enum style style, const char *const *cells);
void table_print(const struct table *t);

#endif
