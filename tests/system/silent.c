/*
 * Connections that say nothing, from an address of this machine that nobody else uses:
 *
 *   silent PORT COUNT     opens them, prints how many are open, and holds them until its input ends
 *
 * Those that the other side closes at once count as opened: they took room for a moment.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/base/parse.h"

#include "shared/base/banned.h"

static bool
open_one(int64_t port)
{
	struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	from.sin_addr.s_addr = inet_addr("127.0.0.77");
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)port);
	if (fd < 0)
		return false;
	/* The port is chosen at connect(), or there would be too few for a second run. */
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) == 0 &&
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return true;
	int why = errno;
	close(fd);
	if (why == ECONNRESET) /* turned away before connect() had come back */
		return true;
	errno = why;
	perror("silent");
	return false;
}

int
main(int argc, char **argv)
{
	struct rlimit limit;
	int64_t port, count, opened = 0;
	char c;

	if (argc != 3 || !parse_int(argv[1], &port) || !parse_int(argv[2], &count))
		return 2;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)!setrlimit(RLIMIT_NOFILE, &limit);
	}
	while (opened < count && open_one(port))
		opened++;
	printf("%lld\n", (long long)opened);
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
