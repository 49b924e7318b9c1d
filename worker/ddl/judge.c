/*
 * A schema tree is written for psql, for an application's start or by pg_dump, and holds more than
 * structure. This table says what becomes of each kind of statement. It must never let a statement
 * through that reaches beyond the scratch database: that server may be somebody's.
 */
#include "worker/ddl/judge.h"

#include <string.h>

#include "shared/base/compiler.h"
#include "worker/ddl/words.h"

#include "shared/base/banned.h"

enum { VERB_WORDS = 8, JUDGED_WORDS = 512 };

/*
 * The first row that fits counts. In capitals: that keyword. In lower case: that name, with quotes
 * or without. "*": any number of words, none too. What follows the last word does not matter.
 */
static const struct row {
	const char *words;
	enum ddl_way way;
	unsigned flags;
	const char *known;
} rows[] = {
	/* settings */
	{"SET CONSTRAINTS", DDL_IDLE, 0, NULL},
	{"SET TRANSACTION", DDL_IDLE, 0, NULL},
	{"SET LOCAL TRANSACTION", DDL_IDLE, 0, NULL},
	{"SET SESSION CHARACTERISTICS", DDL_IDLE, 0, NULL},
	/* the files are UTF-8, and so is the session */
	{"SET NAMES", DDL_IDLE, 0, NULL},
	{"SET client_encoding", DDL_IDLE, 0, NULL},
	{"SET SESSION client_encoding", DDL_IDLE, 0, NULL},
	{"SET LOCAL client_encoding", DDL_IDLE, 0, NULL},
	{"SET LOCAL", DDL_STATE, DDL_LOCAL, NULL},
	{"SET", DDL_STATE, 0, NULL},
	{"RESET", DDL_STATE, 0, NULL},
	{"SELECT set_config (", DDL_STATE, 0, NULL},
	{"SELECT pg_catalog . set_config (", DDL_STATE, 0, NULL},
	/* transactions */
	{"BEGIN", DDL_CONTROL, 0, NULL},
	{"START TRANSACTION", DDL_CONTROL, 0, NULL},
	{"COMMIT", DDL_CONTROL, DDL_COMMITS, NULL},
	{"END", DDL_CONTROL, DDL_COMMITS, NULL},
	{"ROLLBACK", DDL_CONTROL, DDL_COMMITS | DDL_NOTED, NULL},
	{"ABORT", DDL_CONTROL, DDL_COMMITS | DDL_NOTED, NULL},
	{"SAVEPOINT", DDL_CONTROL, 0, NULL},
	{"RELEASE", DDL_CONTROL, 0, NULL},
	{"PREPARE TRANSACTION", DDL_CONTROL, DDL_NOTED, NULL},
	/* rows */
	{"INSERT", DDL_DATA, 0, NULL},
	{"UPDATE", DDL_DATA, 0, NULL},
	{"DELETE", DDL_DATA, 0, NULL},
	{"MERGE", DDL_DATA, 0, NULL},
	{"TRUNCATE", DDL_DATA, 0, NULL},
	{"COPY", DDL_DATA, 0, NULL},
	{"REFRESH MATERIALIZED VIEW", DDL_DATA, 0, NULL},
	/* neither */
	{"ANALYZE", DDL_IDLE, 0, NULL},
	{"ANALYSE", DDL_IDLE, 0, NULL},
	{"VACUUM", DDL_IDLE, 0, NULL},
	{"REINDEX", DDL_IDLE, 0, NULL},
	{"CHECKPOINT", DDL_IDLE, 0, NULL},
	{"CLOSE", DDL_IDLE, 0, NULL},
	{"DEALLOCATE", DDL_IDLE, 0, NULL},
	{"DECLARE", DDL_IDLE, 0, NULL},
	{"DISCARD", DDL_IDLE, 0, NULL},
	{"EXECUTE", DDL_IDLE, 0, NULL},
	{"EXPLAIN", DDL_IDLE, 0, NULL},
	{"FETCH", DDL_IDLE, 0, NULL},
	{"LISTEN", DDL_IDLE, 0, NULL},
	{"LOCK", DDL_IDLE, 0, NULL},
	{"MOVE", DDL_IDLE, 0, NULL},
	{"NOTIFY", DDL_IDLE, 0, NULL},
	{"PREPARE", DDL_IDLE, 0, NULL},
	{"SHOW", DDL_IDLE, 0, NULL},
	{"UNLISTEN", DDL_IDLE, 0, NULL},
	{"VALUES", DDL_IDLE, 0, NULL},
	/* the server and other databases; DATABASE and the like may be a table's name, too */
	{"GRANT * ON DATABASE TO", DDL_RUN, 0, NULL},
	{"GRANT * ON TABLESPACE TO", DDL_RUN, 0, NULL},
	{"GRANT * ON PARAMETER TO", DDL_RUN, 0, NULL},
	{"REVOKE * ON DATABASE FROM", DDL_RUN, 0, NULL},
	{"REVOKE * ON TABLESPACE FROM", DDL_RUN, 0, NULL},
	{"REVOKE * ON PARAMETER FROM", DDL_RUN, 0, NULL},
	{"GRANT * ON DATABASE", DDL_BEYOND, DDL_NOTED, NULL},
	{"GRANT * ON TABLESPACE", DDL_BEYOND, DDL_NOTED, NULL},
	{"GRANT * ON PARAMETER", DDL_BEYOND, DDL_NOTED, NULL},
	{"REVOKE * ON DATABASE", DDL_BEYOND, DDL_NOTED, NULL},
	{"REVOKE * ON TABLESPACE", DDL_BEYOND, DDL_NOTED, NULL},
	{"REVOKE * ON PARAMETER", DDL_BEYOND, DDL_NOTED, NULL},
	{"ALTER SYSTEM", DDL_BEYOND, DDL_NOTED, NULL},
	{"CREATE DATABASE", DDL_BEYOND, DDL_NOTED, NULL},
	{"ALTER DATABASE", DDL_BEYOND, DDL_NOTED, NULL},
	{"DROP DATABASE", DDL_BEYOND, DDL_NOTED, NULL},
	{"CREATE TABLESPACE", DDL_BEYOND, DDL_NOTED, NULL},
	{"ALTER TABLESPACE", DDL_BEYOND, DDL_NOTED, NULL},
	{"DROP TABLESPACE", DDL_BEYOND, DDL_NOTED, NULL},
	{"COMMENT ON DATABASE", DDL_BEYOND, DDL_NOTED, NULL},
	{"COMMENT ON TABLESPACE", DDL_BEYOND, DDL_NOTED, NULL},
	{"COMMENT ON ROLE", DDL_BEYOND, DDL_NOTED, NULL},
	{"SECURITY LABEL * ON DATABASE", DDL_BEYOND, DDL_NOTED, NULL},
	{"SECURITY LABEL * ON TABLESPACE", DDL_BEYOND, DDL_NOTED, NULL},
	{"SECURITY LABEL * ON ROLE", DDL_BEYOND, DDL_NOTED, NULL},
	/* roles; one may be named mapping */
	{"CREATE USER MAPPING FOR", DDL_RUN, 0, NULL},
	{"CREATE USER MAPPING IF", DDL_RUN, 0, NULL},
	{"ALTER USER MAPPING FOR", DDL_RUN, 0, NULL},
	{"DROP USER MAPPING FOR", DDL_RUN, DDL_DROPS, NULL},
	{"DROP USER MAPPING IF", DDL_RUN, DDL_DROPS, NULL},
	{"CREATE ROLE", DDL_ROLES, 0, "42710"},
	{"CREATE USER", DDL_ROLES, 0, "42710"},
	{"CREATE GROUP", DDL_ROLES, 0, "42710"},
	{"ALTER ROLE", DDL_ROLES, 0, NULL},
	{"ALTER USER", DDL_ROLES, 0, NULL},
	{"ALTER GROUP", DDL_ROLES, 0, NULL},
	{"DROP ROLE", DDL_ROLES, DDL_DROPS, NULL},
	{"DROP USER", DDL_ROLES, DDL_DROPS, NULL},
	{"DROP GROUP", DDL_ROLES, DDL_DROPS, NULL},
	{"DROP OWNED", DDL_ROLES, 0, NULL},
	{"REASSIGN OWNED", DDL_ROLES, 0, NULL},
	{"GRANT * ON", DDL_RUN, 0, NULL},
	{"REVOKE * ON", DDL_RUN, 0, NULL},
	{"GRANT", DDL_ROLES, 0, NULL},
	{"REVOKE", DDL_ROLES, 0, NULL},
	/* what would fire at the rest */
	{"CREATE EVENT TRIGGER", DDL_LATE, 0, NULL},
	{"ALTER EVENT TRIGGER", DDL_LATE, 0, NULL},
	{"DROP EVENT TRIGGER", DDL_LATE, DDL_DROPS, NULL},
	{"COMMENT ON EVENT TRIGGER", DDL_LATE, 0, NULL},
	/* what would reach another server */
	{"CREATE SUBSCRIPTION", DDL_RUN, DDL_SUBSCRIBES, NULL},
	{"ALTER SUBSCRIPTION * ENABLE", DDL_BEYOND, DDL_NOTED, NULL},
	{"ALTER SUBSCRIPTION * REFRESH", DDL_BEYOND, DDL_NOTED, NULL},
	{"DROP SUBSCRIPTION", DDL_BEYOND, DDL_NOTED, NULL},
	/* what waits for old transactions, and refuses a block */
	{"CREATE INDEX CONCURRENTLY", DDL_RUN, DDL_CONCURRENT, NULL},
	{"CREATE UNIQUE INDEX CONCURRENTLY", DDL_RUN, DDL_CONCURRENT, NULL},
	{"DROP INDEX CONCURRENTLY", DDL_RUN, DDL_CONCURRENT | DDL_DROPS, NULL},
	{"ALTER TABLE * DETACH PARTITION * CONCURRENTLY", DDL_RUN, DDL_CONCURRENT, NULL},
	/* what an empty database has */
	{"CREATE SCHEMA public", DDL_RUN, 0, "42P06"},
	{"CREATE EXTENSION plpgsql", DDL_RUN, 0, "42710"},
	{"CREATE LANGUAGE plpgsql", DDL_RUN, 0, "42710"},
	{"CREATE PROCEDURAL LANGUAGE plpgsql", DDL_RUN, 0, "42710"},
	/* code */
	{"SELECT", DDL_RUN, DDL_CALLS, NULL},
	{"WITH", DDL_RUN, DDL_CALLS, NULL},
	{"DO", DDL_RUN, DDL_CALLS, NULL},
	{"CALL", DDL_RUN, DDL_CALLS, NULL},
	{"LOAD", DDL_RUN, DDL_CALLS, NULL},
	{"DROP", DDL_RUN, DDL_DROPS, NULL},
};

