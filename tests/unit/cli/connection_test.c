/* Which database a command means: the eight rules of precedence, environments, groups, secrets. */
#include <stdlib.h>
#include <string.h>

#include "cli/connection.h"
#include "cli/session.h"
#include "tests/support/unit.h"
#include "tests/unit/cli/fixture.h"

#include "shared/base/banned.h"

enum { NO_FILES = 0, WITH_LOCAL = 1 };

struct precedence {
	const char *line;
	enum connection_use use;
	int files;
	const char *canonical, *ambient;
	const char *expected; /* key of the database, "none", or a code */
	const char *source;
};

#define CANONICAL "postgresql://canonical/d"
#define AMBIENT	  "postgresql://ambient/d"
#define FLAG	  "--database-url postgresql://flag/d"

/* clang-format off */
static const struct precedence rules[] = {
	/* 1: --database-url wins over everything */
	{"migrate up " FLAG, CONNECTION_CHANGES, WITH_LOCAL, CANONICAL, AMBIENT, "flag:5432/d", "flags"},
	{"migrate up " FLAG " -c db/environments/prod.yaml", CONNECTION_CHANGES, WITH_LOCAL, CANONICAL, NULL, "flag:5432/d", "flags"},
	{"migrate up " FLAG " --no-config", CONNECTION_CHANGES, NO_FILES, NULL, NULL, "flag:5432/d", "flags"},
	{"migrate status " FLAG, CONNECTION_INTENTIONAL, NO_FILES, NULL, NULL, "flag:5432/d", "flags"},
	{"migrate up -d mysql://flag/d", CONNECTION_CHANGES, WITH_LOCAL, NULL, NULL, "CONFIG_003", NULL},
	/* 2: --no-config: the variables and nothing else */
	{"migrate up --no-config", CONNECTION_CHANGES, WITH_LOCAL, CANONICAL, AMBIENT, "canonical:5432/d", "env"},
	{"migrate up --no-config", CONNECTION_CHANGES, WITH_LOCAL, NULL, AMBIENT, "ambient:5432/d", "env"},
	{"migrate status --no-config", CONNECTION_INTENTIONAL, NO_FILES, NULL, AMBIENT, "ambient:5432/d", "env"},
	{"migrate up --no-config", CONNECTION_CHANGES, WITH_LOCAL, NULL, NULL, "CONFIG_010", NULL},
	{"migrate up --no-config", CONNECTION_CHANGES, WITH_LOCAL, "", "", "CONFIG_010", NULL},
	/* 3: a file asked for and CONFITURE_DATABASE_URL, even when both say the same */
	{"migrate up -c db/environments/prod.yaml", CONNECTION_CHANGES, WITH_LOCAL, CANONICAL, NULL, "CONFIG_007", NULL},
	{"migrate up -c db/environments/local.yaml", CONNECTION_CHANGES, WITH_LOCAL, CANONICAL, NULL, "CONFIG_007", NULL},
	{"migrate status --env prod", CONNECTION_INTENTIONAL, WITH_LOCAL, CANONICAL, NULL, "CONFIG_007", NULL},
	{"migrate up -c db/environments/prod.yaml", CONNECTION_CHANGES, WITH_LOCAL, "postgresql://prod/d", NULL, "CONFIG_007", NULL},
	/* 4: a file asked for */
	{"migrate up -c db/environments/prod.yaml", CONNECTION_CHANGES, WITH_LOCAL, NULL, AMBIENT, "prod:5432/d", "yaml-file"},
	{"migrate up --env prod", CONNECTION_CHANGES, WITH_LOCAL, NULL, AMBIENT, "prod:5432/d", "yaml-file"},
	{"migrate status -c db/environments/prod.yaml", CONNECTION_INTENTIONAL, WITH_LOCAL, NULL, NULL, "prod:5432/d", "yaml-file"},
	{"migrate status -c missing.yaml", CONNECTION_INTENTIONAL, WITH_LOCAL, NULL, NULL, "CONFIG_004", NULL},
	{"migrate up -c missing.yaml", CONNECTION_CHANGES, WITH_LOCAL, NULL, AMBIENT, "CONFIG_004", NULL},
	/* 5: only the default file, and CONFITURE_DATABASE_URL */
	{"migrate up", CONNECTION_CHANGES, WITH_LOCAL, CANONICAL, AMBIENT, "canonical:5432/d", "env"},
	{"migrate current", CONNECTION_READS, NO_FILES, CANONICAL, NULL, "canonical:5432/d", "env"},
	{"migrate status", CONNECTION_INTENTIONAL, NO_FILES, CANONICAL, NULL, "canonical:5432/d", "env"},
	/* 6: the default file beats an ambient DATABASE_URL */
	{"migrate up", CONNECTION_CHANGES, WITH_LOCAL, NULL, AMBIENT, "local:5432/d", "yaml-file"},
	{"migrate current", CONNECTION_READS, WITH_LOCAL, NULL, AMBIENT, "local:5432/d", "yaml-file"},
	/* 7: a lone DATABASE_URL is good enough for reading */
	{"migrate up", CONNECTION_CHANGES, NO_FILES, NULL, AMBIENT, "CONFIG_010", NULL},
	{"migrate current", CONNECTION_READS, NO_FILES, NULL, AMBIENT, "ambient:5432/d", "env"},
	{"migrate preflight", CONNECTION_READS, NO_FILES, NULL, AMBIENT, "ambient:5432/d", "env"},
	{"migrate status", CONNECTION_INTENTIONAL, WITH_LOCAL, NULL, AMBIENT, "none", NULL},
	/* 8: nothing at all */
	{"migrate up", CONNECTION_CHANGES, NO_FILES, NULL, NULL, "CONFIG_004", NULL},
	{"migrate current", CONNECTION_READS, NO_FILES, NULL, NULL, "CONFIG_004", NULL},
	{"migrate status", CONNECTION_INTENTIONAL, WITH_LOCAL, NULL, NULL, "none", NULL},
	{"migrate preflight", CONNECTION_READS, WITH_LOCAL, NULL, NULL, "none", NULL},
	/* new: a file and a name are two sources */
	{"migrate up --env prod -c db/environments/local.yaml", CONNECTION_CHANGES, WITH_LOCAL, NULL, NULL, "CONFIG_007", NULL},
	{"migrate up --group all -c db/environments/local.yaml", CONNECTION_CHANGES, WITH_LOCAL, NULL, NULL, "CONFIG_007", NULL},
};
/* clang-format on */

