/* Migration files judged and read: contents in, plan or refusal out; then what the second pass
 * hands out, also when the file is no longer the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/digest/digest.h"
#include "shared/migration/migration.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* Files from memory: `now[0]` at the first opening, `now[1]` from the second on. A statement is
 * repeated `repeat` times, in pieces of a size that falls anywhere. */
struct memory_source {
	struct bundle_source source;
	const char *now[2];
	size_t repeat;
	size_t opened, closed;
	const char *text;
	size_t at, left;
};

static bool
memory_read(void *self, char *buf, size_t size, size_t *got, struct error *err)
{
	struct memory_source *m = self;
	size_t len = strlen(m->text);

	(void)err;
	for (*got = 0; *got < size && *got < 4099 && m->left > 0; (*got)++) {
		buf[*got] = m->text[m->at++];
		if (m->at == len) {
			m->at = 0;
			m->left--;
		}
	}
	return true;
}

static bool
memory_open(struct bundle_source *b, const char *name, struct sql_source *out, struct error *err)
{
	struct memory_source *m = (struct memory_source *)b;

	if (strcmp(name, "gone.sql") == 0)
		return error_set(err, E_MIGR_102, "cannot read gone.sql");
	m->text = m->now[m->opened++ > 0];
	m->at = 0;
	m->left = *m->text ? m->repeat : 0;
	*out = (struct sql_source){memory_read, m};
	return true;
}

static void
memory_close(struct bundle_source *b, struct sql_source *file)
{
	(void)file;
	((struct memory_source *)b)->closed++;
}

static const struct bundle_source_ops memory_ops = {memory_open, memory_close};

static struct memory_source
memory_of(const char *first, const char *then)
{
	return (struct memory_source){.source.ops = &memory_ops, .now = {first, then}, .repeat = 1};
}

#define TX	 "transactional "
#define OUTSIDE	 "outside "
#define WRAPPED	 "wrapped "
#define ALLOW	 "-- confiture:allow-unsettled\n"
#define SPLIT_UP "-- confiture:no-transaction\n"
#define NEVER	 "DO $$ BEGIN COMMIT; END $$"

