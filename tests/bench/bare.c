#include "tests/bench/bare.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/measure.h"

#include "shared/base/banned.h"

static const char *const tables =
	"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	"CREATE TABLE job (id TEXT PRIMARY KEY, state TEXT, spec TEXT) STRICT;"
	"CREATE TABLE event (seq INTEGER PRIMARY KEY, detail TEXT, hash TEXT NOT NULL UNIQUE) "
	"STRICT;"
	"CREATE TABLE reply (identity TEXT, key TEXT, body TEXT, PRIMARY KEY (identity, key))"
	" STRICT, WITHOUT ROWID;";

/* What a submission and a cancel write, in their order; each gets a number and a text. */
static const char *const writes[] = {
	"INSERT INTO job VALUES (?2 || ?1, 'queued', ?3)",
	"INSERT INTO event VALUES (NULL, ?3, ?2 || ?2 || ?1)",
	"INSERT INTO reply VALUES ('operator:bench', ?2 || ?1, ?2)",
	"UPDATE job SET state = 'cancelled' WHERE id = ?2 || ?1",
	"INSERT INTO event VALUES (NULL, ?3, ?2 || ?2 || ?1 || 'c')",
};
enum { WRITES = sizeof(writes) / sizeof(writes[0]), WRITES_OF_FIRST = 3 };

struct bare {
	sqlite3 *db;
	sqlite3_stmt *stmt[WRITES];
	int64_t next;
};

struct bare *
bare_open(const char *folder)
{
	struct bare *b = calloc(1, sizeof(*b));
	char path[200];

	MEASURE_NEED(b != NULL);
	snprintf(path, sizeof(path), "%s/bare.db", folder);
	MEASURE_NEED(sqlite3_open(path, &b->db) == SQLITE_OK);
	MEASURE_NEED(sqlite3_exec(b->db, tables, NULL, NULL, NULL) == SQLITE_OK);
	for (int i = 0; i < WRITES; i++)
		MEASURE_NEED(sqlite3_prepare_v2(b->db, writes[i], -1, &b->stmt[i], NULL) ==
			     SQLITE_OK);
	return b;
}

void
bare_close(struct bare *b)
{
	for (int i = 0; i < WRITES; i++)
		sqlite3_finalize(b->stmt[i]);
	sqlite3_close(b->db);
	free(b);
}

static void
bare_write(struct bare *b, int which, int64_t number)
{
	static const char id[] = "01a216cb-91dc-7fc4-a1db-3027d0ed33a7";
	static const char detail[] =
		"{\"kind\":\"apply\",\"target\":\"bench/quiet\",\"target_key\":"
		"\"bench/quiet\",\"environment\":\"bench\",\"agent\":\"bench\"}";
	sqlite3_stmt *s = b->stmt[which];

	sqlite3_bind_int64(s, 1, number);
	sqlite3_bind_text(s, 2, id, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 3, detail, -1, SQLITE_STATIC);
	MEASURE_NEED(sqlite3_step(s) == SQLITE_DONE);
	sqlite3_reset(s);
}

double
bare_rate(struct bare *b, int group, int ms)
{
	double start = measure_now_ms();
	int64_t done = 0;

	while (measure_now_ms() - start < ms) {
		for (int half = 0; half < 2; half++) {
			MEASURE_NEED(sqlite3_exec(b->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) ==
				     SQLITE_OK);
			int first = half == 0 ? 0 : WRITES_OF_FIRST;
			int end = half == 0 ? WRITES_OF_FIRST : WRITES;
			for (int i = 0; i < group; i++)
				for (int w = first; w < end; w++)
					bare_write(b, w, b->next + i);
			MEASURE_NEED(sqlite3_exec(b->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
			done += group;
		}
		b->next += group;
	}
	return (double)done / (measure_now_ms() - start) * 1000;
}