static void
set(const char *name, const char *value)
{
	if (value != NULL)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void
write_files(int files)
{
	fixture_file("db/environments/prod.yaml", "database_url: postgresql://prod/d\n");
	if (files == WITH_LOCAL)
		fixture_file("db/environments/local.yaml", "database_url: postgresql://local/d\n");
}

static void
check_rule(const struct precedence *r)
{
	struct connections c;
	struct error err = {0};
	struct fixture f;
	struct args args;

	fixture_begin(&f);
	write_files(r->files);
	set("CONFITURE_DATABASE_URL", r->canonical);
	set("DATABASE_URL", r->ambient);
	fixture_args(&f, r->line, &args);
	bool ok = connections_resolve(&f.cli, &args, r->use, &c, &err);
	const char *got = !ok		 ? err.code->name
			  : c.count == 0 ? "none"
					 : session_target_key(cli_session(&f.cli), c.items[0].name);
	if (strcmp(got, r->expected) != 0)
		CHECK_STR(r->line, "the rule above");
	CHECK_STR(got, r->expected);
	if (ok)
		CHECK_STR(c.source, r->source);
	fixture_end(&f);
}

static void
the_eight_rules_hold_for_every_kind_of_command(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		check_rule(&rules[i]);
}

/* Names of the targets with their environments: "a=env b=env" */
static const char *
listed(struct fixture *f, const struct connections *c)
{
	const char *list = "";

	for (size_t i = 0; i < c->count; i++)
		list = arena_printf(&f->cli.arena, "%s%s%s=%s", list, i > 0 ? " " : "",
				    c->items[i].name,
				    c->items[i].environment ? c->items[i].environment : "-");
	return list;
}

struct naming {
	const char *line;
	const char *targets; /* or a code */
	bool several;
};

static const struct naming namings[] = {
	{"migrate up --env prod", "prod=prod", false},
	{"migrate up --env prod,eu", "eu/a=eu eu/b=eu prod=prod", true},
	{"migrate up --env prod --env prod", "prod=prod", true},
	{"migrate up --env eu", "eu/a=eu eu/b=eu", true},
	{"migrate up --env eu/b", "eu/b=eu", false},
	{"migrate up -c db/environments/eu.yaml", "eu/a=eu eu/b=eu", true},
	{"migrate up --group all", "eu/a=eu prod=prod", true},
	{"migrate up --group all --env eu/b", "eu/a=eu eu/b=eu prod=prod", true},
	{"migrate up --env eu,eu/a", "eu/a=eu eu/b=eu", true},
	{"migrate up --group all --env eu", "eu/a=eu eu/b=eu prod=prod", true},
	{"migrate up -d postgresql://h/d", "database=-", false},
	{"migrate up --env porduction", "CONFIG_011", false},
	{"migrate up --env eu/c", "CONFIG_011", false},
	{"migrate up --env ../environments/prod", "CONFIG_011", false},
	{"migrate up --group al", "CONFIG_011", false},
	{"migrate up --group broken", "CONFIG_011", false},
};

static void
environments_and_groups_become_targets_in_name_order(void)
{
	for (size_t i = 0; i < ARRAY_LEN(namings); i++) {
		struct connections c;
		struct error err = {0};
		struct fixture f;
		struct args args;

		fixture_begin(&f);
		write_files(NO_FILES);
		fixture_file("db/environments/eu.yaml",
			     "targets:\n  b: {database_url: \"postgresql://b/d\"}\n"
			     "  a: {database_url: \"postgresql://a/d\"}\n");
		fixture_file("confiture.yaml",
			     "groups:\n  all: [prod, eu/a]\n  broken: [nowhere]\n");
		fixture_args(&f, namings[i].line, &args);
		bool ok = connections_resolve(&f.cli, &args, CONNECTION_CHANGES, &c, &err);
		CHECK_STR(ok ? listed(&f, &c) : err.code->name, namings[i].targets);
		CHECK_INT(ok && c.several, namings[i].several);
		fixture_end(&f);
	}
}

static void
a_mistyped_environment_is_answered_with_the_nearest_name(void)
{
	struct connections c;
	struct error err = {0};
	struct fixture f;
	struct args args;

	fixture_begin(&f);
	fixture_file("db/environments/production.yaml", "database_url: postgresql://prod/d\n");
	fixture_args(&f, "migrate up --env prodution", &args);
	CHECK(!connections_resolve(&f.cli, &args, CONNECTION_CHANGES, &c, &err));
	CHECK_STR(err.message, "there is no environment named \"prodution\"; did you mean "
			       "\"production\"?");
	fixture_end(&f);
}

static void
a_password_on_the_command_line_works_warns_and_is_never_shown(void)
{
	struct connections c;
	struct error err = {0};
	struct fixture f;
	struct args args;

	fixture_begin(&f);
	fixture_args(&f, "migrate up -d postgresql://me:s3cret@h/d", &args);
	CHECK(connections_resolve(&f.cli, &args, CONNECTION_CHANGES, &c, &err));
	CHECK_HAS(fixture_err(&f), "--database-url holds a password");
	CHECK(strstr(fixture_err(&f), "s3cret") == NULL);
	CHECK_STR(session_target_key(cli_session(&f.cli), "database"), "h:5432/d");
	fixture_end(&f);
}

static void
a_password_is_seen_wherever_a_url_can_hold_one(void)
{
	static const struct {
		const char *url;
		bool has;
	} urls[] = {
		{"postgresql://u:p@h/d", true},	      {"postgresql://u@h/d", false},
		{"postgresql://u:@h/d", false},	      {"postgresql://h:5432/d", false},
		{"postgresql:///d?password=p", true}, {"postgresql://h/d?sslmode=require", false},
		{"postgresql://u:p%40x@h/d", true},   {"nothing", false},
		{"postgresql://h/a:b@c", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(urls); i++)
		CHECK_INT(url_has_password(urls[i].url), urls[i].has);
}

static void
an_unknown_key_warns_with_its_line_and_the_nearest_key(void)
{
	struct connections c;
	struct error err = {0};
	struct fixture f;
	struct args args;

	fixture_begin(&f);
	fixture_file("db/environments/prod.yaml", "database_url: postgresql://prod/d\n"
						  "auto_backup: true\n"
						  "migration:\n  strict_mode: true\n"
						  "  tracking_tabel: x\n");
	fixture_args(&f, "migrate up --env prod", &args);
	CHECK(connections_resolve(&f.cli, &args, CONNECTION_CHANGES, &c, &err));
	CHECK(c.strict_mode);
	CHECK_HAS(fixture_err(&f), "db/environments/prod.yaml:5:");
	CHECK_HAS(fixture_err(&f), "tracking_table");
	CHECK(strstr(fixture_err(&f), "auto_backup") == NULL);
	fixture_end(&f);
}

static void
replicas_in_the_file_make_their_findings_errors_unless_it_says_otherwise(void)
{
	static const struct {
		const char *text;
		bool replicas;
	} files[] = {
		{"database_url: postgresql://h/d\n", false},
		{"database_url: postgresql://h/d\ninfrastructure:\n  replicas: [one]\n", true},
		{"database_url: postgresql://h/d\ninfrastructure:\n  replicas: []\n", false},
		{"database_url: postgresql://h/d\ninfrastructure:\n  replicas: [one]\n"
		 "migration:\n  allow_unsafe_under_replication: true\n",
		 false},
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct connections c;
		struct error err = {0};
		struct fixture f;
		struct args args;

		fixture_begin(&f);
		fixture_file("db/environments/prod.yaml", files[i].text);
		fixture_args(&f, "migrate preflight --env prod", &args);
		REQUIRE(connections_resolve(&f.cli, &args, CONNECTION_READS, &c, &err));
		CHECK_INT(c.replicas, files[i].replicas);
		fixture_end(&f);
	}
}

static void
a_url_of_its_own_option_never_hides_behind_an_environment(void)
{
	struct connections c;
	struct error err = {0};
	struct fixture f;
	struct args args;

	fixture_begin(&f);
	fixture_file("db/environments/against.yaml", "database_url: postgresql://prod/d\n");
	fixture_args(&f, "migrate preflight --env against", &args);
	CHECK(connections_resolve(&f.cli, &args, CONNECTION_READS, &c, &err));
	CHECK(!connection_add_url(&f.cli, "against", "--against", "postgresql://copy/d", NULL,
				  &err));
	CHECK_STR(err.code->name, "CONFIG_007");
	fixture_end(&f);
}

static const struct unit_case cases[] = {
	CASE(the_eight_rules_hold_for_every_kind_of_command),
	CASE(environments_and_groups_become_targets_in_name_order),
	CASE(a_mistyped_environment_is_answered_with_the_nearest_name),
	CASE(a_password_on_the_command_line_works_warns_and_is_never_shown),
	CASE(a_password_is_seen_wherever_a_url_can_hold_one),
	CASE(an_unknown_key_warns_with_its_line_and_the_nearest_key),
	CASE(replicas_in_the_file_make_their_findings_errors_unless_it_says_otherwise),
	CASE(a_url_of_its_own_option_never_hides_behind_an_environment),
};

int
main(int argc, char **argv)
{
	return unit_main("cli connection", cases, ARRAY_LEN(cases), argc, argv);
}
