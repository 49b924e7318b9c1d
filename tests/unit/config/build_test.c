/* What build reads of an environment's file, as one text, or the error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/text.h"
#include "shared/config/config.h"
#include "tests/support/unit.h"
#include "tests/unit/config/scratch_file.h"

#include "shared/base/banned.h"

static void
put_texts(struct text *t, const char *word, const char *const *items, size_t count)
{
	text_printf(t, " %s", word);
	for (size_t i = 0; i < count; i++)
		text_printf(t, "%s%s", i > 0 ? "," : "=", items[i]);
}

static void
put_build(struct text *t, const struct config_build *b)
{
	text_printf(t, "%s%s%s%s%s%s%s %s %s\n", b->name, b->hex ? " hex" : "",
		    b->two_pass ? " two_pass" : "", b->check ? " check" : "",
		    b->fail_on_unclosed ? " unclosed" : "",
		    b->fail_on_spillover ? " spillover" : "", b->seeds_apart ? " seeds_apart" : "",
		    b->separator, b->template_ ? b->template_ : "-");
	for (size_t i = 0; i < b->dir_count; i++) {
		const struct config_dir *d = &b->dirs[i];
		text_printf(t, "%s%s%s %lld", d->path, d->recursive ? " recursive" : "",
			    d->may_lack ? " may_lack" : "", (long long)d->order);
		put_texts(t, "include", d->include, d->include_count);
		put_texts(t, "exclude", d->exclude, d->exclude_count);
		text_put(t, "\n");
	}
	if (b->excluded_count > 0)
		put_texts(t, "excluded", b->excluded, b->excluded_count);
}

static const struct {
	const char *yaml;
	const char *expect; /* or "code message @line" */
} rules[] = {
	{"include_dirs: [db/schema]\n", "local check unclosed spillover block_comment -\n"
					"db/schema recursive 0 include=**/*.sql exclude\n"},
	{"include_dirs: db/schema\nexclude_dirs: db/schema/x\n",
	 "local check unclosed spillover block_comment -\n"
	 "db/schema recursive 0 include=**/*.sql exclude\n excluded=db/schema/x"},
	{"database_url: ${NOT_SET_AT_ALL}\n"
	 "include_dirs:\n"
	 "  - path: db/schema\n"
	 "    recursive: false\n"
	 "    order: 10\n"
	 "    auto_discover: false\n"
	 "  - {path: db/seeds, include: ['*.sql', a/**], exclude: '*.draft.sql', order: -1}\n"
	 "exclude_dirs: [a, b]\n"
	 "seed: {execution_mode: sequential}\n"
	 "build:\n"
	 "  sort_mode: hex\n"
	 "  two_pass: true\n"
	 "  validate_comments: {enabled: true, fail_on_unclosed_blocks: false, "
	 "fail_on_spillover: false}\n"
	 "  separators: {style: custom, custom_template: \"-- {file_path}\\n--\"}\n",
	 "local hex two_pass check seeds_apart custom -- {file_path}\n--\n"
	 "db/schema 10 include=*.sql exclude\n"
	 "db/seeds recursive may_lack -1 include=*.sql,a/** exclude=*.draft.sql\n"
	 " excluded=a,b"},
	{"include_dirs: [\"${BUILD_TEST_DIR}/schema\"]\n",
	 "local check unclosed spillover block_comment -\n"
	 "db/x/schema recursive 0 include=**/*.sql exclude\n"},
	{"include_dirs: []\n", "local check unclosed spillover block_comment -\n"},
	{"name: x\n", "CONFIG_001 says no folders @1"},
	{"include_dirs: {path: db}\n", "CONFIG_005 must be a list of folders @1"},
	{"include_dirs:\n  - [a]\n", "CONFIG_005 include_dirs[0] must be a folder @2"},
	{"include_dirs:\n  - a\n  - {order: 1}\n",
	 "CONFIG_005 include_dirs[1] must be a folder @3"},
	{"include_dirs:\n  - {path: a, order: x}\n",
	 "CONFIG_005 include_dirs[0].order must be a whole number @2"},
	{"include_dirs:\n  - {path: a, recursive: maybe}\n", "CONFIG_005 must be true or false @2"},
	{"include_dirs:\n  - {path: a, include: {b: c}}\n",
	 "CONFIG_005 must be a list of texts @2"},
	{"include_dirs: [\"${NOT_SET_AT_ALL}\"]\n", "CONFIG_005 NOT_SET_AT_ALL @1"},
	{"include_dirs: [a]\nbuild:\n  sort_mode: size\n",
	 "CONFIG_005 build.sort_mode must be one of alphabetical|hex @3"},
	{"include_dirs: [a]\nbuild: {two_pass: 7}\n", "CONFIG_005 must be true or false @2"},
};

