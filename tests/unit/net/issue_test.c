/* Errors as records: what each side looks like, and that nothing is lost on the way. */
#include <stdio.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/net/net.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

/* Through JSON, as a journal or a network would carry it. */
static void
journey(const struct error *from, struct error *to)
{
	struct arena a;
	struct text t;
	struct issue issue;
	void *back;

	arena_init(&a);
	text_init(&t, 0);
	error_to_issue(&a, from, &issue);
	record_json_named(&t, &record_issue, &issue);
	REQUIRE(record_parse(&a, &record_issue, text_span(&t), &back, NULL));
	error_from_issue(back, to);
	text_fini(&t);
	arena_fini(&a);
}

static void
check_same(const struct error *a, const struct error *b)
{
	CHECK(a->code == b->code);
	CHECK_STR(a->message, b->message);
	CHECK_STR(a->cause, b->cause);
	CHECK_STR(a->hint, b->hint);
	CHECK_STR(a->sqlstate, b->sqlstate);
	CHECK_STR(a->migration, b->migration);
	CHECK_STR(a->at.file, b->at.file);
	CHECK_INT(a->at.line, b->at.line);
	CHECK_INT(a->at.column, b->at.column);
	CHECK_INT(a->at.statement, b->at.statement);
	CHECK_INT(a->retryable, b->retryable);
	CHECK_INT(a->retry_after_ms, b->retry_after_ms);
	CHECK_INT(a->detail_count, b->detail_count);
	for (uint32_t i = 0; i < a->detail_count && i < b->detail_count; i++) {
		CHECK_INT(a->details[i].kind, b->details[i].kind);
		CHECK_STR(a->details[i].key, b->details[i].key);
		CHECK_STR(a->details[i].value, b->details[i].value);
	}
}

static void
fill_members(struct error *err)
{
	error_set(err, E_MIGR_001, "002_orders failed");
	error_cause(err, "relation \"x\" does not exist");
	error_hint(err, "mend it\nconfiture migrate up");
	error_at(err, "db/migrations/002_orders.up.sql", 12, 5);
	err->at.statement = 3;
	snprintf(err->sqlstate, sizeof(err->sqlstate), "42P01");
	snprintf(err->migration, sizeof(err->migration), "002");
	err->retryable = true;
	err->retry_after_ms = 1500;
}

static void
an_error_with_everything_comes_back_whole(void)
{
	struct error err, back;

	fill_members(&err);
	error_detail_int(&err, "holder.pid", 1);
	error_detail(&err, "holder.hostname", "host");
	error_detail(&err, "holder.user", "app");
	error_detail(&err, "holder.command", "migrate up");
	error_detail(&err, "holder.acquired_at", "2026-01-01T00:00:00.000000Z");
	error_detail_int(&err, "holder.held_for_seconds", 0);
	error_detail_int(&err, "holder.backend_pid", -2);
	error_detail_item(&err, "conflicting_files", "a.sql");
	error_detail_item(&err, "conflicting_files", "b.sql");
	error_detail(&err, "error", "boom");
	error_detail_item(&err, "statements", "CREATE INDEX");
	error_detail(&err, "job", "j");
	error_detail(&err, "target", "local");
	journey(&err, &back);
	CHECK_INT(err.detail_count, ERROR_DETAILS);
	check_same(&back, &err);
}

static void
the_other_details_come_back_too(void)
{
	struct error err, back;

	error_set(&err, E_USAGE_001, "no such command");
	error_detail_item(&err, "versions", "001");
	error_detail_item(&err, "versions", "002");
	error_detail(&err, "expected", "a");
	error_detail(&err, "actual", "b: c");
	error_detail(&err, "did_you_mean", "migrate");
	error_detail(&err, "limit", "64 MiB: no more"); /* no field of its own */
	error_detail(&err, "cause", "not the cause");
	journey(&err, &back);
	check_same(&back, &err);
}

static void
each_code_comes_back_as_itself(void)
{
	for (int id = 0; id < ERROR_CODE_COUNT; id++) {
		struct error err, back;
		error_set(&err, (enum error_id)id, "in a word");
		journey(&err, &back);
		check_same(&back, &err);
	}
}

