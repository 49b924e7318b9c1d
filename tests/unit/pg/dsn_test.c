/* Connection strings without a server. */
#include <stdlib.h>
#include <string.h>

#include "shared/pg/dsn.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static void
clear_environment(void)
{
	static const char *const names[] = {"PGHOST",	  "PGPORT",    "PGUSER",    "PGDATABASE",
					    "PGPASSWORD", "PGSERVICE", "PGHOSTADDR"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	setenv("PGUSER", "me", 1);
}

static void
a_connection_is_shown_and_keyed_without_its_secret(void)
{
	static const struct {
		const char *url, *shown, *key;
	} table[] = {
		{"postgresql://app:s3cret@DB.example.com:6543/Prod", "app@DB.example.com:6543/Prod",
		 "db.example.com:6543/Prod"},
		{"postgres://app:s3cret@db.example.com/prod?sslmode=require",
		 "app@db.example.com:5432/prod", "db.example.com:5432/prod"},
		{"host=db.example.com user=app password=s3cret dbname=prod",
		 "app@db.example.com:5432/prod", "db.example.com:5432/prod"},
		{"postgresql://app:s3cr%40et@[::1]:5432/prod", "app@::1:5432/prod",
		 "::1:5432/prod"},
		{"postgresql:///prod?host=/Var/run&user=u", "u@/Var/run:5432/prod",
		 "/Var/run:5432/prod"},
		{"postgresql://", "me@local:5432/me", "local:5432/me"},
		{"hostaddr=10.0.0.1 dbname=x", "me@10.0.0.1:5432/x", "10.0.0.1:5432/x"},
		{"postgresql://a,b:5433/x", "me@a,b:,5433/x", "a,b:,5433/x"},
		{"service=prod", "service prod", "service prod"},
		{"nonsense s3cret", "an unreadable connection URL", "invalid"},
		{"postgresql://me:s3cret@x@host/db", "an unreadable connection URL", "invalid"},
		{NULL, "an unreadable connection URL", "invalid"},
	};
	struct arena arena;

	clear_environment();
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		const char *shown = dsn_print(&arena, secret_of(table[i].url));
		const char *key = dsn_key(&arena, secret_of(table[i].url));

		CHECK_STR(shown, table[i].shown);
		CHECK_STR(key, table[i].key);
		CHECK(strstr(shown, "s3cr") == NULL && strstr(key, "s3cr") == NULL);
	}
	arena_fini(&arena);
}

static void
libpqs_defaults_fill_what_is_left_out(void)
{
	struct arena arena;

	clear_environment();
	arena_init(&arena);
	setenv("PGHOST", "Elsewhere", 1);
	setenv("PGPORT", "6000", 1);
	setenv("PGDATABASE", "there", 1);
	CHECK_STR(dsn_print(&arena, secret_of("postgresql://u@/")), "u@Elsewhere:6000/there");
	CHECK_STR(dsn_key(&arena, secret_of("postgresql://u@here/")), "here:6000/there");
	CHECK_STR(dsn_key(&arena, secret_of("postgresql://u@here:1/x")), "here:1/x");
	clear_environment();
	arena_fini(&arena);
}

static void
an_unreadable_string_is_refused_without_being_quoted(void)
{
	static const char *const table[] = {
		"app:s3cret@host/db",
		"postgresql://app:s3cret@host/db?nosuch=s3cret",
		"postgresql://app:s3cret%zz@host/db",
		"postgresql://app:s3cret@x@host/db",
		"postgresql://app:s3cret/x@host/db",
		"host=x password='s3cret",
		"postgresql://app:s3cret@[::1/db",
	};
	struct error err;

	clear_environment();
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		err = (struct error){0};
		CHECK(!dsn_check(secret_of(table[i]), &err));
		CHECK(error_is(&err, E_CONFIG_003));
		CHECK(err.cause[0] != '\0');
		CHECK(strstr(err.message, "s3cret") == NULL);
		CHECK(strstr(err.cause, "s3cret") == NULL);
		CHECK_HAS(err.hint, "percent-encoded");
	}
	CHECK(!dsn_check(secret_of(NULL), &err));
	CHECK(error_is(&err, E_CONFIG_010));
	CHECK(dsn_check(secret_of("postgresql://app:s3cr%40et@host:5432,host2:5433/db"), &err));
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(a_connection_is_shown_and_keyed_without_its_secret),
		CASE(libpqs_defaults_fill_what_is_left_out),
		CASE(an_unreadable_string_is_refused_without_being_quoted),
	};

	return unit_main("pg/dsn", cases, ARRAY_LEN(cases), argc, argv);
}
