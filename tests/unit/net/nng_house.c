/* See the header. Nothing here forks: NNG does not survive it. */
#include "tests/unit/net/nng_house.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/wire/codec.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

extern char **environ;

/* NNG forgets a message that was just being written when its connection ends. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:libnng.so\n";
}

int
house_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	REQUIRE(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	REQUIRE(getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	close(fd);
	return ntohs(a.sin_port);
}

const char *
house_url(int port, char buf[64])
{
	snprintf(buf, 64, "ws://127.0.0.1:%d/rpc", port);
	return buf;
}

/* ---- the server ---- */
static bool
authenticate(void *self, const struct net_credentials *shown, struct arena *arena,
	     struct net_peer *peer, struct error *err)
{
	struct house *h = self;
	const char *header = secret_reveal(shown->authorization);
	const char *token = header == NULL ? "" : header + strlen("Bearer ");
	const char **environments = arena_array(arena, 1, sizeof(char *));

	atomic_fetch_add(&h->asked, 1);
	environments[0] = arena_str(arena, "production");
	*peer = (struct net_peer){
		.role = strcmp(token, "worker") == 0 ? NET_WORKER : NET_CLIENT,
		.name = arena_str(arena, token),
		.environments = environments,
		.environment_count = 1,
	};
	if (!shown->loopback)
		return error_set(err, E_AUTH_001, "not from this machine, or gone already");
	if (strcmp(token, "good") == 0 || strcmp(token, "worker") == 0)
		return true;
	if (strcmp(token, "gone") == 0 && !atomic_load(&h->revoked))
		return true;
	return error_set(err, E_AUTH_001, "the token is not known here");
}

static void
answer_echo(struct net_server *s, struct net_request *r)
{
	const struct job_cancel *q = r->body;
	struct job_info info = {
		.id = q->job,
		.kind = r->peer.name,
		.state = "queued",
		.target = r->peer.environments[0],
		.submitted_at = "2026-11-22T10:00:00.000000Z",
		.exit_code = INT_NULL,
		.note = q->reason,
	};
	struct job_changed reply = {.info = &info};

	s->ops->reply(s, r, &reply);
}

/* Those whose time has come. */
static struct net_request *
answer_parked(struct house *h, struct net_request *parked, uint64_t now_ns)
{
	struct net_request *stay = NULL;

	for (struct net_request *r = parked, *next; r != NULL; r = next) {
		next = r->next;
		if (now_ns < r->deadline_ns) {
			r->next = stay;
			stay = r;
			continue;
		}
		struct worker_offer offer;
		record_init(&record_worker_offer, &offer);
		h->server->ops->reply(h->server, r, &offer);
		atomic_fetch_sub(&h->held, 1);
	}
	return stay;
}

static void
serve(struct house *h)
{
	struct net_request *parked = NULL;

	while (!atomic_load(&h->stop)) {
		struct net_request *r =
			h->server->ops->next(h->server, runtime_deadline(h->rt, 20));
		if (r != NULL && r->kind == MESSAGE_worker_next) {
			const struct worker_next *q = r->body;
			r->deadline_ns = runtime_deadline(h->rt, (uint64_t)q->wait_ms);
			r->next = parked;
			parked = r;
			atomic_fetch_add(&h->held, 1);
		} else if (r != NULL && r->kind == MESSAGE_job_cancel) {
			answer_echo(h->server, r);
		} else if (r != NULL) {
			struct error err = {0};
			error_set(&err, E_JOB_001, "not asked here");
			h->server->ops->refuse(h->server, r, &err);
		}
		parked = answer_parked(h, parked, runtime_boot_ns(h->rt));
	}
	(void)answer_parked(h, parked, UINT64_MAX);
}

static void
serve_thread(void *arg)
{
	serve(arg);
}

void
house_open(struct house *h, const struct net_nng_listen *config)
{
	struct net_nng_listen own = config != NULL ? *config : (struct net_nng_listen){0};
	struct error err = {0};

	*h = (struct house){.rt = runtime_system(), .port = house_port()};
	own.url = house_url(h->port, h->url);
	own.authenticate = authenticate;
	own.self = h;
	h->server = net_nng_listen(h->rt, &own, &err);
	if (h->server == NULL)
		fprintf(stderr, "%s: %s\n", err.message, err.cause);
	REQUIRE(h->server != NULL);
	h->thread = h->rt->ops->thread_start(h->rt, "server", serve_thread, h);
}

int
house_main(const char *url)
{
	struct house h = {.rt = runtime_system()};
	struct net_nng_listen config = {.url = url, .authenticate = authenticate, .self = &h};
	struct error err = {0};

	h.server = net_nng_listen(h.rt, &config, &err);
	if (h.server == NULL) {
		fprintf(stderr, "%s: %s\n", err.message, err.cause);
		return 1;
	}
	serve(&h);
	return 0;
}

void
house_close(struct house *h)
{
	atomic_store(&h->stop, true);
	h->server->ops->wake(h->server);
	h->rt->ops->thread_join(h->rt, h->thread);
	net_nng_server_free(h->server);
}

/* ---- the server's process ---- */
pid_t
house_spawn(int port)
{
	return house_spawn_program(NNG_SERVER, port);
}

pid_t
house_spawn_program(const char *program, int port)
{
	static const char *const none[] = {NULL};
	char url[64];

	return house_spawn_at(program, house_url(port, url), none, port);
}

