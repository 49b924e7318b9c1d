/* Calls over real WebSockets: answers, refusals, deadlines, lost and found connections. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/compiler.h"
#include "shared/wire/codec.h"
#include "tests/support/unit.h"
#include "tests/unit/net/nng_house.h"

#include "shared/base/banned.h"

static uint64_t
now_ms(void)
{
	return runtime_boot_ms(runtime_system());
}

static void
a_request_is_answered_and_names_its_peer(void)
{
	struct house h;
	house_open(&h, NULL);
	struct net_client *c = house_client(h.port, "good");
	struct job_cancel request = {.job = "j1", .reason = "ünïcode"};
	struct error err = {0};
	struct arena a;
	void *reply = NULL;

	arena_init(&a);
	REQUIRE(net_call(c, MESSAGE_job_cancel, &request, runtime_deadline(h.rt, 10000), &a, &reply,
			 &err));
	const struct job_info *info = ((struct job_changed *)reply)->info;
	CHECK_STR(info->id, "j1");
	CHECK_STR(info->note, "ünïcode");
	CHECK_STR(info->kind, "good"); /* the peer's name */
	CHECK_STR(info->target, "production");
	CHECK_INT(info->exit_code, INT_NULL);
	for (int i = 0; i < 100; i++)
		CHECK(house_echo(c, "again", 10000, &err));
	CHECK_INT(h.asked, 1); /* once for the connection */
	arena_fini(&a);
	net_nng_client_free(c);
	house_close(&h);
}

static void
a_refusal_comes_back_as_the_error_that_it_was(void)
{
	struct house h;
	house_open(&h, NULL);
	struct net_client *c = house_client(h.port, "good");
	struct job_show request = {.job = "j1"};
	struct error err = {0};
	struct arena a;
	void *reply = NULL;

	arena_init(&a);
	CHECK(!net_call(c, MESSAGE_job_show, &request, runtime_deadline(h.rt, 10000), &a, &reply,
			&err));
	CHECK(error_is(&err, E_JOB_001));
	CHECK_STR(err.message, "not asked here");
	arena_fini(&a);
	net_nng_client_free(c);
	house_close(&h);
}

/* ---- many at once ---- */
struct waiter {
	struct thread *thread;
	struct net_client *client;
	bool ok;
};

static void
wait_thread(void *arg)
{
	struct waiter *w = arg;
	struct error err = {0};

	w->ok = house_wait(w->client, 3000, 20000, &err);
}

static void
short_requests_are_answered_while_64_are_parked(void)
{
	enum { WAITERS = 60, OTHERS = 4 };
	struct house h;
	struct waiter waiters[WAITERS + OTHERS];
	struct error err = {0};
	house_open(&h, NULL);
	struct net_client *one = house_client(h.port, "worker");
	struct net_client *two = house_client(h.port, "good");

	REQUIRE(house_echo(two, "first", 10000, &err));
	for (int i = 0; i < WAITERS + OTHERS; i++) {
		waiters[i] = (struct waiter){.client = i < WAITERS ? one : two};
		waiters[i].thread =
			h.rt->ops->thread_start(h.rt, "waiter", wait_thread, &waiters[i]);
	}
	/* Each is parked for three seconds. */
	for (uint64_t limit = now_ms() + 3000; h.held < WAITERS + OTHERS && now_ms() < limit;)
		usleep(1000);
	REQUIRE(h.held == WAITERS + OTHERS);
	uint64_t began = now_ms();
	for (int i = 0; i < 50; i++)
		CHECK(house_echo(two, "short", 10000, &err));
	CHECK_INT(h.held, WAITERS + OTHERS);
	CHECK(now_ms() - began < 3000);
	for (int i = 0; i < WAITERS + OTHERS; i++) {
		h.rt->ops->thread_join(h.rt, waiters[i].thread);
		CHECK(waiters[i].ok);
	}
	net_nng_client_free(one);
	net_nng_client_free(two);
	house_close(&h);
}

/* ---- identity ---- */
static void
a_wrong_token_is_told_so_and_put_out(void)
{
	static const char *const tokens[] = {"wrong", "", NULL};
	struct house h;
	struct net_health health;

	house_open(&h, NULL);
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		struct net_client *c = house_client(h.port, tokens[i]);
		struct error err = {0};
		uint64_t began = now_ms();
		CHECK(!house_echo(c, "let me in", 20000, &err));
		CHECK(error_is(&err, E_AUTH_001));
		CHECK_STR(err.message, "the token is not known here");
		CHECK(now_ms() - began < 10000);
		net_nng_client_free(c);
	}
	net_nng_health(h.server, &health);
	CHECK(health.refused >= ARRAY_LEN(tokens));
	house_close(&h);
}

