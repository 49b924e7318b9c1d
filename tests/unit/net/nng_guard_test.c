/*
 * NNG below 1.6 and a path that ends in a percent escape: the exact request that kills a plain
 * server within a handful of them. The server's process is the release form of nng_server.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/base/compiler.h"
#include "tests/support/unit.h"
#include "tests/unit/net/nng_house.h"

#include "shared/base/banned.h"

/* Lengths around malloc's size classes: the byte behind the string is what matters. */
static bool
get_percent_path(int port, size_t length)
{
	char path[600], request[1024], answer[64] = "";
	int fd = raw_connect(port);

	if (fd < 0)
		return false;
	memset(path, 'a', length);
	path[0] = '/';
	snprintf(path + length, sizeof(path) - length, "%%41");
	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", path,
		 port);
	bool ok = raw_text(fd, request) && recv(fd, answer, sizeof(answer) - 1, 0) > 0 &&
		  strncmp(answer, "HTTP/1.1 404", 12) == 0;
	close(fd);
	return ok;
}

static void
a_path_that_ends_in_a_percent_escape_does_not_kill_the_server(void)
{
	enum { TIMES = 600 };
	int port = house_port();
	pid_t server = house_spawn(port);
	struct net_client *c = house_client(port, "good");
	struct error err = {0};
	int answered = 0;

	CHECK(house_echo(c, "before", 20000, &err));
	for (int i = 0; i < TIMES && house_alive(server); i++)
		answered += get_percent_path(port, 8 + (size_t)i % 500);
	CHECK_INT(answered, TIMES);
	CHECK(house_alive(server));
	CHECK(house_echo(c, "after", 20000, &err));
	net_nng_client_free(c);
	house_kill(server, SIGTERM);
}

static const struct unit_case cases[] = {
	CASE(a_path_that_ends_in_a_percent_escape_does_not_kill_the_server),
};

int
main(int argc, char **argv)
{
	return unit_main("nng_guard", cases, ARRAY_LEN(cases), argc, argv);
}
