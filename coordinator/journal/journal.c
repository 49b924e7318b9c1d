/*
 * Opening the journal and its transactions. One SQLite file in WAL mode with synchronous=FULL: what
 * was committed survives the process and the machine, several processes can share it, and nothing
 * has to be installed or running.
 */
#include "coordinator/journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coordinator/journal/bundle_hash.h"
#include "coordinator/journal/chain.h"
#include "coordinator/journal/pages.h"
#include "coordinator/journal/query.h"

#include "shared/base/banned.h"

enum { RETRY_MS = 20, REPLY_KEPT_MS = 24 * 3600 * 1000 };

/* A new folder is only there after a power cut when the folder that names it was written too. */
static void
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

/* The first `len` bytes of `path` as a folder, which is in the folder of the first `parent` bytes.
 */
static bool
make_one(const char *path, size_t len, size_t parent)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%.*s", (int)len, path);
	if (mkdir(folder, 0700) != 0)
		return errno == EEXIST;
	folder[parent] = '\0';
	sync_folder(parent > 0 ? folder : ".");
	return true;
}

/* Makes the folder of `path` and what is above it. */
static bool
make_folder(const char *path, struct error *err)
{
	size_t parent = path[0] == '/' ? 1 : 0;

	if (strlen(path) >= PATH_MAX)
		return error_set(err, E_JRNL_001, "the path of the journal %s is too long", path);
	for (const char *p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		size_t len = (size_t)(p - path);
		if (!make_one(path, len, parent))
			return error_errno(err, E_JRNL_001, errno,
					   "the journal %s cannot be created", path);
		parent = len;
	}
	return true;
}

/* Before SQLite does, so that nobody else can read it even for a moment. Only a new file is opened
 * here: closing an old one would drop the locks that this process has on it. */
static bool
make_file(const char *path, struct error *err)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	else if (errno != EEXIST)
		return error_errno(err, E_JRNL_001, errno, "the journal %s cannot be created",
				   path);
	return true;
}

static bool
try_wal(struct journal *j, struct error *err)
{
	struct query q = query_begin(j, journal_sql_pragma_wal);
	bool row, ok = query_step(&q, &row, err);

	if (ok && !(row && span_is(query_col_span(&q, 0), "wal")))
		ok = journal_failed(j, SQLITE_BUSY, err);
	query_end(&q);
	return ok;
}

/* Going to WAL needs the file alone for a moment, and SQLite does not wait for that by itself. */
static bool
use_wal(struct journal *j, struct error *err)
{
	uint64_t deadline = runtime_deadline(j->rt, JOURNAL_BUSY_MS);
	struct error why;

	for (;;) {
		memset(&why, 0, sizeof(why));
		if (try_wal(j, &why))
			return true;
		if (!why.retryable || runtime_boot_ns(j->rt) >= deadline)
			break;
		j->rt->ops->sleep_ns(j->rt, RETRY_MS * NS_PER_MS);
	}
	if (err != NULL)
		*err = why;
	return false;
}

static bool
read_id(struct journal *j, bool *checksums, struct error *err)
{
	struct query q = query_begin(j, journal_sql_meta_get);
	bool row, ok = query_step(&q, &row, err);

	if (ok && !row)
		ok = error_set(err, E_JRNL_002, "the journal %s has no name", j->path);
	if (ok) {
		struct span id = query_col_span(&q, 0);
		if (id.len < sizeof(j->id))
			memcpy(j->id, id.ptr, id.len);
		*checksums = query_col_int(&q, 1) == 1;
	}
	query_end(&q);
	return ok;
}

/* A file that was made with checksums and does not look like it any more has a damaged header; a
 * copy of one without them has them from its first day. */
static bool
read_meta(struct journal *j, struct error *err)
{
	bool checksums = false;

	if (!read_id(j, &checksums, err))
		return false;
	j->checked = journal_disk(j).checked;
	if (checksums && !j->checked) {
		error_set(err, E_JRNL_002, "the journal %s is damaged: page 1", j->path);
		error_cause(err, "its pages had checksums");
		return false;
	}
	return checksums == j->checked || journal_run(j, journal_sql_meta_checked, err);
}

/* Answers are kept for a day of elapsed time; where that cannot be known, of the calendar's. */
bool
journal_prune_replies(struct journal *j, struct error *err)
{
	int64_t boot = (int64_t)runtime_boot_ms(j->rt), wall = j->rt->ops->wall_us(j->rt);
	struct query q = query_begin(j, journal_sql_reply_prune);

	query_text(&q, j->rt->boot_id);
	query_int(&q, boot - REPLY_KEPT_MS);
	query_int(&q, wall - (int64_t)REPLY_KEPT_MS * 1000);
	return query_run(&q, err);
}

/* A new file has room for checksums on each page; PRAGMA page_size would take it back. */
static bool
reserve_bytes(struct journal *j, struct error *err)
{
	int reserved = PAGE_RESERVED;
	int rc = sqlite3_file_control(j->db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);

	return rc == SQLITE_OK || journal_failed(j, rc, err);
}

