/* Which coordinator a command means, who says so, and which databases it means there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/connection.h"
#include "cli/remote.h"
#include "cli/session.h"
#include "cli/token.h"
#include "cli/worker_wait.h"
#include "tests/support/unit.h"
#include "tests/unit/cli/fixture.h"

#include "shared/base/banned.h"

/* ---- where ---- */

static void
the_flag_beats_the_variable_and_the_variable_beats_the_file(void)
{
	static const struct {
		const char *line, *variable, *file;
		const char *expected; /* addresses, "embedded", or a code */
		const char *from;
	} rows[] = {
		{"migrate up", NULL, NULL, "embedded", NULL},
		{"migrate up", "", NULL, "embedded", NULL},
		{"migrate up --coordinator ws://127.0.0.1:1", "wss://v", "coordinator: wss://f\n",
		 "ws://127.0.0.1:1/rpc", "--coordinator"},
		{"migrate up", "wss://v", "coordinator: wss://f\n", "wss://v:443/rpc",
		 "CONFITURE_COORDINATOR"},
		{"migrate up", NULL, "coordinator: wss://f\n", "wss://f:443/rpc", "confiture.yaml"},
		{"migrate up", NULL, "coordinator: [wss://f, wss://g:2]\n",
		 "wss://f:443/rpc, wss://g:2/rpc", "confiture.yaml"},
		{"migrate up", "wss://a,wss://b", NULL, "wss://a:443/rpc, wss://b:443/rpc",
		 "CONFITURE_COORDINATOR"},
		{"migrate up --embedded", "wss://v", "coordinator: wss://f\n", "embedded", NULL},
		{"migrate up --embedded --coordinator wss://x", NULL, NULL, "USAGE_001", NULL},
		{"migrate up --coordinator https://x", NULL, NULL, "CONFIG_005", NULL},
		{"migrate up --coordinator wss://user:pw@x", NULL, NULL, "CONFIG_005", NULL},
		{"migrate up", "nonsense", NULL, "CONFIG_005", NULL},
		{"migrate up", ",", NULL, "CONFIG_005", NULL},
		{"migrate up", NULL, "coordinator: ''\n", "CONFIG_005", NULL},
		/* A file that cannot be read may name one: no fall back. */
		{"migrate up", NULL, "coordinator: [\n", "CONFIG_002", NULL},
		{"migrate up", NULL, "cordinator: wss://f\n", "CONFIG_008", NULL},
		{"job list", "wss://v", NULL, "wss://v:443/rpc", "CONFITURE_COORDINATOR"},
		{"audit verify --embedded", "wss://v", NULL, "embedded", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct remote remote;
		struct error err = {0};
		struct fixture f;
		struct args args;

		fixture_begin(&f);
		if (rows[i].variable != NULL)
			setenv("CONFITURE_COORDINATOR", rows[i].variable, 1);
		if (rows[i].file != NULL)
			fixture_file("confiture.yaml", rows[i].file);
		fixture_args(&f, rows[i].line, &args);
		bool ok = remote_choose(&f.cli, &args, &remote, &err);
		CHECK_STR(!ok			  ? err.code->name
			  : remote.url_count == 0 ? "embedded"
						  : remote.shown,
			  rows[i].expected);
		if (ok)
			CHECK_STR(remote.from, rows[i].from);
		fixture_end(&f);
	}
}

/* ---- who ---- */

static void
a_token_file_that_others_can_read_is_refused(void)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *expected, *says;
	} rows[] = {
		{"confiture_1\n", 0600, "confiture_1", NULL},
		{"  confiture_2  \nrest\n", 0400, "confiture_2", NULL},
		{"confiture_3", 0640, NULL, "others can read"},
		{"confiture_4", 0604, NULL, "others can read"},
		{"", 0600, NULL, "holds no token"},
		{" \n\n", 0600, NULL, "holds no token"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct secret token;
		struct error err = {0};
		struct fixture f;

		fixture_begin(&f);
		fixture_file("token", rows[i].text);
		REQUIRE(chmod("token", rows[i].mode) == 0);
		setenv("CONFITURE_TOKEN_FILE", "token", 1);
		bool ok = token_find(&f.cli.arena, &token, &err);
		CHECK_INT(ok, rows[i].says == NULL);
		if (ok) {
			CHECK_STR(secret_reveal(token), rows[i].expected);
		} else {
			CHECK(error_is(&err, E_AUTH_001));
			CHECK_HAS(err.message, rows[i].says);
			CHECK(strstr(err.message, "confiture_") == NULL);
		}
		fixture_end(&f);
	}
}