static const struct {
	const char *sql;
	const char *plan; /* NULL: refused */
	enum error_id id;
	unsigned line, column, statement;
	const char *words;
} files[] = {
	{"", TX "0", 0, 0, 0, 0, NULL},
	{"-- only words\n/* more */ ;;\n", TX "0", 0, 0, 0, 0, NULL},
	{"CREATE TABLE t (a int);\nINSERT INTO t VALUES (1)", TX "2", 0, 0, 0, 0, NULL},
	{"COPY t FROM stdin;\n1\n2\n\\.\nSELECT 1;\n", TX "2", 0, 0, 0, 0, NULL},
	/* the wrapper */
	{"BEGIN;\nCREATE TABLE t (a int);\nCOMMIT;\n", TX WRAPPED "1", 0, 0, 0, 0, NULL},
	{"-- x\nbegin  transaction ;SELECT 1;SELECT 2;\nend work", TX WRAPPED "2", 0, 0, 0, 0,
	 NULL},
	{"START\nTRANSACTION; COMMIT", TX WRAPPED "0", 0, 0, 0, 0, NULL},
	{"BEGIN; SAVEPOINT a; SELECT 1; ROLLBACK TO a; RELEASE a; COMMIT;", TX WRAPPED "4", 0, 0, 0,
	 0, NULL},
	{"SAVEPOINT a; SELECT 1; RELEASE SAVEPOINT a;", TX "3", 0, 0, 0, 0, NULL},
	{"DO $$ BEGIN PERFORM 1; END $$; CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC "
	 "SELECT 1; END;",
	 TX "2", 0, 0, 0, 0, NULL},
	/* control that is no wrapper */
	{"SELECT 1;\n  COMMIT;\n", NULL, E_MIGR_107, 2, 3, 2, "COMMIT ends the transaction"},
	{"COMMIT;", NULL, E_MIGR_107, 1, 1, 1, "COMMIT ends the transaction"},
	{"SELECT 1;\nBEGIN;\nCOMMIT;", NULL, E_MIGR_107, 2, 1, 2, "BEGIN starts a transaction"},
	{"BEGIN;\nSELECT 1;\nBEGIN;\nCOMMIT;", NULL, E_MIGR_107, 3, 1, 3, "BEGIN starts"},
	{"BEGIN;\nSELECT 1;\n", NULL, E_MIGR_107, 1, 1, 1, "the BEGIN has no COMMIT"},
	{"BEGIN;\nSELECT 1;\nCOMMIT;\nSELECT 2;", NULL, E_MIGR_107, 3, 1, 3, "is not the last"},
	{"BEGIN;\nCOMMIT;\nBEGIN;\nCOMMIT;", NULL, E_MIGR_107, 2, 1, 2, "is not the last"},
	{"BEGIN; SELECT 1;\nROLLBACK;", NULL, E_MIGR_107, 2, 1, 3, "ROLLBACK undoes"},
	{"SELECT 1; ABORT;", NULL, E_MIGR_107, 1, 11, 2, "undoes the transaction"},
	{"BEGIN ISOLATION LEVEL SERIALIZABLE; COMMIT;", NULL, E_MIGR_107, 1, 1, 1,
	 "BEGIN with options"},
	{"BEGIN READ ONLY; COMMIT;", NULL, E_MIGR_107, 1, 1, 1, "with options"},
	{"BEGIN; SELECT 1; COMMIT AND CHAIN;", NULL, E_MIGR_107, 1, 18, 3, "COMMIT with options"},
	{"PREPARE TRANSACTION 'x';", NULL, E_MIGR_107, 1, 1, 1, "two-phase commit"},
	{"COMMIT PREPARED 'x';", NULL, E_MIGR_107, 1, 1, 1, "two-phase commit"},
	/* outside transactions */
	{"CREATE INDEX CONCURRENTLY i ON t (a);", OUTSIDE "1", 0, 0, 0, 0, NULL},
	{"INSERT INTO t VALUES (1);\nVACUUM t;\n", OUTSIDE "2", 0, 0, 0, 0, NULL},
	{"BEGIN;\nSELECT 1;\nVACUUM t;\nCOMMIT;", NULL, E_MIGR_107, 3, 1, 3,
	 "VACUUM cannot run inside BEGIN and COMMIT"},
	{"SELECT 1;\nSAVEPOINT a;\nVACUUM t;\n", NULL, E_MIGR_107, 2, 1, 2,
	 "a savepoint needs a transaction, and line 3"},
	{"VACUUM t;\nSAVEPOINT a;\n", NULL, E_MIGR_107, 2, 1, 2, "and line 1 cannot run in one"},
	/* what cannot be settled */
	{"SELECT 1;\n" NEVER ";", NULL, E_MIGR_117, 2, 1, 2, "nothing could tell after a crash"},
	{ALLOW NEVER ";", OUTSIDE "allow 1", 0, 0, 0, 0, NULL},
	{"\xef\xbb\xbf-- first\r\n  --   confiture:allow-unsettled  \r\n" NEVER, OUTSIDE "allow 1",
	 0, 0, 0, 0, NULL},
	{"/* a /* b */ -- c */\n" ALLOW NEVER, OUTSIDE "allow 1", 0, 0, 0, 0, NULL},
	{"/*\n" ALLOW "*/\n" NEVER, NULL, E_MIGR_117, 4, 1, 1, "nothing could tell"},
	{"-- no confiture:allow-unsettled\n" NEVER, NULL, E_MIGR_117, 2, 1, 1,
	 "nothing could tell"},
	{"-- confiture:allow-unsettled please\n" NEVER, NULL, E_MIGR_117, 2, 1, 1, "nothing"},
	{"SELECT 1;\n" ALLOW NEVER, NULL, E_MIGR_117, 3, 1, 2, "nothing could tell"},
	{"SELECT '\n" ALLOW "';" NEVER, NULL, E_MIGR_117, 3, 3, 2, "nothing could tell"},
	{ALLOW "SELECT 1;", TX "allow 1", 0, 0, 0, 0, NULL},
	/* statement by statement, though one transaction would do */
	{SPLIT_UP "SELECT 1;\nSELECT 2;", OUTSIDE "2", 0, 0, 0, 0, NULL},
	{"-- x\n" SPLIT_UP ALLOW NEVER, OUTSIDE "allow 1", 0, 0, 0, 0, NULL},
	{"SELECT 1;\n" SPLIT_UP "SELECT 2;", TX "2", 0, 0, 0, 0, NULL},
	{SPLIT_UP "BEGIN; SELECT 1; COMMIT;", NULL, E_MIGR_107, 2, 1, 1, "contradict"},
	{SPLIT_UP "SELECT 1; SAVEPOINT a;", NULL, E_MIGR_107, 2, 11, 2, "savepoint"},
	/* the lock */
	{"SELECT 1;\n  DISCARD ALL;", NULL, E_MIGR_112, 2, 3, 2, "would end the lock"},
	{"SELECT pg_advisory_unlock_all();", NULL, E_MIGR_112, 1, 1, 1, "pg_advisory_unlock_all"},
	/* the splitter's own */
	{"SELECT 1;\nSELECT 'x", NULL, E_MIGR_109, 2, 8, 2, ""},
	{"\\d t\n", NULL, E_MIGR_111, 1, 1, 1, ""},
	{"SELECT '\xff'", NULL, E_MIGR_108, 1, 9, 1, ""},
	{"SELECT 1 /* \xc3\xa9 */; COMMIT", NULL, E_MIGR_107, 1, 19, 2, "COMMIT"},
};

