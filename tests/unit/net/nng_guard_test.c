/*
 * NNG below 1.6 and a path that ends in a percent escape: the exact request that kills a plain
 * server within a handful of them.
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

/* How many were answered before the server died. */
static int
attack(pid_t server, int port, int times)
{
	int answered = 0;

	while (answered < times && get_percent_path(port, 8 + (size_t)answered % 500))
		answered++;
	usleep(100 * 1000); /* the last one may kill late */
	return house_alive(server) ? answered : -answered;
}

static void
the_guarded_server_survives_paths_that_end_in_a_percent_escape(void)
{
	enum { TIMES = 600 };
	int port = house_port();
	pid_t server = house_spawn_program(NNG_GUARDED, port);

	CHECK_INT(attack(server, port, TIMES), TIMES);
	house_kill(server, SIGTERM);
}

static void
the_whole_server_goes_on_answering(void)
{
	enum { TIMES = 600 };
	int port = house_port();
	struct error err = {0};

	if (!net_nng_guarded()) {
		printf("(a sanitizer's malloc: only the bare server has the guard) ");
		return;
	}
	pid_t server = house_spawn(port);
	struct net_client *c = house_client(port, "good");
	CHECK(house_echo(c, "before", 20000, &err));
	CHECK_INT(attack(server, port, TIMES), TIMES);
	CHECK(house_echo(c, "after", 20000, &err));
	net_nng_client_free(c);
	house_kill(server, SIGTERM);
}

/* What the guard is for. Once the system's NNG has mended it, this says so and the guard can go. */
static void
without_the_guard_the_server_dies_of_it(void)
{
	int port = house_port();
	pid_t server = house_spawn_program(NNG_BARE, port);

	CHECK(attack(server, port, 600) <= 0);
	house_kill(server, SIGTERM);
}

static const struct unit_case cases[] = {
	CASE(the_guarded_server_survives_paths_that_end_in_a_percent_escape),
	CASE(the_whole_server_goes_on_answering),
	CASE(without_the_guard_the_server_dies_of_it),
};

int
main(int argc, char **argv)
{
	return unit_main("nng_guard", cases, ARRAY_LEN(cases), argc, argv);
}