/* Nothing is written to the log before its transaction ends: a frame that SQLite writes twice has
 * wrong sums meanwhile. What a savepoint would put back is kept in memory, and so are the pages
 * that are asked for again and again, whose sums need not be checked again then. */
static bool
open_file(struct journal *j, struct error *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int rc = disk_register() ? sqlite3_open_v2(j->path, &j->db, flags, DISK_VFS) : SQLITE_ERROR;

	if (rc != SQLITE_OK)
		return journal_failed(j, rc, err);
	sqlite3_busy_timeout(j->db, JOURNAL_BUSY_MS);
	return journal_run(j, journal_sql_pragma_page_size, err) && reserve_bytes(j, err) &&
	       journal_run(j, journal_sql_pragma_cache_spill, err) &&
	       journal_run(j, journal_sql_pragma_cache_size, err) &&
	       journal_run(j, journal_sql_pragma_temp_store, err) && use_wal(j, err) &&
	       journal_run(j, journal_sql_pragma_full, err) &&
	       journal_run(j, journal_sql_pragma_foreign_keys, err) &&
	       journal_run(j, journal_sql_pragma_trusted_schema, err);
}

static bool
set_up(struct journal *j, bool create, struct error *err)
{
	if (!open_file(j, err) ||
	    !journal_upgrade(j, journal_versions, journal_version_count, err) ||
	    !read_meta(j, err) || !chain_check_end(j, err))
		return false;
	if (create && !journal_prune_replies(j, err))
		return false;
	return journal_get_int(j, journal_sql_data_version, &j->data_version, err);
}

bool
journal_open(struct runtime *rt, const char *path, bool create, struct journal **out,
	     struct error *err)
{
	struct stat st;

	*out = NULL;
	if (create && (!make_folder(path, err) || !make_file(path, err)))
		return false;
	if (!create && stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return true;
	struct journal *j = calloc(1, sizeof(*j));
	char *copy = strdup(path);
	if (j == NULL || copy == NULL)
		abort();
	j->rt = rt;
	j->path = copy;
	if (!set_up(j, create, err)) {
		journal_close(j);
		return false;
	}
	*out = j;
	return true;
}

void
journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	for (size_t i = 0; i < j->statement_count; i++)
		sqlite3_finalize(j->statements[i].stmt);
	sqlite3_close(j->db);
	free(j->hashes);
	free(j->path);
	free(j);
}

const char *
journal_id(const struct journal *j)
{
	return j->id;
}

const char *
journal_path(const struct journal *j)
{
	return j->path;
}

bool
journal_begin(struct journal *j, struct error *err)
{
	int64_t version = 0;

	if (!journal_run(j, journal_sql_begin_write, err))
		return false;
	bool ok = journal_get_int(j, journal_sql_user_version, &version, err);
	if (ok && version != j->schema_version)
		ok = error_set(err, E_JRNL_003, "the journal %s was moved on by a newer confiture",
			       j->path);
	if (!ok)
		journal_rollback(j);
	return ok;
}

/* SQLite gives a transaction up by itself after some errors, and some of those are told to nobody.
 */
bool
journal_still(const struct journal *j, struct error *err)
{
	if (journal_in_transaction(j))
		return true;
	error_set(err, E_JRNL_001, "the journal %s cannot be written", j->path);
	error_cause(err, "the transaction was given up after an error");
	return false;
}

bool
journal_commit(struct journal *j, struct error *err)
{
	if (!journal_still(j, err) || !journal_run(j, journal_sql_commit, err))
		return false;
	bundle_hashes_committed(j);
	return true;
}

void
journal_rollback(struct journal *j)
{
	bundle_hashes_rolled_back(j);
	if (journal_in_transaction(j))
		(void)!journal_run(j, journal_sql_rollback, NULL);
}

bool
journal_in_transaction(const struct journal *j)
{
	return sqlite3_get_autocommit(j->db) == 0;
}

bool
journal_savepoint(struct journal *j, struct error *err)
{
	/* Outside of a transaction it would begin one, and its release would commit. */
	return journal_still(j, err) && journal_run(j, journal_sql_savepoint, err);
}

bool
journal_release(struct journal *j, struct error *err)
{
	if (!journal_run(j, journal_sql_savepoint_release, err))
		return false;
	bundle_hashes_released(j);
	return true;
}

void
journal_undo(struct journal *j)
{
	bundle_hashes_undone(j);
	if (!journal_in_transaction(j))
		return;
	(void)!journal_run(j, journal_sql_savepoint_undo, NULL);
	(void)!journal_run(j, journal_sql_savepoint_release, NULL);
}

bool
journal_changed(struct journal *j)
{
	int64_t now = 0;

	if (!journal_get_int(j, journal_sql_data_version, &now, NULL) || now == j->data_version)
		return false;
	j->data_version = now;
	return true;
}
