/* The man in the middle: forwards bytes, understands just enough of the protocol to see COMMIT on
 * the way in and ReadyForQuery on the way out. */
#include "tests/db/proxy.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/cluster.h"

#include "shared/base/banned.h"

enum { SERVERS = 2 };

/* Where in the server's stream of messages we are. */
struct reader {
	unsigned char header[5];
	size_t have;
	uint32_t left; /* payload still to come */
	bool ready, idle;
};

struct proxy {
	char directory[64], path[96], url[256];
	int listener, stop[2];
	atomic_int mode;
	pthread_t thread;
};

static int
connect_server(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%.80s/.s.PGSQL.5432", cluster_socket_dir());
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		abort();
	return fd;
}

static bool
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static void
read_messages(struct reader *r, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (r->left > 0) {
			if (r->header[0] == 'Z')
				r->idle = data[i] == 'I';
			r->ready = r->header[0] == 'Z';
			r->left--;
		} else {
			r->header[r->have++] = (unsigned char)data[i];
		}
		if (r->have == 5) {
			r->left = ((uint32_t)r->header[1] << 24 | (uint32_t)r->header[2] << 16 |
				   (uint32_t)r->header[3] << 8 | r->header[4]) -
				  4;
			r->have = 0;
		}
	}
}

/* Everything a server says until it is ready, dropped. */
static void
swallow(int server)
{
	struct reader r = {.have = 0};
	char buf[4096];

	while (!r.ready) {
		ssize_t n = read(server, buf, sizeof(buf));

		if (n <= 0)
			return;
		read_messages(&r, buf, (size_t)n);
	}
}

struct line {
	int client, servers[SERVERS], now;
	bool started;
	struct reader reader;
};

static bool
from_client(struct proxy *p, struct line *l)
{
	char buf[65536];
	ssize_t n = read(l->client, buf, sizeof(buf));
	int mode = atomic_load(&p->mode);

	if (n <= 0)
		return false;
	bool commits = memmem(buf, (size_t)n, "COMMIT", 6) != NULL;
	if (commits && mode == PROXY_CUT_BEFORE_COMMIT)
		return false;
	/* The second session gets the same startup packet. */
	if (!l->started && !write_all(l->servers[1], buf, (size_t)n))
		return false;
	if (!write_all(l->servers[l->now], buf, (size_t)n))
		return false;
	if (!l->started)
		swallow(l->servers[1]);
	l->started = true;
	if (!commits || mode != PROXY_CUT_AFTER_COMMIT)
		return true;
	swallow(l->servers[l->now]);
	return false;
}

static bool
from_server(struct proxy *p, struct line *l)
{
	char buf[65536];
	ssize_t n = read(l->servers[l->now], buf, sizeof(buf));

	if (n <= 0)
		return false;
	l->reader.ready = false;
	read_messages(&l->reader, buf, (size_t)n);
	/* Before the client hears of it, which may set the mode then. */
	if (l->reader.ready && l->reader.idle && atomic_load(&p->mode) == PROXY_POOL)
		l->now = !l->now;
	return write_all(l->client, buf, (size_t)n);
}

static void
serve(struct proxy *p, int client)
{
	struct line l = {.client = client};
	bool alive = true;

	for (int i = 0; i < SERVERS; i++)
		l.servers[i] = connect_server();
	while (alive) {
		struct pollfd fds[] = {{client, POLLIN, 0},
				       {l.servers[l.now], POLLIN, 0},
				       {p->stop[0], POLLIN, 0}};

		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			break;
		if (fds[2].revents != 0)
			break;
		if (fds[1].revents != 0)
			alive = from_server(p, &l);
		else if (fds[0].revents != 0)
			alive = from_client(p, &l);
	}
	for (int i = 0; i < SERVERS; i++)
		close(l.servers[i]);
	close(client);
}

static void *
proxy_thread(void *arg)
{
	struct proxy *p = arg;

	for (;;) {
		struct pollfd fds[] = {{p->listener, POLLIN, 0}, {p->stop[0], POLLIN, 0}};

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return NULL;
		if (fds[1].revents != 0)
			return NULL;
		if (fds[0].revents == 0)
			continue;
		int client = accept(p->listener, NULL, NULL);
		if (client >= 0)
			serve(p, client);
	}
}

struct proxy *
proxy_start(enum proxy_mode mode)
{
	struct proxy *p = calloc(1, sizeof(*p));
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	if (p == NULL)
		abort();
	snprintf(p->directory, sizeof(p->directory), "/tmp/confiture-proxy-XXXXXX");
	if (mkdtemp(p->directory) == NULL || pipe(p->stop) != 0)
		abort();
	snprintf(p->path, sizeof(p->path), "%s/.s.PGSQL.5432", p->directory);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", p->path);
	p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(p->listener, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(p->listener, 8) != 0)
		abort();
	atomic_init(&p->mode, mode);
	if (pthread_create(&p->thread, NULL, proxy_thread, p) != 0)
		abort();
	return p;
}

void
proxy_set(struct proxy *p, enum proxy_mode mode)
{
	atomic_store(&p->mode, mode);
}

const char *
proxy_url(struct proxy *p, const char *database)
{
	snprintf(p->url, sizeof(p->url), "host=%s port=5432 user=postgres dbname=%s", p->directory,
		 database);
	return p->url;
}

void
proxy_stop(struct proxy *p)
{
	if (write(p->stop[1], "x", 1) != 1)
		abort();
	pthread_join(p->thread, NULL);
	close(p->listener);
	close(p->stop[0]);
	close(p->stop[1]);
	unlink(p->path);
	rmdir(p->directory);
	free(p);
}