static void
print_plan(struct text *t, const struct body_plan *plan)
{
	text_printf(t, "%s%s%s%u", plan->transactional ? TX : OUTSIDE, plan->wrapped ? WRAPPED : "",
		    plan->allow_unsettled ? "allow " : "", plan->statements);
}

static void
a_file_gets_a_plan_or_is_refused_with_its_place(void)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct memory_source m = memory_of(files[i].sql, NULL);
		struct body_plan plan;
		struct error err = {0};
		struct text t;
		char sum[SHA256_HEX];

		text_init(&t, 0);
		bool ok = body_check(&m.source, "1_x.up.sql", NULL, NULL, NULL, &plan, &err);
		if (ok) {
			print_plan(&t, &plan);
			sha256_of(span_str(files[i].sql), sum);
			CHECK_STR(plan.sha256, sum);
		}
		if (!CHECK_STR(ok ? t.ptr : NULL, files[i].plan))
			printf("    in: %s\n    %s\n", files[i].sql, ok ? "" : err.message);
		if (!ok && files[i].plan == NULL) {
			CHECK_STR(err.code->name, error_code(files[i].id)->name);
			CHECK_STR(err.at.file, "1_x.up.sql");
			CHECK_INT(err.at.line, files[i].line);
			CHECK_INT(err.at.column, files[i].column);
			CHECK_INT(err.at.statement, files[i].statement);
			CHECK_HAS(err.message, files[i].words);
		}
		CHECK_INT(m.opened, 1);
		CHECK_INT(m.closed, 1);
		text_fini(&t);
	}
}

/* Every statement as line:column text, with what is copied to it. */
static bool
read_body(struct memory_source *m, const struct body_plan *plan, struct text *out,
	  struct error *err)
{
	struct body_statement st;
	struct span data = {0};
	bool end = false, ok;
	struct body *b = body_open(&m->source, "1_x.up.sql", plan, err);

	REQUIRE(b != NULL);
	for (;;) {
		ok = body_next(b, &st, &end, err);
		if (!ok || end)
			break;
		text_printf(out, "%u:%u %.*s\n", st.piece.line, st.piece.column,
			    (int)st.piece.text.len, st.piece.text.ptr);
		while (st.piece.copy_data && (ok = body_copy(b, &data, err)) && data.len > 0)
			text_put_span(out, data);
	}
	body_close(b);
	return ok;
}

