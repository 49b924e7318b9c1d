/* The parser: every way to write an option, and words for every way to get it wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { WORDS = 24 };

struct parsed {
	struct arena arena;
	struct args args;
	struct error err;
	bool ok;
	char *copy;
	char *argv[WORDS + 1];
	int argc;
};

static void
parse(struct parsed *p, const char *line)
{
	memset(p, 0, sizeof(*p));
	arena_init(&p->arena);
	p->copy = strdup(line);
	REQUIRE(p->copy != NULL);
	for (char *w = p->copy; p->argc < WORDS && *w != '\0';) {
		p->argv[p->argc++] = w;
		w += strcspn(w, " ");
		if (*w != '\0')
			*w++ = '\0';
	}
	p->ok = args_parse(&p->arena, p->argc, p->argv, &p->args, &p->err);
}

static void
done(struct parsed *p)
{
	arena_fini(&p->arena);
	free(p->copy);
}

static void
every_form_of_an_option_is_the_same_option(void)
{
	static const char *const lines[] = {
		"confiture migrate up --target 007 --no-lock -f json",
		"confiture migrate up --target=007 --no-lock --format=json",
		"confiture migrate up -t 007 --no-lock -fjson",
		"confiture migrate up -t007 --no-lock -f=json",
		"confiture migrate -f json up -t007 --no-lock",
		"confiture -t 007 migrate --no-lock up --format json",
		"confiture --no-lock --format json migrate up --target 1 -t 007",
		"confiture migrate up -vt007 --no-lock -fjson",
	};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct parsed p;
		parse(&p, lines[i]);
		CHECK_STR(p.err.message, "");
		REQUIRE(p.ok);
		CHECK_STR(p.args.command->path, "migrate up");
		CHECK_STR(args_text(&p.args, "target"), "007");
		CHECK(args_flag(&p.args, "no-lock"));
		CHECK_STR(args_text(&p.args, "format"), "json");
		CHECK(!args_given(&p.args, "config"));
		CHECK_STR(args_text(&p.args, "config"), "db/environments/local.yaml");
		done(&p);
	}
}

static void
values_are_read_by_type(void)
{
	struct parsed p;
	parse(&p, "confiture migrate down --steps 3 --lock-timeout 1500 --timeout 10m "
		  "--env a,b --env c --database-url postgresql://x");
	REQUIRE(p.ok);
	CHECK_INT(args_int(&p.args, "steps"), 3);
	CHECK_INT(args_int(&p.args, "lock-timeout"), 1500);
	CHECK_INT(args_int(&p.args, "timeout"), 600000);
	CHECK_STR(args_text(&p.args, "database-url"), "postgresql://x");
	const char *const *names = NULL;
	REQUIRE(args_list(&p.args, "env", &names) == 3);
	CHECK_STR(names[0], "a");
	CHECK_STR(names[1], "b");
	CHECK_STR(names[2], "c");
	done(&p);
}

static void
absent_options_have_their_defaults(void)
{
	struct parsed p;
	parse(&p, "confiture migrate up");
	REQUIRE(p.ok);
	CHECK_INT(args_int(&p.args, "lock-timeout"), 30000);
	CHECK(args_flag(&p.args, "verify-checksums"));
	CHECK(!args_given(&p.args, "verify-checksums"));
	CHECK_STR(args_text(&p.args, "on-checksum-mismatch"), "fail");
	CHECK(args_text(&p.args, "target") == NULL);
	const char *const *names = NULL;
	CHECK_INT(args_list(&p.args, "env", &names), 0);
	/* an option of other commands */
	CHECK(args_text(&p.args, "through") == NULL);
	CHECK_INT(args_int(&p.args, "steps"), 0);
	CHECK(!args_flag(&p.args, "fix"));
	done(&p);
}

static void
the_last_of_a_pair_wins(void)
{
	struct parsed p;
	parse(&p, "confiture migrate up --no-verify-checksums");
	REQUIRE(p.ok);
	CHECK(!args_flag(&p.args, "verify-checksums"));
	CHECK(args_given(&p.args, "verify-checksums"));
	done(&p);
	parse(&p, "confiture migrate up --no-verify-checksums --verify-checksums");
	REQUIRE(p.ok);
	CHECK(args_flag(&p.args, "verify-checksums"));
	done(&p);
}

static void
two_dashes_end_the_options(void)
{
	struct parsed p;
	parse(&p, "confiture migrate down-to -f json -- -7");
	REQUIRE(p.ok);
	CHECK_STR(args_argument(&p.args, 0), "-7");
	CHECK_INT(args_argument_count(&p.args), 1);
	CHECK(args_argument(&p.args, 1) == NULL);
	done(&p);
}

static void
options_and_arguments_mix(void)
{
	struct parsed p;
	parse(&p, "confiture migrate down-to --dry-run 003 --no-lock");
	REQUIRE(p.ok);
	CHECK_STR(args_argument(&p.args, 0), "003");
	CHECK(args_flag(&p.args, "dry-run"));
	CHECK(args_flag(&p.args, "no-lock"));
	done(&p);
}