static void
check_error(const struct error *err, const char *expect)
{
	char line[24], code[24] = "";
	const char *at = strrchr(expect, '@'), *space = strchr(expect, ' ');
	char words[128];

	REQUIRE(at != NULL && space != NULL);
	snprintf(code, sizeof(code), "%.*s", (int)(space - expect), expect);
	snprintf(words, sizeof(words), "%.*s", (int)(at - 1 - space - 1), space + 1);
	snprintf(line, sizeof(line), "%u", err->at.line);
	CHECK_STR(err->code->name, code);
	CHECK_HAS(err->message, words);
	CHECK_STR(line, at + 1);
}

static void
every_rule_of_the_file_holds(void)
{
	(void)!setenv("BUILD_TEST_DIR", "db/x", 1);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		struct arena arena;
		struct config_build b;
		struct config_warnings warnings = {0};
		struct error err = {0};
		struct text t;

		arena_init(&arena);
		text_init(&t, 0);
		bool ok = config_build_load(&arena, scratch_file("local.yaml", rules[i].yaml), &b,
					    &warnings, &err);
		if (strncmp(rules[i].expect, "CONFIG", 6) == 0) {
			CHECK(!ok);
			if (!ok)
				check_error(&err, rules[i].expect);
		} else {
			CHECK_STR(ok ? "" : err.message, "");
			if (ok)
				put_build(&t, &b);
			CHECK_STR(t.ptr, rules[i].expect);
		}
		text_fini(&t);
		arena_fini(&arena);
	}
	scratch_clean();
}

static void
a_mistyped_key_of_a_folder_is_told(void)
{
	struct arena arena;
	struct config_build b;
	struct config_warnings warnings = {0};
	struct error err = {0};

	arena_init(&arena);
	CHECK(config_build_load(
		&arena,
		scratch_file("local.yaml", "include_dirs:\n  - {path: a, recursiv: false}\n"), &b,
		&warnings, &err));
	REQUIRE(warnings.count == 1);
	CHECK_HAS(warnings.items[0].message, "include_dirs[0].recursiv");
	CHECK_INT(warnings.items[0].line, 2);
	arena_fini(&arena);
	scratch_clean();
}

/* What only build reads must not stop the commands that run migrations. */
static void
others_are_only_warned(void)
{
	struct arena arena;
	struct config_environment env;
	struct config_warnings warnings = {0};
	struct error err = {0};

	arena_init(&arena);
	CHECK(config_environment_load(&arena,
				      scratch_file("local.yaml", "database_url: postgresql:///x\n"
								 "build: {sort_mode: size}\n"),
				      &env, &warnings, &err));
	REQUIRE(warnings.count == 1);
	CHECK_HAS(warnings.items[0].message, "build.sort_mode must be one of");
	arena_fini(&arena);
	scratch_clean();
}

static const struct unit_case cases[] = {
	CASE(every_rule_of_the_file_holds),
	CASE(a_mistyped_key_of_a_folder_is_told),
	CASE(others_are_only_warned),
};

int
main(int argc, char **argv)
{
	return unit_main("config build", cases, ARRAY_LEN(cases), argc, argv);
}