static void
an_issue_has_the_eight_keys_and_the_details(void)
{
	struct arena a;
	struct text t;
	struct error err;
	struct issue issue;

	arena_init(&a);
	text_init(&t, 0);
	fill_members(&err);
	error_detail_int(&err, "holder.pid", 7);
	error_detail(&err, "limit", "64 MiB");
	error_to_issue(&a, &err, &issue);
	record_json(&t, &record_issue, &issue, 0);
	CHECK_STR(
		t.ptr,
		"{\"code\":\"MIGR_001\",\"message\":\"002_orders failed\",\"severity\":\"error\","
		"\"details\":{\"cause\":\"relation \\\"x\\\" does not exist\",\"retryable\":true,"
		"\"retry_after_ms\":1500,\"remediation\":[\"mend it\",\"confiture migrate up\"],"
		"\"sqlstate\":\"42P01\",\"position\":{\"file\":\"db/migrations/002_orders.up.sql\","
		"\"line\":12,\"column\":5,\"statement\":3},\"holder\":{\"pid\":7,\"hostname\":null,"
		"\"user\":null,\"command\":null,\"acquired_at\":null,\"held_for_seconds\":null,"
		"\"backend_pid\":null},\"notes\":[\"limit: 64 MiB\"]},\"migration\":\"002\","
		"\"file\":\"db/migrations/002_orders.up.sql\",\"line\":12,\"actionable\":true}");
	text_fini(&t);
	arena_fini(&a);
}

static void
an_error_without_a_hint_gives_the_remedy_of_its_code(void)
{
	static const struct {
		enum error_id id;
		const char *severity;
		size_t steps;
		const char *first;
	} table[] = {
		{E_PRECON_1001, "error", 2, "confiture migrate baseline --through VERSION"},
		{E_MIGR_105, "info", 1, "confiture migrate status"},
		{E_SQL_702, "warning", 1, "run the same command again"},
		{E_ROLLBACK_600, "error", 1, "write the .down.sql file"},
		{E_SCHEMA_204, "error", 0, NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a;
		struct error err;
		struct issue issue;
		arena_init(&a);
		error_set(&err, table[i].id, "m");
		error_to_issue(&a, &err, &issue);
		CHECK_STR(issue.severity, table[i].severity);
		CHECK_INT(issue.actionable, table[i].steps > 0);
		CHECK_INT(issue.details->remediation.count, table[i].steps);
		if (table[i].steps > 0)
			CHECK_STR(issue.details->remediation.items[0], table[i].first);
		CHECK(issue.details->position == NULL && issue.details->holder == NULL);
		CHECK(issue.file == NULL && issue.migration == NULL);
		CHECK_INT(issue.line, INT_NULL);
		arena_fini(&a);
	}
}

static void
a_code_of_a_newer_confiture_keeps_its_name_in_the_message(void)
{
	struct issue issue = {.code = "NEW_999", .message = "what is this", .severity = "error"};
	struct error err;

	error_from_issue(&issue, &err);
	CHECK(error_is(&err, E_INTERNAL_ERROR));
	CHECK_STR(err.message, "NEW_999: what is this");
}

static void
a_number_that_is_none_is_kept_as_words(void)
{
	struct arena a;
	struct error err;
	struct issue issue;

	arena_init(&a);
	error_set(&err, E_LOCK_1300, "held");
	error_detail(&err, "holder.pid", "many");
	error_detail(&err, "holder", "me");
	error_detail(&err, "job.id", "x");
	error_to_issue(&a, &err, &issue);
	REQUIRE(issue.details->notes.count == 3);
	CHECK_STR(issue.details->notes.items[0], "holder.pid: many");
	CHECK_STR(issue.details->notes.items[1], "holder: me");
	CHECK_STR(issue.details->notes.items[2], "job.id: x");
	arena_fini(&a);
}

static void
texts_longer_than_an_error_are_cut(void)
{
	char words[2 * ERROR_TEXT];
	memset(words, 'w', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	const char *steps[] = {words, words};
	struct error_details details = {.cause = words, .retry_after_ms = INT_NULL, .job = words};
	struct issue issue = {.code = "JOB_001", .message = words, .details = &details};
	struct error err;

	details.remediation.items = steps;
	details.remediation.count = 2;
	issue.migration = issue.file = words;
	issue.line = INT64_MAX;
	error_from_issue(&issue, &err);
	CHECK_INT(strlen(err.message), ERROR_TEXT - 1);
	CHECK_INT(strlen(err.cause), ERROR_TEXT - 1);
	CHECK_INT(strlen(err.hint), ERROR_TEXT - 1);
	CHECK_INT(strlen(err.at.file), sizeof(err.at.file) - 1);
	CHECK_INT(strlen(err.migration), sizeof(err.migration) - 1);
	CHECK_INT(err.at.line, 0);
}

static const struct unit_case cases[] = {
	CASE(an_error_with_everything_comes_back_whole),
	CASE(the_other_details_come_back_too),
	CASE(each_code_comes_back_as_itself),
	CASE(an_issue_has_the_eight_keys_and_the_details),
	CASE(an_error_without_a_hint_gives_the_remedy_of_its_code),
	CASE(a_code_of_a_newer_confiture_keeps_its_name_in_the_message),
	CASE(a_number_that_is_none_is_kept_as_words),
	CASE(texts_longer_than_an_error_are_cut),
};

int
main(int argc, char **argv)
{
	return unit_main("net_issue", cases, ARRAY_LEN(cases), argc, argv);
}
