/* The program's settings, identities, and who is let in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coordinator/daemon/daemon_config.h"
#include "coordinator/daemon/identity.h"
#include "coordinator/daemon/tokens.h"
#include "tests/support/sample.h"
#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

static struct scratch scratch;
static struct arena arena;

static void
set_up(void)
{
	scratch_open(&scratch);
	arena_init(&arena);
}

static void
tear_down(void)
{
	arena_fini(&arena);
	scratch_close(&scratch);
}

static const char *
write_file(const char *name, const char *text)
{
	const char *path = arena_printf(&arena, "%s/%s", scratch.folder, name);
	FILE *f = fopen(path, "w");

	REQUIRE(f != NULL);
	fputs(text, f);
	REQUIRE(fclose(f) == 0);
	CHECK(chmod(path, 0600) == 0);
	return path;
}

static void
a_wrong_setting_is_named_with_its_line(void)
{
	static const struct {
		const char *text;
		enum error_id code;
		uint32_t line;
		const char *words;
	} t[] = {
		{"lisen: ws://127.0.0.1:1/rpc\n", E_CONFIG_008, 1, "did you mean \"listen\"?"},
		{"log:\n  level: loud\n", E_CONFIG_005, 2, "debug|info|warning|error"},
		{"log:\n  levle: info\n", E_CONFIG_008, 2, "log.levle"},
		{"\nlisten: tcp://127.0.0.1:1\n", E_CONFIG_005, 2, "listen"},
		{"listen: wss://127.0.0.1:1/rpc\n", E_CONFIG_005, 1, "proxy"},
		{"listen: ws://0.0.0.0:7432/rpc\n", E_CONFIG_005, 1, "insecure_bind"},
		{"journal: state/journal.db\n", E_CONFIG_005, 1, "a path from the root"},
		{"lease: soon\n", E_CONFIG_005, 1, "duration"},
		{"lease: 500ms\n", E_CONFIG_005, 1, "from 1s to 10m"},
		{"retention_days: 0\n", E_CONFIG_005, 1, "from 1 to 36500"},
		{"proxy_secret_file: /nowhere/secret\n", E_CONFIG_005, 1, "cannot be read"},
		{"limits: [1]\n", E_CONFIG_005, 1, "limits"},
		{"listen: [\n", E_CONFIG_002, 2, ""},
	};

	set_up();
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct daemon_config config;
		struct error err = {0};
		const char *path = write_file("c.yaml", t[i].text);
		CHECK(!daemon_config_load(&arena, path, &config, &err));
		CHECK_STR(err.code != NULL ? err.code->name : "", error_code(t[i].code)->name);
		CHECK_HAS(err.message, t[i].words);
		CHECK_STR(err.at.file, path);
		CHECK_INT(err.at.line, t[i].line);
	}
	tear_down();
}

static void
a_file_says_what_differs_and_the_table_the_rest(void)
{
	struct daemon_config config;
	struct error err = {0};

	set_up();
	const char *secret = write_file("secret", "0123456789abcdef\n");
	const char *path = write_file(
		"c.yaml", arena_printf(&arena,
				       "listen: ws://0.0.0.0:9/rpc\ninsecure_bind: true\n"
				       "lease: 30s\nproxy_secret_file: %s\nlog: {format: json}\n"
				       "limits: {intents_per_agent: 7}\n",
				       secret));
	REQUIRE(daemon_config_load(&arena, path, &config, &err));
	CHECK_STR(config.listen, "ws://0.0.0.0:9/rpc");
	CHECK_STR(config.journal, "/var/lib/confiture/journal.db");
	CHECK_INT(config.lease_ms, 30000);
	CHECK_INT(config.retention_days, 30);
	CHECK_INT(config.log_level, LEVEL_INFO);
	CHECK_INT(config.log_format, LOG_JSON);
	CHECK_INT(config.intents_per_agent, 7);
	CHECK_INT(config.open_jobs_per_agent, 1000);
	CHECK(secret_given(config.proxy_secret));
	tear_down();
}

/* But for the secret, which has no default. */
static void
the_sample_without_its_marks_is_the_default_configuration(void)
{
	static const char *const but[] = {"proxy_secret_file", NULL};
	struct text sample, file;
	struct daemon_config made, plain;
	struct error err = {0};

	set_up();
	text_init(&sample, 0);
	text_init(&file, 0);
	REQUIRE(daemon_config_print(&arena, NULL, &sample, &err));
	sample_switch_on(sample.ptr, but, &file);
	REQUIRE(daemon_config_load(&arena, write_file("c.yaml", file.ptr), &made, &err));
	REQUIRE(daemon_config_load(&arena, NULL, &plain, &err));
	CHECK_STR(made.listen, plain.listen);
	CHECK_STR(made.journal, plain.journal);
	CHECK_INT(made.lease_ms, plain.lease_ms);
	CHECK_INT(made.retention_days, plain.retention_days);
	CHECK_INT(made.connections, plain.connections);
	text_fini(&sample);
	text_fini(&file);
	tear_down();
}

