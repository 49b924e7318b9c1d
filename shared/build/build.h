#ifndef CONFITURE_BUILD_BUILD_H
#define CONFITURE_BUILD_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/digest/digest.h"
#include "shared/sql/foreign_keys.h"
#include "shared/sql/split.h"

/*
 * One schema out of many files. Pure: who calls brings the files as bytes, and gets bytes back.
 *
 * All paths are absolute, without "." and ".." in them and without a "/" at their end. Strings and
 * bytes that are given must outlive the build; what comes back lives in the arena.
 */
enum build_separator { BUILD_BLOCK_COMMENT, BUILD_LINE_COMMENT, BUILD_CUSTOM };

/* One entry of include_dirs. */
struct build_dir {
	const char *path;
	bool recursive; /* else patterns without a folder find only what lies right in it */
	const char *const *include; /* patterns of paths below it: *, ?, [a-z], ** for folders */
	size_t include_count;
	const char *const *exclude;
	size_t exclude_count;
	int64_t order; /* files of a lower one come first */
};

struct build_rules {
	const struct build_dir *dirs;
	size_t dir_count;
	const char *const *excluded; /* folders that are left out whole */
	size_t excluded_count;
	bool hex; /* A0_ comes after 9F_, and what has no such number last; else by name */
	bool schema_only;
	bool two_pass; /* foreign keys after all else */
	bool check;    /* whether each file ends where its statements do */
	bool fail_on_unclosed, fail_on_spillover;
	enum build_separator separator;
	const char *template_; /* of BUILD_CUSTOM: {file_path}, and {{ and }} for braces */
};

struct build_file {
	const char *path;
	const char *shown; /* how people, warnings and errors name it */
	struct span bytes;
	int64_t order; /* of its folder */
	/* filled by build_make() */
	const char *name; /* in its separator: from the folders' common parent */
	bool seed;
	struct sql_cut *cuts; /* bytes that go to the end, in order */
	size_t cut_count, cut_cap;
	bool unfinished; /* its last statement has no semicolon */
};

/* A statement that comes after all files. */
struct build_late {
	const char *sql;	       /* without a semicolon */
	const struct build_file *file; /* where it was written */
	uint32_t line, column;
	const char *path; /* the statement that had set search_path there; NULL: none */
};

struct build {
	struct build_file *files;
	size_t count;
	char hash[SHA256_HEX];
	struct build_late *late;
	size_t late_count, late_cap;
	const char **warnings;
	size_t warning_count, warning_cap;
};

/* ---- which files: choose.c, order.c ---- */

/* Whether a file of this folder belongs to the build. `below` is its path from there. */
bool build_takes(const struct build_rules *rules, const struct build_dir *dir, const char *below);
/* Whether something below that folder can belong to it, so that it is worth reading. "" is the
 * folder of `dir` itself. */
bool build_enters(const struct build_rules *rules, const struct build_dir *dir, const char *below);

/* Whether the path matches, component by component; "**" stands for any number of folders. */
bool build_glob(const char *pattern, const char *path);

/* Sorts, names, marks seeds; takes out what was found twice, and seeds where only the schema is
 * wanted. */
void build_arrange(struct arena *arena, const struct build_rules *rules, struct build *b);

/* ---- what of them: make.c, hash.c, print.c ---- */

/*
 * All of it: arranges `files`, checks them, finds the foreign keys and the hash. SCHEMA_001 without
 * files; SCHEMA_200 with the place where a file is no text, or ends inside something that it
 * opened, as far as the rules want that to be an error (else it is a warning). Thread as for
 * sql_classify().
 */
MUST_USE bool build_make(struct arena *arena, const struct build_rules *rules,
			 struct build_file *files, size_t count, struct build *out,
			 struct error *err);

/* The value that the Python confiture's published wheels give for the same files. */
void build_hash(const struct build_file *files, size_t count, char out[SHA256_HEX]);

/* The schema as one text. `generated`: local time for the header. CONFIG_005 for a template that
 * cannot be used; SCHEMA_206 when it is too large. */
MUST_USE bool build_print(const struct build_rules *rules, const struct build *b,
			  const char *environment, const char *generated, struct text *out,
			  struct error *err);
/* Whether it is what build_print() made, and so no source of another build. */
bool build_is_printed(struct span bytes);
/* Whether a template can be used at all. */
MUST_USE bool build_template_valid(const char *template_, struct error *err);

/* A file's statements for who runs them: what comes later is blank, and nothing else moves, so that
 * places are those of the file. */
struct build_source {
	const struct build_file *file;
	size_t at, cut;
};
struct sql_source build_source(struct build_source *self, const struct build_file *file);

#endif