static void
a_token_that_would_be_a_header_of_its_own_is_refused(void)
{
	static const char *const tokens[] = {"xyz 123", "a\r\nX-Client-CN: root", "xyz\x7f"};
	const char *urls[] = {"ws://127.0.0.1:1/rpc"};

	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		struct net_nng_dial config = {
			.urls = urls, .url_count = 1, .token = secret_of(tokens[i])};
		struct error err = {0};
		CHECK(net_nng_dial(runtime_system(), &config, &err) == NULL);
		CHECK(error_is(&err, E_CONFIG_005));
		CHECK(strstr(err.message, tokens[i]) == NULL);
	}
}

static void
a_revoked_token_ends_its_connection(void)
{
	struct house h;
	struct error err = {0};
	house_open(&h, NULL);
	struct net_client *stays = house_client(h.port, "good");
	struct net_client *goes = house_client(h.port, "gone");

	CHECK(house_echo(stays, "a", 10000, &err));
	CHECK(house_echo(goes, "b", 10000, &err));
	h.revoked = true;
	CHECK(house_echo(goes, "still known", 10000, &err));
	net_nng_reauthenticate(h.server);
	CHECK(house_echo(stays, "c", 10000, &err));
	CHECK(!house_echo(goes, "d", 10000, &err));
	CHECK(error_is(&err, E_AUTH_001));
	net_nng_client_free(stays);
	net_nng_client_free(goes);
	house_close(&h);
}

/* ---- deadlines and sizes ---- */
static void
a_call_ends_at_its_deadline(void)
{
	struct house h;
	struct error err = {0};
	house_open(&h, NULL);
	struct net_client *c = house_client(h.port, "worker");

	REQUIRE(house_echo(c, "up", 10000, &err));
	uint64_t began = now_ms();
	CHECK(!house_wait(c, 5000, 300, &err));
	uint64_t took = now_ms() - began;
	CHECK(error_is(&err, E_COORD_001));
	CHECK(err.retryable);
	CHECK_HAS(err.message, "did not answer in time");
	CHECK(took >= 300 && took < 3000);
	CHECK(house_echo(c, "still works", 10000, &err));
	net_nng_client_free(c);
	house_close(&h);
}

static void
what_is_too_large_is_refused_before_it_is_sent(void)
{
	struct house h;
	struct error err = {0};
	char *large = malloc(WIRE_MESSAGE_LIMIT + 1);
	house_open(&h, NULL);
	struct net_client *c = house_client(h.port, "good");

	REQUIRE(large != NULL);
	memset(large, 'x', WIRE_MESSAGE_LIMIT);
	large[WIRE_MESSAGE_LIMIT] = '\0';
	CHECK(!house_echo(c, large, 10000, &err));
	CHECK(error_is(&err, E_WIRE_001));
	CHECK_INT(h.asked, 0);
	/* Fits there and back. */
	large[WIRE_MESSAGE_LIMIT - 200] = '\0';
	CHECK(house_echo(c, large, 20000, &err));
	/* Fits there, but the answer holds more than that. */
	large[WIRE_MESSAGE_LIMIT - 200] = 'x';
	large[WIRE_MESSAGE_LIMIT - 40] = '\0';
	CHECK(!house_echo(c, large, 20000, &err));
	CHECK(error_is(&err, E_WIRE_001));
	CHECK(house_echo(c, "still works", 10000, &err));
	free(large);
	net_nng_client_free(c);
	house_close(&h);
}

static void
nobody_there_is_said_with_the_reason(void)
{
	char url[64];
	const char *urls[] = {house_url(house_port(), url)};
	struct net_nng_dial config = {.urls = urls, .url_count = 1, .first_contact_ms = 300};
	struct error err = {0};
	struct net_client *c = net_nng_dial(runtime_system(), &config, &err);
	uint64_t began = now_ms();

	REQUIRE(c != NULL);
	CHECK(!house_echo(c, "x", 60000, &err));
	CHECK(error_is(&err, E_COORD_001));
	CHECK(err.retryable);
	CHECK_HAS(err.message, url);
	CHECK_HAS(err.message, "cannot be reached");
	CHECK_STR(err.cause, "Connection refused");
	CHECK(now_ms() - began < 5000);
	net_nng_client_free(c);
}

/* ---- lost and found ---- */
struct late {
	int port;
	unsigned after_us;
	pid_t pid;
};

static void
start_late(void *arg)
{
	struct late *l = arg;

	usleep(l->after_us);
	l->pid = house_spawn(l->port);
}

static void
a_call_outlives_a_restart_of_the_server(void)
{
	struct runtime *rt = runtime_system();
	struct late late = {.port = house_port(), .after_us = 300 * 1000};
	pid_t first = house_spawn(late.port);
	struct net_client *c = house_client(late.port, "worker");
	struct waiter w = {.client = c};
	struct error err = {0};

	REQUIRE(house_echo(c, "up", 20000, &err));
	w.thread = rt->ops->thread_start(rt, "waiter", wait_thread, &w);
	usleep(200 * 1000); /* parked by now */
	house_kill(first, SIGKILL);
	struct thread *starter = rt->ops->thread_start(rt, "starter", start_late, &late);
	CHECK(house_echo(c, "short", 20000, &err));
	rt->ops->thread_join(rt, starter);
	rt->ops->thread_join(rt, w.thread);
	CHECK(w.ok);
	net_nng_client_free(c);
	house_kill(late.pid, SIGTERM);
}

