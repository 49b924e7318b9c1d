/* The migrations of a round, by chance, and what the database must hold at the end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cluster.h"
#include "tests/support/unit.h"
#include "tests/system/killer.h"

#include "shared/base/banned.h"

/* '@' stands for the file's version. */
static const struct kind {
	const char *name, *up;
	const char *mended;  /* NULL: it is good as it is */
	const char *effects; /* each must be there once */
	const char *adds, *drops;
} kinds[] = {
	{"plain", "INSERT INTO effect VALUES ('@');\nCREATE TABLE table_@ (id int);", NULL, "@",
	 NULL, NULL},
	{"several",
	 "INSERT INTO effect VALUES ('@a');\nCREATE INDEX k_@ ON items (id);\n"
	 "INSERT INTO effect VALUES ('@b');",
	 NULL, "@a,@b", "k_@", NULL},
	{"index", "CREATE INDEX CONCURRENTLY k_@ ON items (id);", NULL, NULL, "k_@", NULL},
	{"drop", "DROP INDEX CONCURRENTLY k_old_@;", NULL, NULL, NULL, "k_old_@"},
	{"rebuild", "REINDEX INDEX CONCURRENTLY k_kept;", NULL, NULL, NULL, NULL},
	{"outside",
	 "INSERT INTO effect VALUES ('@a');\nCREATE INDEX CONCURRENTLY k_@ ON items (v);\n"
	 "INSERT INTO effect VALUES ('@b');\nDROP INDEX CONCURRENTLY IF EXISTS k_old_@;\n"
	 "REINDEX INDEX CONCURRENTLY k_kept;\nINSERT INTO effect VALUES ('@c');",
	 NULL, "@a,@b,@c", "k_@", "k_old_@"},
	{"broken", "INSERT INTO effect VALUES ('@');\nSELECT 1 / 0;",
	 "INSERT INTO effect VALUES ('@');", "@", NULL, NULL},
	{"broken_unique",
	 "INSERT INTO effect VALUES ('@a');\n"
	 "CREATE UNIQUE INDEX CONCURRENTLY k_@ ON items (twice);\n"
	 "INSERT INTO effect VALUES ('@b');",
	 "INSERT INTO effect VALUES ('@a');\n"
	 "CREATE INDEX CONCURRENTLY k_@ ON items (twice);\n"
	 "INSERT INTO effect VALUES ('@b');",
	 "@a,@b", "k_@", NULL},
	{"broken_outside",
	 "INSERT INTO effect VALUES ('@a');\nCREATE INDEX CONCURRENTLY k_@ ON items (nothing);",
	 "INSERT INTO effect VALUES ('@a');\nCREATE INDEX CONCURRENTLY k_@ ON items (v);", "@a",
	 "k_@", NULL},
};
enum { BROKEN_FROM = 6, OUTSIDE_FROM = 2 };

static const char *
fill_in(const char *template, size_t file, char *out, size_t size)
{
	size_t n = 0;

	for (; template != NULL && *template != '\0'; template ++) {
		if (*template == '@')
			n += (size_t)snprintf(out + n, size - n, "%03zu", file + 1);
		else
			out[n++] = *template;
	}
	out[n] = '\0';
	return out;
}

static void
write_file(struct round *r, size_t file, const char *up)
{
	char name[64], text[1024];

	snprintf(name, sizeof(name), "%03zu_%s", file + 1, kinds[r->kinds[file]].name);
	project_migration(&r->project, name, fill_in(up, file, text, sizeof(text)), NULL);
}

void
mix_make(struct round *r)
{
	char old[FILES_MOST * 64] = "";

	r->files = 3 + round_below(r, FILES_MOST - 2);
	size_t broken = round_below(r, 3) == 0 ? round_below(r, r->files) : r->files;
	size_t outside = round_below(r, r->files);
	for (size_t i = 0; i < r->files; i++) {
		size_t n = strlen(old);
		r->kinds[i] = round_below(r, BROKEN_FROM);
		if (i == outside)
			r->kinds[i] = OUTSIDE_FROM + round_below(r, BROKEN_FROM - OUTSIDE_FROM);
		if (i == broken)
			r->kinds[i] = BROKEN_FROM + round_below(r, ARRAY_LEN(kinds) - BROKEN_FROM);
		write_file(r, i, kinds[r->kinds[i]].up);
		snprintf(old + n, sizeof(old) - n, "CREATE INDEX k_old_%03zu ON items (id);",
			 i + 1);
		round_say(r, "%s%s", i == 0 ? "" : ", ", kinds[r->kinds[i]].name);
	}
	r->broken = broken < r->files;
	REQUIRE(pg_exec(project_url(&r->project),
			"CREATE TABLE effect (name text); CREATE TABLE items (id int, v text, "
			"twice int); INSERT INTO items SELECT i, 'v' || i, i / 2 FROM "
			"generate_series(1, 200) i; CREATE INDEX k_kept ON items (v)"));
	REQUIRE(pg_exec(project_url(&r->project), old));
}

void
mix_mend(struct round *r)
{
	for (size_t i = 0; i < r->files; i++) {
		if (kinds[r->kinds[i]].mended != NULL)
			write_file(r, i, kinds[r->kinds[i]].mended);
	}
	r->broken = false;
}

/* ---- what must be there ---- */

static long
number(struct round *r, const char *sql)
{
	const char *text = project_sql(&r->project, sql);

	return text == NULL ? -1 : strtol(text, NULL, 10);
}

static void
check_effects(struct round *r)
{
	for (size_t i = 0; i < r->files; i++) {
		char list[64], sql[160], *rest = list;
		fill_in(kinds[r->kinds[i]].effects, i, list, sizeof(list));
		for (char *name; (name = strsep(&rest, ",")) != NULL;) {
			if (name[0] == '\0')
				continue;
			snprintf(sql, sizeof(sql), "SELECT count(*) FROM effect WHERE name = '%s'",
				 name);
			long count = number(r, sql);
			r->found[FOUND_LOST] |= count < 1;
			r->found[FOUND_DOUBLED] |= count > 1;
		}
	}
	long rows = number(r, "SELECT count(*) FROM tb_confiture");
	r->found[FOUND_LOST] |= rows < (long)r->files;
	r->found[FOUND_DOUBLED] |= rows > (long)r->files;
}

static bool
is_valid(struct round *r, const char *index)
{
	char sql[256];

	snprintf(
		sql, sizeof(sql),
		"SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('%s') AND indisvalid",
		index);
	return number(r, sql) == 1;
}

static void
check_indexes(struct round *r)
{
	for (size_t i = 0; i < r->files; i++) {
		const struct kind *k = &kinds[r->kinds[i]];
		char name[64], old[64];
		if (k->adds != NULL)
			r->found[FOUND_LOST] |=
				!is_valid(r, fill_in(k->adds, i, name, sizeof(name)));
		fill_in("k_old_@", i, old, sizeof(old));
		r->found[FOUND_UNTIDY] |= is_valid(r, old) != (k->drops == NULL);
	}
	r->found[FOUND_UNTIDY] |= !is_valid(r, "k_kept");
	r->found[FOUND_UNTIDY] |=
		number(r, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") != 0;
	r->found[FOUND_UNTIDY] |= number(r, "SELECT count(*) FROM confiture_mark") != 0;
}

void
mix_check(struct round *r)
{
	check_effects(r);
	check_indexes(r);
}
