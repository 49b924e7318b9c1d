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

enum { SERVERS = 2, LINES_MOST = 256 };

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
	pthread_t thread, lines[LINES_MOST];
	size_t line_count;
	/* the one cut: counted over all lines */
	pthread_mutex_t lock;
	bool armed, has_cut;
	enum proxy_cut_at at;
	long number, from_clients, from_servers, commits;
};

/* -1 while the server is away. */
static int
connect_server(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%.80s/.s.PGSQL.5432", cluster_socket_dir());
	if (fd < 0)
		abort();
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
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
	struct proxy *proxy;
	int client, servers[SERVERS], now;
	bool started;
	struct reader reader;
};

/* Where in these bytes the line is to be cut; -1 = nowhere. *answer_lost: what was sent is
 * answered to nobody. */
static ssize_t
cut_in(struct proxy *p, bool client, const char *data, size_t len, bool *answer_lost)
{
	const char *commit = client ? memmem(data, len, "COMMIT", 6) : NULL;
	ssize_t at = -1;

	pthread_mutex_lock(&p->lock);
	long *sent = client ? &p->from_clients : &p->from_servers;
	p->commits += commit != NULL;
	bool bytes = p->at == (client ? PROXY_AT_CLIENT_BYTE : PROXY_AT_SERVER_BYTE);
	if (p->armed && bytes && *sent + (long)len >= p->number)
		at = p->number - *sent > 0 ? p->number - *sent : 0;
	if (p->armed && commit != NULL && p->at >= PROXY_BEFORE_COMMIT && p->commits == p->number) {
		*answer_lost = p->at == PROXY_AFTER_COMMIT;
		at = p->at == PROXY_BEFORE_COMMIT   ? 0
		     : p->at == PROXY_WITHIN_COMMIT ? commit - data + 3
						    : (ssize_t)len;
	}
	*sent += (long)len;
	p->has_cut = p->has_cut || at >= 0;
	p->armed = p->armed && at < 0;
	pthread_mutex_unlock(&p->lock);
	return at;
}

static bool
from_client(struct proxy *p, struct line *l)
{
	char buf[65536];
	ssize_t n = read(l->client, buf, sizeof(buf));
	int mode = atomic_load(&p->mode);
	bool answer_lost = false;

	if (n <= 0)
		return false;
	ssize_t cut = cut_in(p, true, buf, (size_t)n, &answer_lost);
	if (cut >= 0) {
		(void)!write_all(l->servers[l->now], buf, (size_t)cut);
		if (answer_lost)
			swallow(l->servers[l->now]);
		return false;
	}
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
	bool ignored;
	ssize_t cut = cut_in(p, false, buf, (size_t)n, &ignored);
	if (cut >= 0)
		return write_all(l->client, buf, (size_t)cut) && false;
	l->reader.ready = false;
	read_messages(&l->reader, buf, (size_t)n);
	/* Before the client hears of it, which may set the mode then. */
	if (l->reader.ready && l->reader.idle && atomic_load(&p->mode) == PROXY_POOL)
		l->now = !l->now;
	return write_all(l->client, buf, (size_t)n);
}

static void
forward(struct proxy *p, struct line *l)
{
	bool alive = true;

	while (alive) {
		struct pollfd fds[] = {{l->client, POLLIN, 0},
				       {l->servers[l->now], POLLIN, 0},
				       {p->stop[0], POLLIN, 0}};

		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			break;
		if (fds[2].revents != 0)
			break;
		if (fds[1].revents != 0)
			alive = from_server(p, l);
		else if (fds[0].revents != 0)
			alive = from_client(p, l);
	}
}

static void *
line_thread(void *arg)
{
	struct line *l = arg;

	for (int i = 0; i < SERVERS; i++)
		l->servers[i] = connect_server();
	if (l->servers[0] >= 0 && l->servers[1] >= 0)
		forward(l->proxy, l);
	for (int i = 0; i < SERVERS; i++) {
		if (l->servers[i] >= 0)
			close(l->servers[i]);
	}
	close(l->client);
	free(l);
	return NULL;
}

static void
serve(struct proxy *p, int client)
{
	struct line *l = calloc(1, sizeof(*l));

	if (l == NULL || p->line_count == LINES_MOST)
		abort();
	l->proxy = p;
	l->client = client;
	if (pthread_create(&p->lines[p->line_count++], NULL, line_thread, l) != 0)
		abort();
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
		int client = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
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
	pthread_mutex_init(&p->lock, NULL);
	if (pthread_create(&p->thread, NULL, proxy_thread, p) != 0)
		abort();
	return p;
}

void
proxy_set(struct proxy *p, enum proxy_mode mode)
{
	atomic_store(&p->mode, mode);
}

void
proxy_cut(struct proxy *p, enum proxy_cut_at at, long number)
{
	pthread_mutex_lock(&p->lock);
	p->at = at;
	p->number = number;
	p->armed = true;
	pthread_mutex_unlock(&p->lock);
}

bool
proxy_has_cut(struct proxy *p)
{
	pthread_mutex_lock(&p->lock);
	bool has = p->has_cut;
	pthread_mutex_unlock(&p->lock);
	return has;
}

const char *
proxy_url(struct proxy *p, const char *database)
{
	snprintf(p->url, sizeof(p->url), "postgresql://postgres@/%s?host=%s&port=5432", database,
		 p->directory);
	return p->url;
}

void
proxy_stop(struct proxy *p)
{
	if (write(p->stop[1], "x", 1) != 1)
		abort();
	pthread_join(p->thread, NULL);
	for (size_t i = 0; i < p->line_count; i++)
		pthread_join(p->lines[i], NULL);
	pthread_mutex_destroy(&p->lock);
	close(p->listener);
	close(p->stop[0]);
	close(p->stop[1]);
	unlink(p->path);
	rmdir(p->directory);
	free(p);
}
