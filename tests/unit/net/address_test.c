/* Where a coordinator may be said to be. */
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/net/address.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

static void
addresses_are_read_whole(void)
{
	static const struct {
		const char *given, *url, *host, *port;
		bool tls, loopback;
	} cases[] = {
		{"ws://127.0.0.1:7432/rpc", "ws://127.0.0.1:7432/rpc", "127.0.0.1", "7432", false,
		 true},
		{"ws://127.0.0.1", "ws://127.0.0.1:7432/rpc", "127.0.0.1", "7432", false, true},
		{"ws://127.9.8.7/", "ws://127.9.8.7:7432/rpc", "127.9.8.7", "7432", false, true},
		{"ws://localhost:1", "ws://127.0.0.1:1/rpc", "127.0.0.1", "1", false, true},
		{"ws://[::1]:80/x", "ws://[::1]:80/x", "::1", "80", false, true},
		{"ws://0.0.0.0", "ws://0.0.0.0:7432/rpc", "0.0.0.0", "7432", false, false},
		{"ws://10.0.0.1", "ws://10.0.0.1:7432/rpc", "10.0.0.1", "7432", false, false},
		{"ws://127.evil.example", "ws://127.evil.example:7432/rpc", "127.evil.example",
		 "7432", false, false},
		{"wss://confiture.example", "wss://confiture.example:443/rpc", "confiture.example",
		 "443", true, false},
		{"wss://localhost:8443/a/b", "wss://localhost:8443/a/b", "localhost", "8443", true,
		 true},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct net_address got = {0};
		struct error err = {0};
		struct arena a;
		arena_init(&a);
		REQUIRE(net_address_parse(&a, cases[i].given, &got, &err));
		CHECK_STR(got.url, cases[i].url);
		CHECK_STR(got.host, cases[i].host);
		CHECK_STR(got.port, cases[i].port);
		CHECK_INT(got.tls, cases[i].tls);
		CHECK_INT(got.loopback, cases[i].loopback);
		arena_fini(&a);
	}
}

static void
what_is_no_address_is_refused_in_words(void)
{
	static const struct {
		const char *given, *words;
	} cases[] = {
		{"", "does not begin with ws:// or wss://"},
		{"127.0.0.1:7432", "does not begin with ws:// or wss://"},
		{"tcp://127.0.0.1:7432", "does not begin with ws:// or wss://"},
		{"https://confiture.example", "does not begin with ws:// or wss://"},
		{"ws://", "has no usable host and port"},
		{"ws:///rpc", "has no usable host and port"},
		{"ws://:7432/rpc", "has no usable host and port"},
		{"ws://host:", "has no usable host and port"},
		{"ws://host:0", "has no usable host and port"},
		{"ws://host:65536", "has no usable host and port"},
		{"ws://host:12x", "has no usable host and port"},
		{"ws://[::1", "has no usable host and port"},
		{"ws://[::1]x", "has no usable host and port"},
		{"ws://host/a%41", "holds a character that has no place there"},
		{"ws://host/rpc?x=1", "holds a character that has no place there"},
		{"ws://ho st", "holds a character that has no place there"},
		{"ws://host\r\nX: y", "holds a character that has no place there"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct net_address got;
		struct error err = {0};
		struct arena a;
		arena_init(&a);
		CHECK(!net_address_parse(&a, cases[i].given, &got, &err));
		CHECK(error_is(&err, E_CONFIG_005));
		CHECK_HAS(err.message, cases[i].words);
		arena_fini(&a);
	}
}

static void
p22_a_password_in_an_address_is_not_repeated(void)
{
	struct net_address got;
	struct error err = {0};
	struct arena a;

	arena_init(&a);
	CHECK(!net_address_parse(&a, "ws://me:hunter2@127.0.0.1/rpc", &got, &err));
	CHECK(strstr(err.message, "hunter2") == NULL);
	CHECK(strstr(err.hint, "hunter2") == NULL);
	arena_fini(&a);
}

static const struct unit_case cases[] = {
	CASE(addresses_are_read_whole),
	CASE(what_is_no_address_is_refused_in_words),
	CASE(p22_a_password_in_an_address_is_not_repeated),
};

int
main(int argc, char **argv)
{
	return unit_main("address", cases, ARRAY_LEN(cases), argc, argv);
}
