/*
 * Each order gets a database of its own, copied from the base; each text a session of its own, and
 * each statement of it a transaction of its own unless the text says otherwise.
 */
#include "tests/db/conflict/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/base/text.h"
#include "shared/sql/split.h"
#include "tests/db/conflict/dump.h"
#include "tests/db/conflict/remembered.h"
#include "tests/support/cluster.h"

#include "shared/base/banned.h"

#define BASE "conflict_base"

static char *base_sql; /* for the life of the process */

/* Roles belong to the whole server, so they are put back by hand. */
static const char roles[] =
	"DO $$ DECLARE r text; BEGIN"
	" FOR r IN SELECT rolname FROM pg_roles WHERE oid >= 16384 AND rolname NOT IN"
	"  ('reader', 'writer', 'keeper') LOOP EXECUTE format('DROP ROLE %I', r); END LOOP;"
	" FOREACH r IN ARRAY ARRAY['reader', 'writer', 'keeper'] LOOP"
	"  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN"
	"   EXECUTE format('CREATE ROLE %I', r); END IF;"
	"  EXECUTE format('ALTER ROLE %I WITH NOLOGIN NOCREATEDB CONNECTION LIMIT -1', r);"
	"  EXECUTE format('ALTER ROLE %I RESET ALL', r); END LOOP;"
	" REVOKE reader, writer, keeper FROM reader, writer, keeper; END $$";

static const char *
read_file(struct arena *arena, const char *path)
{
	FILE *f = fopen(path, "r");
	struct text t;
	char buf[4096];
	size_t got;

	if (f == NULL)
		return NULL;
	text_init(&t, 0);
	while ((got = fread(buf, 1, sizeof(buf), f)) > 0)
		text_put_span(&t, span_of(buf, got));
	fclose(f);
	const char *copy = arena_str(arena, t.ptr);
	text_fini(&t);
	return copy;
}

bool
oracle_open(const char *base_file)
{
	struct arena arena;
	bool good = false;

	arena_init(&arena);
	const char *sql = read_file(&arena, base_file);
	if (sql == NULL)
		fprintf(stderr, "%s cannot be read\n", base_file);
	else
		good = cluster_start() && pg_exec(cluster_url("postgres"), roles) &&
		       cluster_create_database(BASE) && pg_exec(cluster_url(BASE), sql);
	if (good)
		base_sql = strdup(sql);
	arena_fini(&arena);
	return good;
}

const char *
oracle_base(void)
{
	return base_sql;
}

/* ---- applying ---- */

struct memory {
	struct span rest;
};

static bool
read_memory(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct memory *m = self;
	size_t len = m->rest.len < size ? m->rest.len : size;

	(void)err;
	if (len > 0)
		memcpy(buf, m->rest.ptr, len);
	m->rest.ptr += len;
	m->rest.len -= len;
	*got = len;
	return true;
}

/* NULL, or the server's words. */
static const char *
apply_in(struct arena *arena, struct pg_session *session, const char *sql)
{
	struct memory memory = {span_str(sql)};
	struct sql_splitter *s = sql_splitter_new("", (struct sql_source){read_memory, &memory});
	const char *failed = NULL;
	struct sql_piece piece;
	struct error err = {0};
	bool end = false;

	while (failed == NULL) {
		if (!sql_splitter_next(s, &piece, &end, &err))
			failed = arena_str(arena, err.message);
		if (failed != NULL || end)
			break;
		const char *answer = pg_session_text(session, arena_span(arena, piece.text));
		if (answer != NULL && strncmp(answer, "ERROR ", 6) == 0)
			failed = arena_str(arena, answer);
	}
	sql_splitter_free(s);
	return failed;
}

static const char *
apply(struct arena *arena, const char *url, const char *sql)
{
	struct pg_session *session = pg_session_open(url);
	const char *failed = session == NULL ? "no connection" : apply_in(arena, session, sql);

	pg_session_close(session);
	return failed;
}

bool
oracle_touches_roles(const char *a, const char *b)
{
	static const char *const words[] = {" role ", "owned by"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasestr(a, words[i]) != NULL || strcasestr(b, words[i]) != NULL)
			return true;
	}
	return false;
}

