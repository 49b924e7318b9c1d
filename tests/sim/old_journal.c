/*
 * Journals of earlier versions: the statements that made them are still there, as the steps that
 * move one forward.
 */
#include "tests/sim/old_journal.h"

#include <stdio.h>
#include <stdlib.h>

#include "coordinator/journal/pages.h"
#include "coordinator/journal/query.h"

#include "shared/base/banned.h"

enum { VERSION_OF_CHECKSUMS = 3 };

size_t
old_journal_versions(void)
{
	return journal_version_count - 1;
}

static void
run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return;
	fprintf(stderr, "an old journal: %s: %s\n", sql, sqlite3_errmsg(db));
	exit(2);
}

static sqlite3 *
open_file(const char *path, bool checksums)
{
	int reserved = PAGE_RESERVED;
	sqlite3 *db = NULL;

	if (!disk_register() ||
	    sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, DISK_VFS) !=
		    SQLITE_OK)
		exit(2);
	run(db, journal_sql_pragma_page_size);
	if (checksums)
		(void)sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
	run(db, journal_sql_pragma_wal);
	return db;
}

void
old_journal_make(const char *path, size_t version)
{
	sqlite3 *db = open_file(path, version >= VERSION_OF_CHECKSUMS);

	for (size_t v = 1; v <= version; v++) {
		const struct journal_version *steps = &journal_versions[v - 1];
		run(db, journal_sql_begin_write);
		for (size_t i = 0; i < steps->count; i++)
			run(db, steps->statements[i]);
		if (v == 1)
			run(db, "INSERT INTO meta (one, id, created_at) VALUES "
				"(1, '01a216ec-0000-7000-8000-000000000001', "
				"'2026-01-01T00:00:00Z')");
		if (v == VERSION_OF_CHECKSUMS)
			run(db, journal_sql_meta_checked);
		run(db, journal_sql_commit);
	}
	sqlite3_close(db);
}
