/* The error table: well formed, and every code that our sources raise tells the next step. */
#include <ctype.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shared/base/compiler.h"
#include "shared/base/error_codes.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static void
no_two_rows_have_the_same_name(void)
{
	for (int i = 0; i < ERROR_CODE_COUNT; i++) {
		const struct error_code *c = error_code((enum error_id)i);
		CHECK_INT(c->id, i);
		CHECK(error_code_named(c->name) == c);
		for (int k = 0; k < i; k++)
			CHECK(strcasecmp(error_code((enum error_id)k)->name, c->name) != 0);
	}
}

static void
a_code_is_found_in_any_case(void)
{
	CHECK(error_code_named("migr_106") == error_code(E_MIGR_106));
	CHECK(error_code_named("Lock_1300") == error_code(E_LOCK_1300));
	CHECK(error_code_named("MIGR_") == NULL);
	CHECK(error_code_named("") == NULL);
}

static void
every_row_has_a_meaning_and_an_exit_code_that_has_a_rank(void)
{
	for (int i = 0; i < ERROR_CODE_COUNT; i++) {
		const struct error_code *c = error_code((enum error_id)i);
		CHECK(c->meaning[0] != '\0' && strchr(c->meaning, '\n') == NULL);
		CHECK(c->exit_code >= 0 && c->exit_code <= 10);
		CHECK(c->exit_code != 0 || c->severity < SEVERITY_ERROR);
		CHECK(error_severity_name(c->severity)[0] != '\0');
		CHECK(c->remedy[0] == '\0' || c->remedy[strlen(c->remedy) - 1] != '\n');
	}
}

/* What says when it happens is raised by this program, and then also says what to do. */
static void
every_row_with_a_reason_has_a_remedy(void)
{
	for (int i = 0; i < ERROR_CODE_COUNT; i++) {
		const struct error_code *c = error_code((enum error_id)i);
		if (c->why[0] != '\0')
			CHECK_STR(c->remedy[0] != '\0' ? "" : c->name, "");
	}
}

/* ---- the sources ---- */
static size_t raised;

static void
check_code(const char *word, size_t len, const char *path)
{
	char name[64], where[600];

	if (len >= sizeof(name))
		return;
	memcpy(name, word, len);
	name[len] = '\0';
	const struct error_code *c = error_code_named(name);
	if (c == NULL)
		return;
	raised++;
	snprintf(where, sizeof(where), "%s has a remedy (raised in %s)", name, path);
	unit_check(c->remedy[0] != '\0', where, __FILE__, __LINE__);
}

static void
check_text(const char *text, const char *path)
{
	for (const char *p = strstr(text, "E_"); p != NULL; p = strstr(p + 2, "E_")) {
		size_t len = strspn(p + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
		if (p == text || (!isalnum((unsigned char)p[-1]) && p[-1] != '_'))
			check_code(p + 2, len, path);
	}
}

static int
check_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t len = strlen(path);

	(void)ftw;
	if (type != FTW_F || len < 2 || strcmp(path + len - 2, ".c") != 0)
		return 0;
	char *text = calloc(1, (size_t)st->st_size + 1);
	FILE *f = fopen(path, "r");
	if (text != NULL && f != NULL) {
		text[fread(text, 1, (size_t)st->st_size, f)] = '\0';
		check_text(text, path);
	}
	if (f != NULL)
		fclose(f);
	free(text);
	return 0;
}

static void
every_code_that_the_sources_raise_has_a_remedy(void)
{
	static const char *const folders[] = {SOURCES "/shared", SOURCES "/worker",
					      SOURCES "/coordinator", SOURCES "/cli"};

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		CHECK_INT(nftw(folders[i], check_file, 16, FTW_PHYS), 0);
	CHECK(raised > 50);
}

static void
exit_codes_of_several_targets_are_ranked(void)
{
	static const int order[] = {9, 8, 3, 7, 6, 5, 4, 2, 1, 10, 0};

	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		for (size_t k = 0; k < ARRAY_LEN(order); k++)
			CHECK_INT(exit_code_worst(order[i], order[k]), order[i < k ? i : k]);
	}
}

static const struct unit_case cases[] = {
	CASE(no_two_rows_have_the_same_name),
	CASE(a_code_is_found_in_any_case),
	CASE(every_row_has_a_meaning_and_an_exit_code_that_has_a_rank),
	CASE(every_row_with_a_reason_has_a_remedy),
	CASE(every_code_that_the_sources_raise_has_a_remedy),
	CASE(exit_codes_of_several_targets_are_ranked),
};

int
main(int argc, char **argv)
{
	return unit_main("base_codes", cases, ARRAY_LEN(cases), argc, argv);
}