struct order {
	const char *first_failed, *second_failed;
	struct dump dump;
};

static void
apply_order(struct arena *arena, const char *database, const char *first, const char *second,
	    struct order *out)
{
	const char *make = arena_printf(
		arena, "CREATE DATABASE %s TEMPLATE " BASE " STRATEGY file_copy", database);
	const char *drop = arena_printf(arena, "DROP DATABASE IF EXISTS %s", database);
	const char *server = arena_str(arena, cluster_url("postgres"));
	const char *url = arena_str(arena, cluster_url(database));

	*out = (struct order){0};
	if (!pg_exec(server, make))
		abort();
	out->first_failed = apply(arena, url, first);
	if (out->first_failed == NULL)
		out->second_failed = apply(arena, url, second);
	if (out->first_failed == NULL && out->second_failed == NULL)
		dump_take(arena, url, &out->dump);
	if (!pg_exec(server, drop) ||
	    (oracle_touches_roles(first, second) && !pg_exec(server, roles)))
		abort();
}

/* ---- the quick way, for what fails ---- */

/* Some statements must not run in a transaction, some fail only there, and two pairs that are tried
 * at once in the base may meet in a deadlock. */
static bool
says_nothing(const char *failed)
{
	static const char *const states[] = {"25001", "55P04", "55006", "40P01"};

	for (size_t i = 0; failed != NULL && i < ARRAY_LEN(states); i++) {
		if (strstr(failed, states[i]) != NULL)
			return true;
	}
	return failed == NULL;
}

/* Both in one transaction that is rolled back: most of what fails does so at once. False when that
 * does not decide. */
static bool
fails_quickly(struct arena *arena, const char *first, const char *second, struct verdict *out)
{
	struct pg_session *s = pg_session_open(cluster_url(BASE));
	const char *failed;

	if (s == NULL || !pg_session_exec(s, "BEGIN"))
		abort();
	failed = apply_in(arena, s, first);
	*out = (struct verdict){TRUTH_LEFT_OUT, failed};
	if (failed == NULL) {
		const char *unset = pg_session_text(s, "RESET ALL");
		failed = unset != NULL ? unset : apply_in(arena, s, second);
		*out = (struct verdict){TRUTH_FAIL, failed};
	}
	pg_session_close(s);
	return !says_nothing(failed);
}

static struct verdict
ask(struct arena *arena, unsigned slot, const char *a, const char *b)
{
	const char *database = arena_printf(arena, "conflict_%u", slot);
	struct order ab, ba;
	struct verdict quick, other;
	bool quickly = strcasestr(a, "commit") == NULL && strcasestr(b, "commit") == NULL;
	bool failed = quickly && fails_quickly(arena, a, b, &quick);

	if (failed && quick.truth == TRUTH_LEFT_OUT)
		return quick;
	if (quickly && fails_quickly(arena, b, a, &other) &&
	    (!failed || other.truth == TRUTH_LEFT_OUT))
		return other;
	if (failed)
		return quick;
	apply_order(arena, database, a, b, &ab);
	if (ab.first_failed != NULL)
		return (struct verdict){TRUTH_LEFT_OUT, ab.first_failed};
	apply_order(arena, database, b, a, &ba);
	if (ba.first_failed != NULL)
		return (struct verdict){TRUTH_LEFT_OUT, ba.first_failed};
	if (ab.second_failed != NULL || ba.second_failed != NULL)
		return (struct verdict){TRUTH_FAIL, ab.second_failed != NULL ? ab.second_failed
									     : ba.second_failed};
	const char *difference = dump_difference(arena, &ab.dump, &ba.dump);
	return (struct verdict){difference != NULL ? TRUTH_DIFFER : TRUTH_COMMUTE,
				difference != NULL ? difference : ""};
}

struct verdict
oracle_ask(struct arena *arena, unsigned slot, const char *a, const char *b)
{
	struct verdict v;

	if (verdict_recall(arena, base_sql, a, b, &v))
		return v;
	v = ask(arena, slot, a, b);
	verdict_keep(base_sql, a, b, &v);
	return v;
}

const char *
truth_word(enum truth truth)
{
	static const char *const words[] = {"commute", "differ", "fail", "left out"};

	return words[truth];
}
