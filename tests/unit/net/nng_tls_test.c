/*
 * What a client over wss:// insists on. The server ends TLS and answers nothing: a client that
 * trusts it waits in vain, one that does not never connects.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "tests/support/unit.h"
#include "tests/unit/net/nng_house.h"

#include "shared/base/banned.h"

#define TLS(file) NNG_TLS_FOLDER "/" file

static int port;
static pid_t server;

static void
begin(void)
{
	static const char *const files[] = {TLS("ours.pem"), TLS("worker-1.pem"),
					    TLS("worker-1.key"), NULL};
	char url[64];

	port = house_port();
	snprintf(url, sizeof(url), "wss://localhost:%d/rpc", port);
	server = house_spawn_at(NNG_BARE, url, files, port);
}

static void
try_it(const struct net_nng_dial *given, uint64_t contact_ms, struct error *err)
{
	char url[64];
	const char *urls[] = {url};
	struct net_nng_dial config = *given;

	snprintf(url, sizeof(url), "wss://localhost:%d/rpc", port);
	config.urls = urls;
	config.url_count = 1;
	config.first_contact_ms = contact_ms;
	struct net_client *c = net_nng_dial(runtime_system(), &config, err);
	if (c == NULL)
		return;
	CHECK(!house_echo(c, "x", 2500, err));
	net_nng_client_free(c);
}

static void
only_the_named_server_of_a_trusted_authority_is_spoken_to(void)
{
	static const struct {
		struct net_nng_dial config;
		const char *message, *cause;
		uint64_t contact_ms; /* plenty where it succeeds */
	} cases[] = {
		{{.ca_file = TLS("ours.pem"),
		  .server_name = "worker-1",
		  .cert_file = TLS("client.pem"),
		  .key_file = TLS("client.key")},
		 "did not answer in time",
		 "",
		 20000},
		/* The URL's own host: the certificate is good, but of another. */
		{{.ca_file = TLS("ours.pem"),
		  .cert_file = TLS("client.pem"),
		  .key_file = TLS("client.key")},
		 "cannot be reached",
		 "the connection fails: ",
		 700},
		{{.ca_file = TLS("other.pem"),
		  .server_name = "worker-1",
		  .cert_file = TLS("client.pem"),
		  .key_file = TLS("client.key")},
		 "cannot be reached",
		 "the connection fails: ",
		 700},
		/* No certificate of our own. */
		{{.ca_file = TLS("ours.pem"), .server_name = "worker-1"},
		 "cannot be reached",
		 "the connection fails: ",
		 700},
	};

	begin();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = {0};
		try_it(&cases[i].config, cases[i].contact_ms, &err);
		CHECK(error_is(&err, E_COORD_001));
		CHECK_HAS(err.message, cases[i].message);
		CHECK_HAS(err.cause, cases[i].cause);
	}
	house_kill(server, SIGTERM);
}

static void
files_that_cannot_be_used_are_named(void)
{
	static const struct {
		struct net_nng_dial config;
		enum error_id id;
		const char *words;
	} cases[] = {
		{{.ca_file = "/nonexistent.pem"}, E_CONFIG_005, "/nonexistent.pem"},
		{{.ca_file = TLS("ours.pem"), .cert_file = TLS("client.pem")},
		 E_CONFIG_001,
		 "both"},
		{{.ca_file = TLS("ours.pem"),
		  .cert_file = "/nonexistent.pem",
		  .key_file = TLS("client.key")},
		 E_CONFIG_005,
		 "the certificate /nonexistent.pem cannot be read"},
		{{.ca_file = TLS("ours.pem"),
		  .cert_file = TLS("client.pem"),
		  .key_file = TLS("make.sh")},
		 E_CONFIG_005,
		 "is not a PEM file"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = {0};
		port = 1;
		try_it(&cases[i].config, 700, &err);
		CHECK(err.code != NULL && err.code->id == cases[i].id);
		CHECK_HAS(err.message, cases[i].words);
	}
}

static const struct unit_case cases[] = {
	CASE(only_the_named_server_of_a_trusted_authority_is_spoken_to),
	CASE(files_that_cannot_be_used_are_named),
};

int
main(int argc, char **argv)
{
	return unit_main("nng_tls", cases, ARRAY_LEN(cases), argc, argv);
}