static void
the_second_pass_hands_out_what_the_first_one_saw(void)
{
	static const struct {
		const char *sql, *statements;
	} cases[] = {
		{"", ""},
		{"SELECT 1;\n SELECT 2", "1:1 SELECT 1\n2:2 SELECT 2\n"},
		{"BEGIN;\nSELECT 1;\nCOMMIT;\n", "2:1 SELECT 1\n"},
		{"BEGIN; COMMIT", ""},
		{"BEGIN; SAVEPOINT a; COMMIT", "1:8 SAVEPOINT a\n"},
		{"COPY t FROM stdin;\n1\ta\n2\tb\n\\.\nSELECT 1;",
		 "1:1 COPY t FROM stdin\n1\ta\n2\tb\n5:1 SELECT 1\n"},
		{"VACUUM t;\nSELECT 1;", "1:1 VACUUM t\n2:1 SELECT 1\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct memory_source m = memory_of(cases[i].sql, cases[i].sql);
		struct body_plan plan;
		struct error err = {0};
		struct text t;

		text_init(&t, 0);
		REQUIRE(body_check(&m.source, "1_x.up.sql", NULL, NULL, NULL, &plan, &err));
		CHECK(read_body(&m, &plan, &t, &err));
		CHECK_STR(t.ptr, cases[i].statements);
		CHECK_INT(m.closed, 2);
		text_fini(&t);
	}
}

static void
a_file_that_changed_between_the_passes_is_refused(void)
{
	static const struct {
		const char *first, *then, *ran; /* what was handed out before it was seen */
	} cases[] = {
		{"SELECT 1;", "SELECT 2;", "1:1 SELECT 2\n"},
		{"SELECT 1;", "SELECT 1; ", "1:1 SELECT 1\n"},
		{"SELECT 1;", "", ""},
		{"SELECT 1;", "SELECT 1; DROP TABLE t;", "1:1 SELECT 1\n"},
		{"SELECT 1;SELECT 2", "COMMIT;SELECT 2", ""},
		{"SELECT 1;SELECT 2", "SELECT 1;VACUUM t", "1:1 SELECT 1\n"},
		{"SELECT 1;SELECT 2", "SELECT 1;DISCARD ALL", "1:1 SELECT 1\n"},
		{"BEGIN;SELECT 1;COMMIT", "BEGIN;COMMIT;SELECT 1", ""},
		{"BEGIN;SELECT 1;COMMIT", "SELECT 1;BEGIN;COMMIT", "1:1 SELECT 1\n"},
		{"BEGIN;SELECT 1;COMMIT", "BEGIN;SELECT 1;ROLLBACK", "1:7 SELECT 1\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct memory_source m = memory_of(cases[i].first, cases[i].then);
		struct body_plan plan;
		struct error err = {0};
		struct text t;

		text_init(&t, 0);
		REQUIRE(body_check(&m.source, "1_x.up.sql", NULL, NULL, NULL, &plan, &err));
		CHECK(!read_body(&m, &plan, &t, &err));
		CHECK(error_is(&err, E_MIGR_011));
		CHECK_HAS(err.message, "1_x.up.sql changed while it was in use");
		CHECK_STR(t.ptr, cases[i].ran);
		CHECK_INT(m.closed, 2);
		text_fini(&t);
	}
}

static void
the_hash_that_was_submitted_is_compared(void)
{
	struct memory_source m = memory_of("SELECT 1;", "SELECT 1;");
	struct body_plan plan = {.statements = 77};
	struct error err = {0};
	char sum[SHA256_HEX];

	sha256_of(span_str("SELECT 2;"), sum);
	CHECK(!body_check(&m.source, "1_x.up.sql", sum, NULL, NULL, &plan, &err));
	CHECK(error_is(&err, E_MIGR_011));
	CHECK_HAS(err.cause, sum);
	CHECK_INT(plan.statements, 77);
	sha256_of(span_str("SELECT 1;"), sum);
	CHECK(body_check(&m.source, "1_x.up.sql", sum, NULL, NULL, &plan, &err));
	CHECK_INT(plan.statements, 1);
	CHECK(!body_check(&m.source, "gone.sql", NULL, NULL, NULL, &plan, &err));
	CHECK(error_is(&err, E_MIGR_102));
	CHECK(body_open(&m.source, "gone.sql", &plan, &err) == NULL);
}

static bool
visit(void *self, const struct body_statement *st, struct error *err)
{
	struct text *t = self;

	text_printf(t, "%s\n", st->facts.tag);
	if (strcmp(st->facts.tag, "VACUUM") == 0)
		return error_set(err, E_MIGR_001, "enough");
	return true;
}

static void
a_visitor_sees_what_would_run_and_may_stop(void)
{
	static const struct {
		const char *sql, *seen;
		bool ok;
	} cases[] = {
		{"BEGIN; INSERT INTO t VALUES (1); SAVEPOINT a; COMMIT;", "INSERT\nSAVEPOINT\n",
		 true},
		{"SELECT 1; VACUUM; INSERT INTO t VALUES (1);", "SELECT\nVACUUM\n", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct memory_source m = memory_of(cases[i].sql, NULL);
		struct body_plan plan;
		struct error err = {0};
		struct text t;

		text_init(&t, 0);
		CHECK_INT(body_check(&m.source, "x", NULL, visit, &t, &plan, &err), cases[i].ok);
		CHECK_STR(t.ptr, cases[i].seen);
		CHECK(cases[i].ok || error_is(&err, E_MIGR_001));
		text_fini(&t);
	}
}

static void
a_file_of_many_statements_is_counted_and_hashed(void)
{
	enum { MANY = 20000 };
	static const char one[] = "INSERT INTO t VALUES (1, 'a;b');\n";
	struct memory_source m = memory_of(one, one);
	struct body_plan plan;
	struct error err = {0};
	struct sha256 h;
	char sum[SHA256_HEX];

	m.repeat = MANY;
	REQUIRE(body_check(&m.source, "x", NULL, NULL, NULL, &plan, &err));
	CHECK_INT(plan.statements, MANY);
	CHECK(plan.transactional && !plan.wrapped);
	sha256_init(&h);
	for (int i = 0; i < MANY; i++)
		sha256_add(&h, one, sizeof(one) - 1);
	sha256_hex(&h, sum);
	CHECK_STR(plan.sha256, sum);
}

static const struct unit_case cases[] = {
	CASE(a_file_gets_a_plan_or_is_refused_with_its_place),
	CASE(the_second_pass_hands_out_what_the_first_one_saw),
	CASE(a_file_that_changed_between_the_passes_is_refused),
	CASE(the_hash_that_was_submitted_is_compared),
	CASE(a_visitor_sees_what_would_run_and_may_stop),
	CASE(a_file_of_many_statements_is_counted_and_hashed),
};

int
main(int argc, char **argv)
{
	return unit_main("migration body", cases, ARRAY_LEN(cases), argc, argv);
}
