/* Errors as values: what is set, wrapped and attached, and what happens when it is too long. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/error.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static void
setting_an_error_forgets_what_was_there(void)
{
	struct error err;

	memset(&err, 0x55, sizeof(err));
	CHECK(!error_set(&err, E_MIGR_100, "no %s %d", "migration", 7));
	CHECK_STR(err.code->name, "MIGR_100");
	CHECK_STR(err.message, "no migration 7");
	CHECK_STR(err.cause, "");
	CHECK_STR(err.hint, "");
	CHECK_STR(err.sqlstate, "");
	CHECK_STR(err.migration, "");
	CHECK_STR(err.at.file, "");
	CHECK_INT(err.at.line, 0);
	CHECK(!err.retryable);
	CHECK_INT(err.retry_after_ms, 0);
	CHECK_INT(err.detail_count, 0);
	CHECK(error_is(&err, E_MIGR_100));
	CHECK(!error_is(&err, E_MIGR_101));
	CHECK(!error_is(&(struct error){0}, (enum error_id)0));
}

static void
wrapping_puts_where_before_what_and_keeps_the_rest(void)
{
	struct error err;

	error_errno(&err, E_JRNL_001, ENOSPC, "cannot write %s", "journal.db");
	error_hint(&err, "free %s", "space");
	error_at(&err, "a.sql", 3, 4);
	CHECK(!error_wrap(&err, "job %d", 7));
	CHECK(!error_wrap(&err, "target %s", "prod_eu"));
	CHECK_STR(err.message, "target prod_eu: job 7: cannot write journal.db");
	CHECK_STR(err.cause, "No space left on device");
	CHECK_STR(err.hint, "free space");
	CHECK_STR(err.at.file, "a.sql");
	CHECK_INT(err.at.line, 3);
	CHECK_INT(err.at.column, 4);
	CHECK(error_is(&err, E_JRNL_001));
}

static void
a_text_that_is_too_long_is_cut(void)
{
	struct error err;
	char words[2000];

	memset(words, 'm', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	error_set(&err, E_SQL_700, "%s", words);
	error_wrap(&err, "where");
	CHECK_INT(strlen(err.message), ERROR_TEXT - 1);
	CHECK(strncmp(err.message, "where: mmm", 10) == 0);
	error_wrap(&err, "%s", words);
	CHECK_INT(strlen(err.message), ERROR_TEXT - 1);
	error_cause(&err, "%s", words);
	CHECK_INT(strlen(err.cause), ERROR_TEXT - 1);
	error_hint(&err, "%s", words);
	CHECK_INT(strlen(err.hint), ERROR_TEXT - 1);
	error_at(&err, words, 1, 1);
	CHECK_INT(strlen(err.at.file), sizeof(err.at.file) - 1);
	error_at(&err, NULL, 0, 0);
	CHECK_STR(err.at.file, "");
}

static void
details_are_kept_by_key(void)
{
	struct error err;

	error_set(&err, E_LOCK_1300, "held");
	error_detail_int(&err, "holder.pid", INT64_MIN);
	error_detail(&err, "holder.user", "%s", "old");
	error_detail(&err, "holder.user", "%s", "app");
	error_detail_item(&err, "versions", "001");
	error_detail_item(&err, "versions", "002");
	CHECK_INT(err.detail_count, 3);
	CHECK_STR(err.details[0].key, "holder.pid");
	CHECK_STR(err.details[0].value, "-9223372036854775808");
	CHECK_INT(err.details[0].kind, DETAIL_INT);
	CHECK_STR(err.details[1].value, "app");
	CHECK_INT(err.details[1].kind, DETAIL_TEXT);
	CHECK_STR(err.details[2].value, "001\n002");
	CHECK_INT(err.details[2].kind, DETAIL_LIST);
}

static void
details_have_a_limit_in_number_and_size(void)
{
	struct error err;
	char key[8], item[100];

	error_set(&err, E_LOCK_1300, "held");
	for (int i = 0; i < 2 * ERROR_DETAILS; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		error_detail(&err, key, "%d", i);
	}
	CHECK_INT(err.detail_count, ERROR_DETAILS);
	error_detail(&err, "k3", "new");
	CHECK_STR(err.details[3].value, "new");

	memset(item, 'i', sizeof(item) - 1);
	item[sizeof(item) - 1] = '\0';
	error_set(&err, E_LOCK_1300, "held");
	for (int i = 0; i < 5; i++)
		error_detail_item(&err, "versions", item);
	CHECK_INT(strlen(err.details[0].value), 2 * 99 + 1); /* whole items only */
	error_detail_item(&err, "versions", "last");
	CHECK_HAS(err.details[0].value, "i\nlast");
}

static void
an_error_that_nobody_wants_is_no_trouble(void)
{
	CHECK(!error_set(NULL, E_SQL_700, "x"));
	CHECK(!error_wrap(NULL, "x"));
	CHECK(!error_errno(NULL, E_SQL_700, EIO, "x"));
	error_cause(NULL, "x");
	error_hint(NULL, "x");
	error_at(NULL, "x", 1, 1);
	error_detail(NULL, "x", "x");
	error_detail_int(NULL, "x", 1);
	error_detail_item(NULL, "x", "x");
}

static const struct unit_case cases[] = {
	CASE(setting_an_error_forgets_what_was_there),
	CASE(wrapping_puts_where_before_what_and_keeps_the_rest),
	CASE(a_text_that_is_too_long_is_cut),
	CASE(details_are_kept_by_key),
	CASE(details_have_a_limit_in_number_and_size),
	CASE(an_error_that_nobody_wants_is_no_trouble),
};

int
main(int argc, char **argv)
{
	return unit_main("base_error", cases, ARRAY_LEN(cases), argc, argv);
}