/* ---- identities ---- */
static void
an_identity_is_a_role_a_name_and_for_workers_environments(void)
{
	static const struct {
		const char *text;
		enum net_role role;
		const char *name, *environments;
	} t[] = {
		{"agent:ci", NET_CLIENT, "ci", ""},
		{"agent:a.b_c-d+9", NET_CLIENT, "a.b_c-d+9", ""},
		{"operator:local", NET_OPERATOR, "local", ""},
		{"worker:eu1@production", NET_WORKER, "eu1", "production "},
		{"worker:eu1@production,staging", NET_WORKER, "eu1", "production staging "},
	};

	set_up();
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct net_peer peer;
		const char *environments = "";
		REQUIRE(identity_parse(&arena, t[i].text, &peer, NULL));
		for (size_t k = 0; k < peer.environment_count; k++)
			environments =
				arena_printf(&arena, "%s%s ", environments, peer.environments[k]);
		CHECK_INT(peer.role, t[i].role);
		CHECK_STR(peer.name, t[i].name);
		CHECK_STR(environments, t[i].environments);
	}
	tear_down();
}

static void
what_is_no_identity_is_refused(void)
{
	static const char *const texts[] = {
		"",
		"ci",
		"agent:",
		"agent:a b",
		"agent:a/b",
		"agent:a@b",
		"root:x",
		"worker:eu1",
		"worker:@x",
		"worker:eu1@",
		"worker:eu1@a,",
		"worker:eu1@a,,b",
		"worker:a@b@c",
		"operator:x\n",
		"operator:\xc3\xa9",
		"AGENT:ci",
	};

	set_up();
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct net_peer peer;
		struct error err = {0};
		CHECK(!identity_parse(&arena, texts[i], &peer, &err));
		CHECK(error_is(&err, E_USAGE_001));
	}
	tear_down();
}

/* ---- who is let in ---- */
static void
a_name_on_a_certificate_counts_only_beside_the_proxys_secret(void)
{
	static const char good[] = "0123456789abcdef";
	static const struct {
		const char *configured, *secret, *name, *authorization, *in;
	} t[] = {
		{good, good, "operator:ann", NULL, "ann"},
		{good, good, "ann", NULL, NULL},
		{good, good, NULL, NULL, NULL},
		{good, good, "", "TOKEN", "ci"},
		{good, "0123456789abcdeX", "operator:ann", NULL, NULL},
		{good, "0123456789abcdeX", NULL, "TOKEN", NULL},
		{good, NULL, "operator:ann", NULL, NULL},
		{good, NULL, "operator:ann", "TOKEN", "ci"},
		{NULL, good, "operator:ann", "TOKEN", NULL},
		{NULL, NULL, NULL, "TOKEN", "ci"},
		{NULL, NULL, NULL, "TOKENx", NULL},
		{NULL, NULL, NULL, "", NULL},
	};
	char text[TOKEN_TEXT], id[ID_TEXT];
	struct runtime *rt = runtime_system();
	struct journal *j;
	bool changed;

	set_up();
	REQUIRE(journal_open(rt, scratch.journal, true, &j, NULL));
	REQUIRE(token_create(j, rt, "agent:ci", INT_NULL, text, id, NULL));
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct tokens *tokens = tokens_new(rt, j, secret_of(t[i].configured));
		REQUIRE(tokens_poll(tokens, true, &changed, NULL));
		const char *rest = t[i].authorization;
		struct net_credentials shown = {.client_name = t[i].name,
						.proxy_secret = secret_of(t[i].secret)};
		if (rest != NULL)
			shown.authorization = secret_of(arena_printf(
				&arena, "Bearer %s%s", strncmp(rest, "TOKEN", 5) == 0 ? text : "",
				strncmp(rest, "TOKEN", 5) == 0 ? rest + 5 : rest));
		struct net_peer peer = {0};
		struct error err = {0};
		bool in = tokens_authenticate(tokens, &shown, &arena, &peer, &err);
		CHECK_STR(in ? peer.name : "nobody", t[i].in != NULL ? t[i].in : "nobody");
		CHECK(in || error_is(&err, E_AUTH_001));
		CHECK(strstr(err.message, text) == NULL && strstr(err.message, good) == NULL);
		tokens_free(tokens);
	}
	journal_close(j);
	tear_down();
}

static const struct unit_case cases[] = {
	CASE(a_wrong_setting_is_named_with_its_line),
	CASE(a_file_says_what_differs_and_the_table_the_rest),
	CASE(the_sample_without_its_marks_is_the_default_configuration),
	CASE(an_identity_is_a_role_a_name_and_for_workers_environments),
	CASE(what_is_no_identity_is_refused),
	CASE(a_name_on_a_certificate_counts_only_beside_the_proxys_secret),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/daemon_config", cases, ARRAY_LEN(cases), argc, argv);
}