static bool
word_fits(const struct ddl_word *w, const char *pattern, size_t len)
{
	bool name = pattern[0] >= 'a' && pattern[0] <= 'z';
	struct span text = w->text;

	if (name && w->kind == WORD_NAME)
		return text.len == len + 2 && memcmp(text.ptr + 1, pattern, len) == 0;
	if (text.len != len || (w->kind == WORD_NAME || w->kind == WORD_TEXT))
		return false;
	for (size_t i = 0; i < len; i++) {
		/* letters differ by one bit between the cases */
		if (((unsigned char)text.ptr[i] ^ (unsigned char)pattern[i]) & ~0x20u)
			return false;
	}
	return true;
}

static bool
fits(const struct ddl_word *words, size_t count, const char *pattern)
{
	for (; *pattern != '\0'; pattern += strspn(pattern, " ")) {
		size_t len = strcspn(pattern, " ");
		if (*pattern == '*') {
			const char *rest = pattern + 2;
			for (size_t skip = 0; skip < count; skip++) {
				if (fits(words + skip, count - skip, rest))
					return true;
			}
			return false;
		}
		if (count == 0 || !word_fits(words, pattern, len))
			return false;
		words++;
		count--;
		pattern += len;
	}
	return true;
}

/* WITH … INSERT and the like, wherever in it. A column may have such a name behind a dot. */
static bool
changes_rows(struct span sql)
{
	static const char *const verbs[] = {"insert", "update", "delete", "merge"};
	struct ddl_words words;
	struct ddl_word w;
	bool point = false;

	ddl_words_init(&words, sql);
	while (ddl_words_next(&words, &w)) {
		for (size_t i = 0; !point && i < ARRAY_LEN(verbs); i++) {
			if (ddl_word_is(&w, verbs[i]))
				return true;
		}
		point = w.kind == WORD_POINT;
	}
	return false;
}

/* Whether what decides may stand far behind the verb. */
static bool
is_far_reaching(const struct ddl_word *verb)
{
	return ddl_word_is(verb, "alter") || ddl_word_is(verb, "grant") ||
	       ddl_word_is(verb, "revoke") || ddl_word_is(verb, "security");
}

struct ddl_judgement
ddl_judge(struct span sql)
{
	struct ddl_word first[JUDGED_WORDS];
	struct ddl_words words;
	size_t count = 0, wanted = VERB_WORDS;

	ddl_words_init(&words, sql);
	while (count < wanted && ddl_words_next(&words, &first[count])) {
		if (count == 0 && is_far_reaching(&first[0]))
			wanted = JUDGED_WORDS;
		count++;
	}
	if (count > 0 && ddl_word_is(&first[0], "with") && changes_rows(sql))
		return (struct ddl_judgement){.way = DDL_DATA};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (fits(first, count, rows[i].words))
			return (struct ddl_judgement){rows[i].way, rows[i].flags, rows[i].known};
	}
	return (struct ddl_judgement){.way = DDL_RUN};
}