pid_t
house_spawn_at(const char *program, const char *url, const char *const *more, int port)
{
	struct arena a;
	char *argv[6] = {0};
	pid_t pid = -1;
	posix_spawnattr_t attr;
	sigset_t none;

	/* Threads of ours block every signal; a program must not inherit that. */
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	arena_init(&a);
	argv[0] = arena_str(&a, program);
	argv[1] = arena_str(&a, url);
	for (size_t i = 0; more[i] != NULL && i < 3; i++)
		argv[2 + i] = arena_str(&a, more[i]);
	REQUIRE(posix_spawn(&pid, program, NULL, &attr, argv, environ) == 0);
	posix_spawnattr_destroy(&attr);
	arena_fini(&a);
	for (int i = 0; i < 1000; i++) {
		int fd = raw_connect(port);
		if (fd >= 0) {
			close(fd);
			return pid;
		}
		usleep(10 * 1000);
	}
	REQUIRE(!"the server did not come up");
	return pid;
}

void
house_kill(pid_t pid, int signal)
{
	kill(pid, signal);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

bool
house_alive(pid_t pid)
{
	siginfo_t info = {0};

	/* Left to be reaped by house_kill(), so that the id stays its own. */
	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == 0;
}

int
house_descriptors(pid_t pid)
{
	char path[64];
	int n = -2; /* `.` and `..` */

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		closedir(dir);
	return n;
}

long
house_memory_kb(pid_t pid)
{
	char path[64], line[256];
	long kb = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "VmRSS: %ld kB", &kb) == 1)
			break;
	}
	if (file != NULL)
		fclose(file);
	return kb;
}

/* ---- calls ---- */
struct net_client *
house_client(int port, const char *token)
{
	char url[64];
	const char *urls[] = {house_url(port, url)};
	struct net_nng_dial config = {.urls = urls, .url_count = 1, .token = secret_of(token)};
	struct error err = {0};
	struct net_client *c = net_nng_dial(runtime_system(), &config, &err);

	REQUIRE(c != NULL);
	return c;
}

bool
house_echo(struct net_client *c, const char *reason, uint64_t ms, struct error *err)
{
	struct job_cancel request = {.job = "j", .reason = reason};
	struct arena a;
	void *reply = NULL;

	arena_init(&a);
	bool ok = net_call(c, MESSAGE_job_cancel, &request, runtime_deadline(runtime_system(), ms),
			   &a, &reply, err);
	if (ok)
		ok = unit_check_str(((struct job_changed *)reply)->info->note, reason, "echo",
				    __FILE__, __LINE__);
	arena_fini(&a);
	return ok;
}

bool
house_wait(struct net_client *c, int64_t wait_ms, uint64_t ms, struct error *err)
{
	struct worker_next request = {.worker = "w", .wait_ms = wait_ms};
	struct arena a;
	void *reply = NULL;

	arena_init(&a);
	bool ok = net_call(c, MESSAGE_worker_next, &request, runtime_deadline(runtime_system(), ms),
			   &a, &reply, err);
	if (ok)
		ok = unit_check(((struct worker_offer *)reply)->job == NULL, "no offer", __FILE__,
				__LINE__);
	arena_fini(&a);
	return ok;
}

/* ---- raw sockets ---- */
int
raw_connect(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {.tv_sec = 2};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

bool
raw_send(int fd, const void *bytes, size_t len)
{
	for (const char *p = bytes; len > 0;) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

bool
raw_text(int fd, const char *text)
{
	return raw_send(fd, text, strlen(text));
}

bool
raw_upgrade(int fd, const char *token)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	char request[512], answer[1024] = "";

	if (getpeername(fd, (struct sockaddr *)&a, &len) != 0)
		return false;
	snprintf(request, sizeof(request),
		 "GET /rpc HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
		 "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: rep.sp.nanomsg.org\r\n"
		 "Authorization: Bearer %s\r\n\r\n",
		 ntohs(a.sin_port), token);
	if (!raw_text(fd, request))
		return false;
	for (size_t n = 0; n + 1 < sizeof(answer) && strstr(answer, "\r\n\r\n") == NULL;) {
		ssize_t got = recv(fd, answer + n, 1, 0);
		if (got <= 0)
			return false;
		n++;
	}
	return strstr(answer, " 101 ") != NULL;
}

/* The head of a masked binary frame (the mask is zero); lengths must be written as short as they
 * can be. */
static size_t
frame_head(unsigned char head[14], uint64_t len)
{
	size_t bytes = len < 126 ? 0 : len < 65536 ? 2 : 8;

	memset(head, 0, 14);
	head[0] = 0x82;
	head[1] = (unsigned char)(0x80 | (bytes == 0 ? len : bytes == 2 ? 126 : 127));
	for (size_t i = 0; i < bytes; i++)
		head[2 + i] = (unsigned char)(len >> (8 * (bytes - 1 - i)));
	return 2 + bytes + 4;
}

bool
raw_request(int fd, uint32_t id, enum message_kind kind, const void *body)
{
	struct text bytes;
	unsigned char head[14];
	uint32_t order = htonl(id | 0x80000000u); /* as REQ writes it */

	text_init(&bytes, 0);
	wire_encode_request(&bytes, kind, 10000, body);
	size_t head_len = frame_head(head, bytes.len + sizeof(order));
	bool ok = raw_send(fd, head, head_len) && raw_send(fd, &order, sizeof(order)) &&
		  raw_send(fd, bytes.ptr, bytes.len);
	text_fini(&bytes);
	return ok;
}

void
raw_reset(int fd)
{
	struct linger at_once = {.l_onoff = 1};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}