static void
the_variable_beats_the_named_file_and_that_beats_the_users_own(void)
{
	struct secret token;
	struct error err = {0};
	struct fixture f;

	fixture_begin(&f);
	setenv("XDG_CONFIG_HOME", f.folder, 1);
	CHECK(token_find(&f.cli.arena, &token, &err) && !secret_given(token));
	fixture_file("confiture/token", "own");
	REQUIRE(chmod("confiture/token", 0600) == 0);
	CHECK(token_find(&f.cli.arena, &token, &err));
	CHECK_STR(secret_reveal(token), "own");
	fixture_file("named", "named");
	REQUIRE(chmod("named", 0600) == 0);
	setenv("CONFITURE_TOKEN_FILE", "named", 1);
	CHECK(token_find(&f.cli.arena, &token, &err));
	CHECK_STR(secret_reveal(token), "named");
	setenv("CONFITURE_TOKEN_FILE", "nosuch", 1);
	CHECK(!token_find(&f.cli.arena, &token, &err));
	CHECK(error_is(&err, E_AUTH_001));
	setenv("CONFITURE_TOKEN", "variable", 1);
	CHECK(token_find(&f.cli.arena, &token, &err));
	CHECK_STR(secret_reveal(token), "variable");
	fixture_end(&f);
}

/* ---- what: a coordinator that knows some targets ---- */

struct fleet {
	struct net_client base; /* first */
	struct known_target *items;
	size_t count;
	size_t asked;
};

static bool
holds(const char *const *items, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(items[i], word) == 0)
			return true;
	}
	return false;
}

static bool
fleet_call(struct net_client *c, enum message_kind kind, const void *request, uint64_t deadline_ns,
	   struct arena *arena, void **reply, struct error *err)
{
	struct fleet *f = (struct fleet *)c;
	const struct target_list_request *r = request;
	struct target_list *list = arena_new(arena, struct target_list);

	(void)deadline_ns;
	(void)err;
	CHECK_INT(kind, MESSAGE_target_list_request);
	f->asked++;
	list->targets.items = arena_array(arena, f->count + 1, sizeof(*list->targets.items));
	for (size_t i = 0; i < f->count; i++) {
		const struct known_target *t = &f->items[i];
		if ((r->environments.count == 0 ||
		     holds(r->environments.items, r->environments.count, t->environment)) &&
		    (r->names.count == 0 || holds(r->names.items, r->names.count, t->name)))
			list->targets.items[list->targets.count++] = *t;
	}
	*reply = list;
	return true;
}

static struct known_target known[] = {
	{.name = "local", .environment = "local", .worker = "here", .state = "online"},
	{.name = "production/eu", .environment = "production", .worker = "eu1", .state = "online"},
	{.name = "production/us",
	 .environment = "production",
	 .worker = "us1",
	 .state = "offline",
	 .last_seen = "2026-11-22T10:00:00.000000Z"},
	{.name = "staging", .environment = "staging", .worker = "eu1", .state = "draining"},
};

static void
fleet_begin(struct fleet *fleet, struct fixture *f, const char *line, struct args *args)
{
	static const struct net_client_ops ops = {.call = fleet_call};
	struct error err = {0};

	*fleet = (struct fleet){.base = {.ops = &ops}, .items = known, .count = ARRAY_LEN(known)};
	setenv("CONFITURE_COORDINATOR", "ws://127.0.0.1:7432", 1);
	fixture_args(f, line, args);
	REQUIRE(session_choose(cli_session(&f->cli), args, &err));
	session_use_client(cli_session(&f->cli), &fleet->base);
}