static void
help_wins_over_what_is_missing(void)
{
	static const struct {
		const char *line;
		const char *path;
	} cases[] = {
		{"confiture --help", ""},
		{"confiture -h", ""},
		{"confiture migrate --help", "migrate"},
		{"confiture --help migrate up", "migrate up"},
		{"confiture migrate down-to -h", "migrate down-to"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct parsed p;
		parse(&p, cases[i].line);
		REQUIRE(p.ok);
		CHECK(p.args.help);
		CHECK_STR(p.args.command->path, cases[i].path);
		done(&p);
	}
}

static void
wrong_usage_is_said_in_words(void)
{
	static const struct {
		const char *line;
		const char *message;
	} cases[] = {
		{"confiture migrat up", "no such command: migrat. Did you mean \"migrate\"?"},
		{"confiture migrate stauts",
		 "no such command: migrate stauts. Did you mean \"status\"?"},
		{"confiture seed", "no such command: seed."},
		{"confiture migrate up --taget 3",
		 "no such option: --taget. Did you mean \"--target\"?"},
		{"confiture migrate up --auto-detect-baseline",
		 "no such option: --auto-detect-baseline."},
		{"confiture migrate up -x", "no such option: -x."},
		{"confiture migrate up --target", "--target needs a value"},
		{"confiture migrate up -t", "--target needs a value"},
		{"confiture migrate up --config=", "--config needs a value"},
		{"confiture migrate up --env ,", "--env needs a value"},
		{"confiture migrate up --strict=yes", "--strict takes no value"},
		{"confiture migrate up --no-strict",
		 "no such option: --no-strict. Did you mean \"--strict\"?"},
		{"confiture migrate up --format xml",
		 "--format: \"xml\" is not one of text, json or ndjson"},
		{"confiture migrate status -f text",
		 "--format: \"text\" is not one of table, json or csv"},
		{"confiture migrate down --steps 0", "--steps: \"0\" is not a number from 1 on"},
		{"confiture migrate down --steps -1", "--steps: \"-1\" is not a number from 1 on"},
		{"confiture migrate down -n x", "--steps: \"x\" is not a whole number"},
		{"confiture migrate down -n 99999999999999999999",
		 "--steps: \"99999999999999999999\" is not a whole number"},
		{"confiture migrate up --lock-timeout soon",
		 "--lock-timeout: \"soon\" is not a duration (500ms, 30s, 10m)"},
		{"confiture migrate down-to", "missing argument REVISION"},
		{"confiture migrate down-to 1 2", "unexpected argument: 2"},
		{"confiture migrate up postgresql://u:secret@h/d",
		 "unexpected argument: postgresql://u:***@h/d"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct parsed p;
		parse(&p, cases[i].line);
		CHECK(!p.ok);
		CHECK_STR(p.err.message, cases[i].message);
		CHECK(error_is(&p.err, E_USAGE_001));
		CHECK(p.args.command != NULL);
		done(&p);
	}
}

static void
the_written_command_line_holds_no_secret(void)
{
	static const struct {
		const char *line;
		const char *written;
	} cases[] = {
		{"confiture migrate up --strict", "confiture migrate up --strict"},
		{"confiture migrate up -d postgresql://u:p@h/d", "confiture migrate up -d ***"},
		{"confiture migrate up -dpostgresql://u:p@h/d", "confiture migrate up -d***"},
		{"confiture migrate up --database-url=postgresql://u:p@h/d --strict",
		 "confiture migrate up --database-url=*** --strict"},
		{"confiture migrate preflight --against postgresql://u:p@h/d",
		 "confiture migrate preflight --against ***"},
		{"confiture migrate baseline --from-db x",
		 "confiture migrate baseline --from-db ***"},
		{"confiture job cancel 1 --reason postgresql://u:p@h/d",
		 "confiture job cancel 1 --reason postgresql://u:***@h/d"},
		{"confiture job cancel 1 --reason password=p&x=y",
		 "confiture job cancel 1 --reason password=***&x=y"},
		{"confiture explain password=a,password=b&sslpassword=c",
		 "confiture explain password=***&sslpassword=***"},
		{"confiture explain see://x?y,postgresql://u:p?q@h/d",
		 "confiture explain see://x?y,postgresql:***@h/d"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct parsed p;
		parse(&p, cases[i].line);
		CHECK_STR(args_line(&p.arena, p.argc, p.argv), cases[i].written);
		done(&p);
	}
}

static void
json_is_known_before_anything_is_checked(void)
{
	static const struct {
		const char *line;
		bool json, ndjson;
	} cases[] = {
		{"confiture nothing -f json", true, false},
		{"confiture nothing --format=ndjson", true, true},
		{"confiture -fjson nothing", true, false},
		{"confiture --format json --format text x", false, false},
		{"confiture x -- -f json", false, false},
		{"confiture x -f", false, false},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct parsed p;
		bool json = false, ndjson = false;
		parse(&p, cases[i].line);
		args_sniff_format(p.argc, p.argv, &json, &ndjson);
		CHECK_INT(json, cases[i].json);
		CHECK_INT(ndjson, cases[i].ndjson);
		done(&p);
	}
}

int
main(int argc, char **argv)
{
	static const struct unit_case cases[] = {
		CASE(every_form_of_an_option_is_the_same_option),
		CASE(values_are_read_by_type),
		CASE(absent_options_have_their_defaults),
		CASE(the_last_of_a_pair_wins),
		CASE(two_dashes_end_the_options),
		CASE(options_and_arguments_mix),
		CASE(help_wins_over_what_is_missing),
		CASE(wrong_usage_is_said_in_words),
		CASE(the_written_command_line_holds_no_secret),
		CASE(json_is_known_before_anything_is_checked),
	};
	return unit_main("cli args", cases, ARRAY_LEN(cases), argc, argv);
}
