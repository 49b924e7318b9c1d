/* Ledger names and connection URLs, as tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/config/config.h"
#include "shared/config/settings.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

#define CHARS_62 "a2345678901234567890123456789012345678901234567890123456789012"

static void
a_tracking_table_is_a_name_or_schema_and_name(void)
{
	static const struct {
		const char *name, *fault;
	} cases[] = {
		{"tb_confiture", NULL},
		{"_x9", NULL},
		{"ops.ledger", NULL},
		{"Ops.Ledger", NULL},
		{"users", NULL},
		{CHARS_62 "x", NULL},
		{CHARS_62 "xy", "is longer than 63 characters"},
		{"s." CHARS_62 "xy", "is longer than 63 characters"},
		{"", "must be a name"},
		{"9x", "must be a name"},
		{"a.b.c", "must be a name"},
		{".b", "must be a name"},
		{"a.", "must be a name"},
		{"a b", "must be a name"},
		{"a-b", "must be a name"},
		{"a\"b", "must be a name"},
		{"a;drop table x", "must be a name"},
		{"t\xc3\xa9", "must be a name"},
		{"a\n", "must be a name"},
		{"user", "is a reserved word"},
		{"USER", "is a reserved word"},
		{"public.Table", "is a reserved word"},
		{"select.x", "is a reserved word"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = {0};
		CHECK_INT(config_tracking_table_valid(cases[i].name, &err), cases[i].fault == NULL);
		if (cases[i].fault == NULL) {
			CHECK(err.code == NULL);
			continue;
		}
		CHECK(error_is(&err, E_CONFIG_005));
		CHECK_HAS(err.message, cases[i].fault);
	}
}

static void
a_wrong_url_is_described_but_never_shown(void)
{
	static const struct {
		const char *url, *fault;
	} cases[] = {
		{"postgresql://u:secret@h:5432/d?sslmode=require", NULL},
		{"postgres:///d", NULL},
		{"postgresql://u@%2Frun%2Fpg/d", NULL},
		{"postgresql://[::1]:5432/d", NULL},
		{"postgresql://u:secret@a:1,b:2/d", NULL},
		{"mysql://u:secret@h/d", "does not begin with postgresql://"},
		{"u:secret@h/d", "does not begin with postgresql://"},
		{"POSTGRESQL://u:secret@h/d", "does not begin with postgresql://"},
		{"host=h password=secret", "does not begin with postgresql://"},
		{"", "does not begin with postgresql://"},
		{NULL, "does not begin with postgresql://"},
		{"postgresql://u:secret @h/d", "space or control character"},
		{"postgresql://u:secret@h/d\n", "space or control character"},
		{"postgresql://u:secret%@h/d", "two hex digits"},
		{"postgresql://u:secret@h/d%2", "two hex digits"},
		{"postgresql://u:secret%zz@h/d", "two hex digits"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = {0};
		CHECK_INT(config_url_valid(secret_of(cases[i].url), &err), cases[i].fault == NULL);
		if (cases[i].fault == NULL)
			continue;
		CHECK(error_is(&err, E_CONFIG_003));
		CHECK_HAS(err.message, cases[i].fault);
		CHECK(strstr(err.message, "secret") == NULL);
		CHECK_STR(err.cause, "");
	}
}

static void
parts_become_a_url_in_which_nothing_can_break_out(void)
{
	static const struct {
		const char *host, *port, *database, *user, *password, *url;
	} cases[] = {
		{"localhost", "5432", "postgres", "postgres", "",
		 "postgresql://postgres@localhost:5432/postgres"},
		{"h", "1", "d", "u",
		 "p@/:?#%&= ", "postgresql://u:p%40%2F%3A%3F%23%25%26%3D%20@h:1/d"},
		{"/run/postgresql", "5433", "my db", "a:b", "\xc3\xa9",
		 "postgresql://a%3Ab:%C3%A9@%2Frun%2Fpostgresql:5433/my%20db"},
		{"::1", "5432", "d", "u", "", "postgresql://u@[::1]:5432/d"},
		{"x?host=evil", "5432", "d/e", "u@w", "",
		 "postgresql://u%40w@x%3Fhost%3Devil:5432/d%2Fe"},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *url = settings_url(&arena, cases[i].host, cases[i].port,
					       cases[i].database, cases[i].user, cases[i].password);
		CHECK_STR(url, cases[i].url);
		CHECK(config_url_valid(secret_of(url), NULL));
		CHECK_INT(settings_url_has_password(url), cases[i].password[0] != '\0');
	}
	arena_fini(&arena);
}

static void
a_password_is_added_to_a_url_that_has_none(void)
{
	static const struct {
		const char *url, *with;
	} cases[] = {
		{"postgresql://u@h/d", "postgresql://u@h/d?password=p%26w"},
		{"postgresql://u@h", "postgresql://u@h/?password=p%26w"},
		{"postgresql://", "postgresql:///?password=p%26w"},
		{"postgresql://u@h/d?sslmode=require",
		 "postgresql://u@h/d?sslmode=require&password=p%26w"},
		{"postgresql://h:5432/d", "postgresql://h:5432/d?password=p%26w"},
		{"postgresql://[::1]:5432/d", "postgresql://[::1]:5432/d?password=p%26w"},
	};
	static const char *const have_one[] = {"postgresql://u:x@h/d", "postgres://u:@h",
					       "postgresql://h/d?password=x",
					       "postgresql://h/d?user=u&password=x"};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK(!settings_url_has_password(cases[i].url));
		CHECK_STR(settings_url_with_password(&arena, cases[i].url, "p&w"), cases[i].with);
	}
	for (size_t i = 0; i < ARRAY_LEN(have_one); i++)
		CHECK(settings_url_has_password(have_one[i]));
	arena_fini(&arena);
}

static const struct unit_case cases[] = {
	CASE(a_tracking_table_is_a_name_or_schema_and_name),
	CASE(a_wrong_url_is_described_but_never_shown),
	CASE(parts_become_a_url_in_which_nothing_can_break_out),
	CASE(a_password_is_added_to_a_url_that_has_none),
};

int
main(int argc, char **argv)
{
	return unit_main("config url", cases, ARRAY_LEN(cases), argc, argv);
}
