#ifndef CONFITURE_MIGRATION_MIGRATION_H
#define CONFITURE_MIGRATION_MIGRATION_H

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/sql/classify.h"
#include "shared/sql/split.h"
#include "shared/wire/messages.h"

/*
 * Migration files: which there are, how they are named, ordered and paired. A file name is
 * <version>_<name>.{up.sql,down.sql,verify.sql,py}; the version is all before the first underscore
 * and versions are ordered as plain byte strings, as the Python confiture does ("10" before "9").
 * A name without an underscore is version and name at once (001.up.sql). A name that begins with an
 * underscore, is not UTF-8 or holds control characters is no migration: such files are orphans.
 */
enum {
	BUNDLE_FILE_LIMIT = 200000,
	MIGRATION_SHOWN = 1025 /* room for any file name with every byte escaped, and the NUL */
};

struct migration {
	const char *version;
	const char *name;
	const char *file;	     /* 001_users.up.sql, or 001_users.py */
	const char *down_file;	     /* NULL when there is none */
	const char *verify_file;     /* NULL when there is none */
	const char *conditions_file; /* <version>_<name>.yaml beside an .up.sql; NULL = none */
	const char *sha256;	     /* of `file`; NULL when the bundle has no hashes */
	bool python;
};

struct migration_duplicate {
	const char *version;
	const char **files;
	size_t count;
};

struct migration_set {
	struct migration *items; /* in version order */
	size_t count;
	const char **orphans; /* .sql files that are no up, down or verify file, downs without an
				 up, verifies without an up or .py; in byte order, as
				 migration_show_name() prints them */
	size_t orphan_count;
	struct migration_duplicate *duplicates;
	size_t duplicate_count;
};

/*
 * Lists the top of `dir`: every *.sql, *.py and *.yaml (no dot files, no `_*.py`, no `_*.yaml`)
 * that is a regular file or a link to one, in byte order of names. With `hash`, reads each file
 * once for its size, SHA-256 and fills the bundle's hash: SHA-256 over "<name> NUL <sha256> NL" of
 * each file. A missing directory gives false with MIGR_102; unreadable files and broken links too.
 */
MUST_USE bool bundle_scan(struct arena *arena, const char *dir, bool hash, struct bundle_info *out,
			  struct error *err);

/* Takes out the files whose names are not UTF-8: they are no migrations, and no message can hold
 * such a name. *names are those, as migration_show_name() prints them; returns how many. */
size_t bundle_drop_unspeakable(struct arena *arena, struct bundle_info *bundle,
			       const char ***names);

/* Pairs and orders the files of a bundle. Names that are no migration become orphans; never fails.
 */
void migration_set_build(struct arena *arena, const struct bundle_info *bundle,
			 struct migration_set *out);

/* The orphans and the duplicates, as a status tells them; borrowed from the set. */
void migration_set_problems(struct arena *arena, const struct migration_set *set,
			    struct status_result *out);

/* A file name for people: control characters and bytes that are not UTF-8 become \xNN. */
void migration_show_name(const char *name, char out[MIGRATION_SHOWN]);

/* NULL when there is none; of several with that version, the first. */
const struct migration *migration_find(const struct migration_set *set, const char *version);

/* MIGR_106 with details.conflicting_files when a version has two files; true otherwise. */
MUST_USE bool migration_set_unique(const struct migration_set *set, struct error *err);

/* ---- bodies ---- */

/* Where the bytes of a bundle's files come from: a directory here, chunks from the coordinator
 * elsewhere. */
struct bundle_source;
struct bundle_source_ops {
	/* Opens `name` for sequential reading; `out->self` is closed with close(). */
	bool (*open)(struct bundle_source *b, const char *name, struct sql_source *out,
		     struct error *err);
	void (*close)(struct bundle_source *b, struct sql_source *file);
};
struct bundle_source {
	const struct bundle_source_ops *ops;
};
struct bundle_source *bundle_source_directory(const char *dir);
/* Those texts by their names, and all else from `others`; borrows all of it. */
struct bundle_text {
	const char *name;
	struct span text;
};
struct bundle_source *bundle_source_texts(struct bundle_source *others,
					  const struct bundle_text *texts, size_t count);
void bundle_source_free(struct bundle_source *b);

/*
 * Statements of one migration file, one by one, classified. A plain BEGIN … COMMIT that wraps the
 * whole body is left out (and reported once by `wrapped`); with options (an isolation level, AND
 * CHAIN) it is refused, since the transaction is ours. Savepoints are allowed in a file that runs
 * in one transaction. Bytes are hashed as they pass.
 *
 * Directives are line comments before the first statement of the file (within its first
 * BODY_LEAD_BYTES), outside block comments, that hold nothing else. Anywhere else they are only
 * comments.
 */
struct body;

#define BODY_ALLOW_UNSETTLED "confiture:allow-unsettled"
/* The file runs statement by statement, as one with a statement outside transactions does. */
#define BODY_NO_TRANSACTION "confiture:no-transaction"
enum { BODY_LEAD_BYTES = 65536 };

struct body_statement {
	struct sql_piece piece;
	struct sql_facts facts; /* valid until the next call */
};

/* What a first pass over a file found. No list of statements: a file may have millions. */
struct body_plan {
	bool transactional;   /* every statement may run in one transaction, and is to */
	bool wrapped;	      /* BEGIN … COMMIT around the whole body was left out */
	bool allow_unsettled; /* "-- confiture:allow-unsettled" */
	uint32_t statements;  /* that would run: without the wrapper */
	char sha256[65];
};

/*
 * The first pass: reads the whole file and refuses what must not run, before anything runs:
 * transaction control that is not a wrapper (MIGR_107), statements that drop the lock (MIGR_112),
 * two-phase commit (MIGR_107), a statement outside transactions that cannot be settled without the
 * directive (MIGR_117), a savepoint beside a statement outside transactions (MIGR_107), and all
 * errors of the splitter. `each` may be NULL; it is called for every statement that would run
 * (return false to stop; then false with its err). `expect_sha256` NULL or the hash the file must
 * have: MIGR_011 otherwise.
 */
typedef bool (*body_visit)(void *self, const struct body_statement *st, struct error *err);
MUST_USE bool body_check(struct bundle_source *source, const char *file, const char *expect_sha256,
			 body_visit each, void *self, struct body_plan *out, struct error *err);

/*
 * The second pass. `plan` comes from body_check of the same file; at the end the hash is compared,
 * and on the way a statement that the plan rules out is not handed out: MIGR_011. NULL with `err`
 * when the file cannot be opened.
 */
struct body *body_open(struct bundle_source *source, const char *file, const struct body_plan *plan,
		       struct error *err);
MUST_USE bool body_next(struct body *b, struct body_statement *out, bool *end, struct error *err);
/* Data of a COPY … FROM stdin statement just returned; empty = end. */
MUST_USE bool body_copy(struct body *b, struct span *data, struct error *err);
/* The line of the file that the data of the COPY which was read last begin on; 0 = none was. */
uint32_t body_copy_line(const struct body *b);
void body_close(struct body *b);

#endif
