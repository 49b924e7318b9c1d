/*
 * The notify protocol of systemd, which is one datagram to a socket named in the environment: not
 * worth a library.
 */
#include "shared/base/service.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared/base/parse.h"

#include "shared/base/banned.h"

void
service_notify(const char *state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");

	if (path == NULL || (*path != '/' && *path != '@') ||
	    strlen(path) >= sizeof(address.sun_path))
		return;
	size_t len = strlen(path);
	memcpy(address.sun_path, path, len);
	if (*path == '@')
		address.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	ssize_t n;
	do {
		n = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
			   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	} while (n < 0 && errno == EINTR);
	close(fd);
}

uint64_t
service_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	int64_t n;

	if (usec == NULL || !parse_int(usec, &n) || n <= 0)
		return 0;
	if (pid != NULL) {
		int64_t meant;
		if (!parse_int(pid, &meant) || meant != (int64_t)getpid())
			return 0;
	}
	return (uint64_t)n / 2000 > 0 ? (uint64_t)n / 2000 : 1;
}