static const char *
names_of(struct fixture *f, const struct connections *c)
{
	const char *all = c->several ? "several:" : "";

	for (size_t i = 0; i < c->count; i++)
		all = arena_printf(&f->cli.arena, "%s %s@%s", all, c->items[i].name,
				   c->items[i].environment);
	return all;
}

static void
names_mean_the_coordinators_targets(void)
{
	static const struct {
		const char *line;
		enum connection_use use;
		const char *expected; /* targets, or a code */
		const char *says;
	} rows[] = {
		{"migrate up", CONNECTION_CHANGES, " local@local", NULL},
		{"migrate current", CONNECTION_READS, " local@local", NULL},
		{"migrate status", CONNECTION_INTENTIONAL, "", NULL},
		{"migrate preflight", CONNECTION_READS, "", NULL},
		{"migrate up --env staging", CONNECTION_CHANGES, " staging@staging", NULL},
		{"migrate status --env production", CONNECTION_INTENTIONAL,
		 "several: production/eu@production production/us@production", NULL},
		{"migrate up --env production/us", CONNECTION_CHANGES, " production/us@production",
		 NULL},
		{"migrate up --env staging,local", CONNECTION_CHANGES,
		 "several: local@local staging@staging", NULL},
		{"migrate up -c db/environments/production.yaml", CONNECTION_CHANGES,
		 "several: production/eu@production production/us@production", NULL},
		{"migrate up -c staging.yml", CONNECTION_CHANGES, " staging@staging", NULL},
		{"migrate up --group all", CONNECTION_CHANGES,
		 "several: production/eu@production staging@staging", NULL},
		{"migrate up --env stagin", CONNECTION_CHANGES, "CONFIG_011",
		 "no environment named \"stagin\"; did you mean \"staging\"?"},
		{"migrate up --env production/ue", CONNECTION_CHANGES, "CONFIG_011",
		 "no target named \"production/ue\"; did you mean \"production/eu\"?"},
		{"migrate up --env qqqqqqqqqq", CONNECTION_CHANGES, "CONFIG_011",
		 "no environment named \"qqqqqqqqqq\""},
		{"migrate up --group al", CONNECTION_CHANGES, "CONFIG_011",
		 "did you mean \"all\"?"},
		{"migrate up --env local -c x.yaml", CONNECTION_CHANGES, "CONFIG_007",
		 "both --config and --env"},
		{"migrate up -d postgresql://u:secret@h/d", CONNECTION_CHANGES, "CONFIG_007",
		 "--database-url gives a connection of its own"},
		{"migrate up --no-config", CONNECTION_CHANGES, "CONFIG_007", "--no-config"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct connections c;
		struct error err = {0};
		struct fixture f;
		struct fleet fleet;
		struct args args;

		fixture_begin(&f);
		fixture_file("confiture.yaml", "groups:\n  all: [staging, production/eu]\n");
		fleet_begin(&fleet, &f, rows[i].line, &args);
		bool ok = connections_resolve(&f.cli, &args, rows[i].use, &c, &err);
		CHECK_STR(ok ? names_of(&f, &c) : err.code->name, rows[i].expected);
		if (!ok)
			CHECK_HAS(err.message, rows[i].says);
		CHECK(strstr(err.message, "secret") == NULL);
		if (error_is(&err, E_CONFIG_007) && strstr(rows[i].says, "both") == NULL) {
			CHECK_HAS(err.hint, "--env NAME");
			CHECK_HAS(err.hint, "--embedded");
		}
		fixture_end(&f);
	}
}

static void
the_variables_of_this_machine_do_not_count_there(void)
{
	struct connections c;
	struct error err = {0};
	struct fixture f;
	struct fleet fleet;
	struct args args;

	fixture_begin(&f);
	setenv("DATABASE_URL", "postgresql://ambient/d", 1);
	fleet_begin(&fleet, &f, "migrate up --env staging", &args);
	CHECK(connections_resolve(&f.cli, &args, CONNECTION_CHANGES, &c, &err));
	CHECK_STR(names_of(&f, &c), " staging@staging");
	CHECK_HAS(fixture_err(&f), "DATABASE_URL is ignored");
	setenv("CONFITURE_DATABASE_URL", "postgresql://canonical/d", 1);
	CHECK(!connections_resolve(&f.cli, &args, CONNECTION_CHANGES, &c, &err));
	CHECK(error_is(&err, E_CONFIG_007));
	CHECK_HAS(err.message, "CONFITURE_DATABASE_URL");
	fixture_end(&f);
}

static void
the_environments_rules_are_still_the_projects(void)
{
	struct connections c;
	struct error err = {0};
	struct fixture f;
	struct fleet fleet;
	struct args args;

	fixture_begin(&f);
	fixture_file("db/environments/staging.yaml",
		     "database_url: ${CONFITURE_NOT_SET:?x}\nmigration: {strict_mode: true}\n"
		     "infrastructure: {replicas: [r1]}\n");
	fleet_begin(&fleet, &f, "migrate up --env staging", &args);
	REQUIRE(connections_resolve(&f.cli, &args, CONNECTION_CHANGES, &c, &err));
	CHECK(c.strict_mode && c.replicas);
	fixture_end(&f);
}

static void
another_database_is_a_name_too(void)
{
	static const struct {
		const char *value, *known_as, *code;
	} rows[] = {
		{"staging", "staging", NULL},
		{"production/us", "production/us", NULL},
		{"production", NULL, "USAGE_001"},
		{"nosuch", NULL, "CONFIG_011"},
		{"postgresql://u:secret@h/d", NULL, "CONFIG_007"},
		{"host=h password=secret", NULL, "CONFIG_007"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *known_as = NULL;
		struct error err = {0};
		struct fixture f;
		struct fleet fleet;
		struct args args;

		fixture_begin(&f);
		fleet_begin(&fleet, &f, "migrate preflight", &args);
		bool ok = connection_add_other(&f.cli, "against", "--against", rows[i].value, NULL,
					       &known_as, &err);
		CHECK_STR(ok ? known_as : err.code->name, ok ? rows[i].known_as : rows[i].code);
		CHECK(strstr(err.message, "secret") == NULL);
		fixture_end(&f);
	}
}

static void
a_worker_that_is_away_is_waited_for_as_long_as_asked(void)
{
	struct error err = {0};
	struct fixture f;
	struct fleet fleet;
	struct args args;

	fixture_begin(&f);
	fleet_begin(&fleet, &f, "migrate up", &args);
	CHECK(worker_wait(cli_session(&f.cli), "local", &err));
	CHECK_INT(fleet.asked, 1);
	CHECK_STR(fixture_err(&f), "");
	session_set_limits(cli_session(&f.cli), NULL, 700);
	CHECK(!worker_wait(cli_session(&f.cli), "production/us", &err));
	CHECK(error_is(&err, E_WORKER_001));
	CHECK_HAS(err.message, "us1 is offline");
	CHECK(fleet.asked >= 3);
	CHECK_HAS(fixture_err(&f), "waiting");
	session_set_limits(cli_session(&f.cli), NULL, 1);
	CHECK(!worker_wait(cli_session(&f.cli), "staging", &err));
	CHECK_HAS(err.hint, "--undo");
	CHECK(!worker_wait(cli_session(&f.cli), "gone", &err));
	CHECK(error_is(&err, E_CONFIG_011));
	fixture_end(&f);
}

static const struct unit_case cases[] = {
	CASE(the_flag_beats_the_variable_and_the_variable_beats_the_file),
	CASE(a_token_file_that_others_can_read_is_refused),
	CASE(the_variable_beats_the_named_file_and_that_beats_the_users_own),
	CASE(names_mean_the_coordinators_targets),
	CASE(the_variables_of_this_machine_do_not_count_there),
	CASE(the_environments_rules_are_still_the_projects),
	CASE(another_database_is_a_name_too),
	CASE(a_worker_that_is_away_is_waited_for_as_long_as_asked),
};

int
main(int argc, char **argv)
{
	return unit_main("cli remote", cases, ARRAY_LEN(cases), argc, argv);
}