static void
the_next_address_is_tried_when_one_is_dead(void)
{
	struct house h;
	house_open(&h, NULL);
	char dead[64];
	const char *urls[] = {house_url(house_port(), dead), h.url};
	struct net_nng_dial config = {.urls = urls,
				      .url_count = 2,
				      .token = secret_of("good"),
				      .first_contact_ms = 10000};
	struct error err = {0};
	struct net_client *c = net_nng_dial(h.rt, &config, &err);

	REQUIRE(c != NULL);
	CHECK(house_echo(c, "x", 20000, &err));
	uint64_t began = now_ms();
	CHECK(house_echo(c, "stays there", 20000, &err));
	CHECK(now_ms() - began < 900);
	net_nng_client_free(c);
	house_close(&h);
}

/* ---- listening ---- */
static bool
nobody(void *self, const struct net_credentials *shown, struct arena *arena, struct net_peer *peer,
       struct error *err)
{
	(void)self, (void)shown, (void)arena, (void)peer;
	return error_set(err, E_AUTH_001, "nobody");
}

static void
only_this_machine_may_be_listened_on_unless_told(void)
{
	static const char *const urls[] = {"ws://0.0.0.0:1/rpc", "ws://10.0.0.1/rpc", "wss://x/rpc",
					   "ws://[::]:1/rpc", "tcp://127.0.0.1:1"};

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct net_nng_listen config = {.url = urls[i], .authenticate = nobody};
		struct error err = {0};
		CHECK(net_nng_listen(runtime_system(), &config, &err) == NULL);
		CHECK(error_is(&err, E_CONFIG_005));
	}
	char url[64];
	snprintf(url, sizeof(url), "ws://0.0.0.0:%d/rpc", house_port());
	struct net_nng_listen config = {.url = url, .authenticate = nobody, .insecure_bind = true};
	struct error err = {0};
	struct net_server *s = net_nng_listen(runtime_system(), &config, &err);
	CHECK(s != NULL);
	net_nng_server_free(s);
}

static void
a_port_in_use_is_said(void)
{
	struct house h;
	struct error err = {0};
	house_open(&h, NULL);
	pid_t other = -1;
	int port = house_port();
	char url[64];

	other = house_spawn(port);
	struct net_nng_listen config = {.url = house_url(port, url), .authenticate = nobody};
	CHECK(net_nng_listen(h.rt, &config, &err) == NULL);
	CHECK(error_is(&err, E_COORD_001));
	CHECK_HAS(err.message, url);
	CHECK_STR(err.cause, "Address in use");
	house_kill(other, SIGTERM);
	house_close(&h);
}

/* Does that thread of this process block `signal`? */
static bool
blocks(const char *task, int signal)
{
	char path[320], line[256];
	unsigned long long mask = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%s/status", task);
	FILE *file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "SigBlk: %llx", &mask) == 1)
			break;
	}
	if (file != NULL)
		fclose(file);
	return (mask >> (signal - 1) & 1) != 0;
}

static void
signals_stay_with_the_main_thread(void)
{
	struct house h;
	char self[16];
	int others = 0;

	house_open(&h, NULL);
	snprintf(self, sizeof(self), "%d", (int)getpid());
	DIR *dir = opendir("/proc/self/task");
	REQUIRE(dir != NULL);
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, self) == 0)
			continue;
		CHECK(blocks(e->d_name, SIGINT) && blocks(e->d_name, SIGTERM));
		others++;
	}
	closedir(dir);
	CHECK(others > 4);
	CHECK(!blocks(self, SIGINT) && !blocks(self, SIGTERM));
	house_close(&h);
}

static const struct unit_case cases[] = {
	CASE(a_request_is_answered_and_names_its_peer),
	CASE(a_refusal_comes_back_as_the_error_that_it_was),
	CASE(short_requests_are_answered_while_64_are_parked),
	CASE(a_wrong_token_is_told_so_and_put_out),
	CASE(a_token_that_would_be_a_header_of_its_own_is_refused),
	CASE(a_revoked_token_ends_its_connection),
	CASE(a_call_ends_at_its_deadline),
	CASE(what_is_too_large_is_refused_before_it_is_sent),
	CASE(nobody_there_is_said_with_the_reason),
	CASE(a_call_outlives_a_restart_of_the_server),
	CASE(the_next_address_is_tried_when_one_is_dead),
	CASE(only_this_machine_may_be_listened_on_unless_told),
	CASE(a_port_in_use_is_said),
	CASE(signals_stay_with_the_main_thread),
};

int
main(int argc, char **argv)
{
	return unit_main("nng_calls", cases, ARRAY_LEN(cases), argc, argv);
}
