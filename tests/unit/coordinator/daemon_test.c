/* The real confiture-coordinator over ws: tokens, jobs, signals, a kill in the middle. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared/digest/digest.h"
#include "tests/unit/coordinator/daemon_house.h"
#include "tests/unit/wire/sample.h"

#include "shared/base/banned.h"

static struct daemon_house h;
static const char db[] = "db";

static bool
worker_says_hello(struct net_client *worker)
{
	struct worker_target target = {.name = db, .environment = db, .target_key = "here:1/db"};
	struct worker_hello m = {.version = "1", .targets = {&target, 1}};

	return daemon_ask(&h, worker, MESSAGE_worker_hello, &m) != NULL;
}

static const char *
submit(struct net_client *from, const char *kind)
{
	struct job_options options = {.lock_timeout_ms = 1};
	struct job_spec spec = {.kind = kind, .target = db, .options = &options};
	struct job_submit m = {.spec = &spec, .idempotency_key = kind};
	struct job_submitted *reply = daemon_ask(&h, from, MESSAGE_job_submit, &m);

	return reply != NULL ? reply->job : NULL;
}

static struct worker_offer *
take(struct net_client *worker, int64_t wait_ms)
{
	const char *target = db;
	struct worker_next m = {.worker = "x", .targets = {&target, 1}, .wait_ms = wait_ms};

	return daemon_ask(&h, worker, MESSAGE_worker_next, &m);
}

static bool
begin(struct net_client *worker, const char *job)
{
	struct job_begin m = {.worker = "x", .job = job, .attempt = 1};

	return daemon_ask(&h, worker, MESSAGE_job_begin, &m) != NULL;
}

static bool
renew(struct net_client *worker, const char *job)
{
	struct job_renew m = {.worker = "x", .job = job, .attempt = 1};

	return daemon_ask(&h, worker, MESSAGE_job_renew, &m) != NULL;
}

static bool
finish(struct net_client *worker, const char *job)
{
	struct job_outcome outcome = {.exit_code = 0};
	struct job_finish m = {.worker = "x", .job = job, .attempt = 1, .outcome = &outcome};

	return daemon_ask(&h, worker, MESSAGE_job_finish, &m) != NULL;
}

static const char *
state_of(struct net_client *from, const char *job)
{
	struct job_show m = {.job = job};
	struct job_shown *shown = daemon_ask(&h, from, MESSAGE_job_show, &m);

	return shown != NULL ? shown->info->state : h.err.message;
}

static bool
may_list(struct net_client *from)
{
	struct worker_list_request m = {0};

	return daemon_ask(&h, from, MESSAGE_worker_list_request, &m) != NULL;
}

/* ---- cases ---- */
static void
a_job_goes_over_ws_from_submit_to_outcome(void)
{
	daemon_open(&h, "");
	struct net_client *chief = daemon_dial(&h, daemon_operator(&h));
	struct net_client *worker = daemon_dial(&h, daemon_token(&h, "worker:w1@db"));
	struct net_client *agent = daemon_dial(&h, daemon_token(&h, "agent:ci"));

	REQUIRE(worker_says_hello(worker));
	const char *job = submit(agent, "apply");
	REQUIRE(job != NULL);
	struct worker_offer *offer = take(worker, 1000);
	REQUIRE(offer != NULL);
	CHECK_STR(offer->job, job);
	CHECK_STR(offer->spec->agent, "ci");
	CHECK_STR(offer->spec->target_key, "here:1/db");
	CHECK(begin(worker, job) && finish(worker, job));
	struct job_watch watch = {.job = job};
	struct job_watched *w = daemon_ask(&h, chief, MESSAGE_job_watch, &watch);
	REQUIRE(w != NULL && w->outcome != NULL);
	CHECK_STR(w->info->state, "succeeded");
	/* Roles come from the token. */
	struct worker_drain drain = {.worker = "w1"};
	CHECK(daemon_ask(&h, agent, MESSAGE_worker_drain, &drain) == NULL);
	CHECK(error_is(&h.err, E_AUTH_002));
	CHECK(daemon_ask(&h, chief, MESSAGE_worker_drain, &drain) != NULL);
	CHECK(submit(worker, "apply") == NULL && error_is(&h.err, E_AUTH_002));
	net_nng_client_free(agent);
	net_nng_client_free(worker);
	net_nng_client_free(chief);
	daemon_close(&h);
}

static void
a_file_travels_in_pieces_to_the_worker_that_holds_the_job(void)
{
	enum { SIZE = 600000, PIECE = 256 * 1024 };

	daemon_open(&h, "");
	struct net_client *chief = daemon_dial(&h, daemon_operator(&h));
	struct net_client *worker = daemon_dial(&h, daemon_token(&h, "worker:w1@db"));
	char *bytes = arena_alloc(&h.arena, SIZE), sha256[SHA256_HEX];
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)(i * 7 + i / 1000);
	sha256_of(span_of(bytes, SIZE), sha256);
	struct bundle_file file = {.name = "001_a.up.sql", .sha256 = sha256, .size = SIZE};
	struct bundle_info bundle = {.hash = sha256, .files = {&file, 1}};
	struct bundle_offer offer_files = {.bundle = &bundle};
	struct job_options options = {.lock_timeout_ms = 1};
	struct job_spec spec = {
		.kind = "apply", .target = db, .options = &options, .bundle = &bundle};
	struct job_submit submit_files = {.spec = &spec};

	REQUIRE(worker_says_hello(worker));
	CHECK(daemon_ask(&h, chief, MESSAGE_job_submit, &submit_files) == NULL);
	CHECK(error_is(&h.err, E_JOB_005));
	struct bundle_wanted *wanted = daemon_ask(&h, chief, MESSAGE_bundle_offer, &offer_files);
	REQUIRE(wanted != NULL && wanted->sha256.count == 1);
	for (size_t at = 0; at < SIZE; at += PIECE) {
		size_t len = SIZE - at < PIECE ? SIZE - at : PIECE;
		struct bundle_put put = {.sha256 = sha256,
					 .offset = (int64_t)at,
					 .total = SIZE,
					 .data = span_of(bytes + at, len)};
		REQUIRE(daemon_ask(&h, chief, MESSAGE_bundle_put, &put) != NULL);
	}
	wanted = daemon_ask(&h, chief, MESSAGE_bundle_offer, &offer_files);
	REQUIRE(wanted != NULL);
	CHECK_INT(wanted->sha256.count, 0);
	REQUIRE(daemon_ask(&h, chief, MESSAGE_job_submit, &submit_files) != NULL);
	struct worker_offer *offer = take(worker, 1000);
	REQUIRE(offer != NULL && offer->job != NULL);
	char *back = arena_alloc(&h.arena, SIZE);
	size_t got = 0;
	while (got < SIZE) {
		struct bundle_get get = {
			.job = offer->job, .attempt = 1, .name = file.name, .offset = (int64_t)got};
		struct bundle_chunk *chunk = daemon_ask(&h, worker, MESSAGE_bundle_get, &get);
		REQUIRE(chunk != NULL && chunk->data.len > 0 && got + chunk->data.len <= SIZE);
		CHECK_INT(chunk->total, SIZE);
		memcpy(back + got, chunk->data.ptr, chunk->data.len);
		got += chunk->data.len;
	}
	CHECK(memcmp(back, bytes, SIZE) == 0);
	net_nng_client_free(worker);
	net_nng_client_free(chief);
	daemon_close(&h);
}

/* The id stands at the beginning of its line. */
static const char *
id_of(const char *identity)
{
	const char *words[] = {"token", "list", NULL};
	char *out = arena_alloc(&h.arena, 4096);

	CHECK_INT(daemon_command(&h, words, out, 4096), 0);
	const char *at = strstr(out, identity);
	REQUIRE(at != NULL);
	while (at > out && at[-1] != '\n')
		at--;
	return arena_span(&h.arena, span_of(at, ID_TEXT - 1));
}

static void
a_token_lives_until_it_is_revoked(void)
{
	char out[512];

	daemon_open(&h, "");
	struct net_client *nobody = daemon_dial(&h, "confiture_0000");
	struct net_client *agent = daemon_dial(&h, daemon_token(&h, "agent:ci"));

	CHECK(!may_list(nobody) && error_is(&h.err, E_AUTH_001));
	CHECK(may_list(agent));
	const char *words[] = {"token", "revoke", id_of("agent:ci"), NULL};
	CHECK_INT(strlen(words[2]), 36);
	CHECK_INT(daemon_command(&h, words, out, sizeof(out)), 0);
	h.rt->ops->sleep_ns(h.rt, NS_PER_S);
	CHECK(!may_list(agent));
	CHECK(error_is(&h.err, E_AUTH_001));
	CHECK_HAS(h.err.message, "revoked");
	const char *unknown[] = {"token", "revoke", "nothing", NULL};
	CHECK_INT(daemon_command(&h, unknown, out, sizeof(out)), 2);
	net_nng_client_free(agent);
	net_nng_client_free(nobody);
	daemon_close(&h);
}

static void
a_token_that_is_over_is_of_no_use(void)
{
	const char *words[] = {"token", "create", "agent:soon", "--expires", "1500ms", NULL};
	char out[512];

	daemon_open(&h, "");
	CHECK_INT(daemon_command(&h, words, out, sizeof(out)), 0);
	out[strcspn(out, "\n")] = '\0';
	struct net_client *agent = daemon_dial(&h, out);
	CHECK(may_list(agent));
	h.rt->ops->sleep_ns(h.rt, 2500 * NS_PER_MS);
	CHECK(!may_list(agent));
	CHECK(error_is(&h.err, E_AUTH_001));
	CHECK_HAS(h.err.message, "expired");
	net_nng_client_free(agent);
	daemon_close(&h);
}

static void
tokens_are_made_and_ended_in_the_audit_log_and_never_shown_again(void)
{
	struct audit_show_request show = {.limit = 10};
	char out[512], journal[128];
	const char *line = "";

	daemon_open(&h, "");
	const char *text = daemon_token(&h, "agent:ci");
	const char *words[] = {"token", "revoke", id_of("agent:ci"), NULL};
	CHECK_INT(daemon_command(&h, words, out, sizeof(out)), 0);
	struct net_client *chief = daemon_dial(&h, daemon_operator(&h));
	struct audit_log *log = daemon_ask(&h, chief, MESSAGE_audit_show_request, &show);
	REQUIRE(log != NULL);
	for (size_t i = 0; i < log->events.count; i++)
		line = arena_printf(&h.arena, "%s%s %s; ", line, log->events.items[i].kind,
				    log->events.items[i].detail);
	CHECK_STR(line, "token.create {\"identity\":\"operator:local\"}; "
			"token.create {\"identity\":\"agent:ci\"}; "
			"token.revoke {\"identity\":\"agent:ci\"}; ");
	net_nng_client_free(chief);
	snprintf(journal, sizeof(journal), "%s-wal", h.scratch.journal);
	CHECK(!file_holds(h.scratch.journal, text) && !file_holds(journal, text));
	CHECK(!file_holds(h.log, text) && !file_holds(h.log, daemon_operator(&h)));
	struct stat st;
	snprintf(out, sizeof(out), "%s/state/operator.token", h.scratch.folder);
	CHECK(stat(out, &st) == 0 && (st.st_mode & 0777) == 0600);
	daemon_close(&h);
}

static void
a_coordinator_that_is_killed_and_comes_back_goes_on_with_its_jobs(void)
{
	char job[ID_TEXT];

	daemon_open(&h, "lease: 3s\n");
	struct net_client *chief = daemon_dial(&h, daemon_operator(&h));
	struct net_client *worker = daemon_dial(&h, daemon_token(&h, "worker:w1@db"));

	REQUIRE(worker_says_hello(worker));
	REQUIRE(submit(chief, "apply") != NULL);
	struct worker_offer *offer = take(worker, 1000);
	REQUIRE(offer != NULL && offer->job != NULL && begin(worker, offer->job));
	snprintf(job, sizeof(job), "%s", offer->job);
	CHECK_INT(daemon_end(&h, SIGKILL), 128 + SIGKILL);
	h.rt->ops->sleep_ns(h.rt, 2 * NS_PER_S);
	daemon_start(&h);
	/* The same connections, the same job, a lease in full. */
	CHECK(renew(worker, job));
	CHECK_STR(state_of(chief, job), "running");
	CHECK(finish(worker, job));
	CHECK_STR(state_of(chief, job), "succeeded");
	net_nng_client_free(worker);
	net_nng_client_free(chief);
	daemon_close(&h);
}

static void
a_coordinator_that_was_paused_takes_no_job_away_for_that(void)
{
	char job[ID_TEXT];

	daemon_open(&h, "lease: 1s\n");
	struct net_client *chief = daemon_dial(&h, daemon_operator(&h));
	struct net_client *worker = daemon_dial(&h, daemon_token(&h, "worker:w1@db"));

	REQUIRE(worker_says_hello(worker));
	REQUIRE(submit(chief, "apply") != NULL);
	struct worker_offer *offer = take(worker, 1000);
	REQUIRE(offer != NULL && offer->job != NULL && begin(worker, offer->job));
	snprintf(job, sizeof(job), "%s", offer->job);
	REQUIRE(kill(h.pid, SIGSTOP) == 0);
	h.rt->ops->sleep_ns(h.rt, 2500 * NS_PER_MS);
	REQUIRE(kill(h.pid, SIGCONT) == 0);
	h.rt->ops->sleep_ns(h.rt, 200 * NS_PER_MS);
	CHECK_STR(state_of(chief, job), "running");
	CHECK(renew(worker, job));
	/* A worker that is silent loses it in its time. */
	h.rt->ops->sleep_ns(h.rt, 1500 * NS_PER_MS);
	CHECK_STR(state_of(chief, job), "unknown");
	net_nng_client_free(worker);
	net_nng_client_free(chief);
	daemon_close(&h);
}

static void
it_starts_anew_in_the_same_process_and_clients_go_on(void)
{
	daemon_open(&h, "");
	struct net_client *chief = daemon_dial(&h, daemon_operator(&h));
	CHECK(may_list(chief));
	REQUIRE(kill(h.pid, SIGUSR2) == 0);
	CHECK(daemon_logged(&h, "starting anew"));
	for (int i = 0; i < 5; i++)
		CHECK(may_list(chief));
	net_nng_client_free(chief);
	/* The very process that was started ends, with 0. */
	daemon_close(&h);
}

struct parked {
	struct net_client *worker;
	struct worker_offer *offer;
	struct arena arena;
};

static void
park(void *arg)
{
	struct parked *p = arg;
	const char *target = db;
	struct worker_next m = {.worker = "x", .targets = {&target, 1}, .wait_ms = 20000};
	void *reply = NULL;

	if (net_call(p->worker, MESSAGE_worker_next, &m, runtime_deadline(h.rt, 25000), &p->arena,
		     &reply, NULL))
		p->offer = reply;
}

static void
sigterm_answers_who_waits_and_ends_with_0(void)
{
	daemon_open(&h, "");
	struct parked p = {.worker = daemon_dial(&h, daemon_token(&h, "worker:w1@db"))};
	arena_init(&p.arena);
	REQUIRE(worker_says_hello(p.worker));
	struct thread *t = h.rt->ops->thread_start(h.rt, "park", park, &p);
	h.rt->ops->sleep_ns(h.rt, 300 * NS_PER_MS);
	uint64_t before = runtime_boot_ms(h.rt);
	CHECK_INT(daemon_end(&h, SIGTERM), 0);
	h.rt->ops->thread_join(h.rt, t);
	CHECK(runtime_boot_ms(h.rt) - before < 5000);
	REQUIRE(p.offer != NULL);
	CHECK(p.offer->job == NULL);
	arena_fini(&p.arena);
	net_nng_client_free(p.worker);
	daemon_close(&h);
}

static void
sighup_reads_the_log_settings_again(void)
{
	daemon_open(&h, "log:\n  level: info\n");
	FILE *f = fopen(h.config, "a");
	REQUIRE(f != NULL);
	fprintf(f, "  format: json\n");
	REQUIRE(fclose(f) == 0);
	REQUIRE(kill(h.pid, SIGHUP) == 0);
	CHECK(daemon_logged(&h, "\"configuration read again\""));
	f = fopen(h.config, "a");
	REQUIRE(f != NULL);
	fprintf(f, "  levle: debug\n");
	REQUIRE(fclose(f) == 0);
	REQUIRE(kill(h.pid, SIGHUP) == 0);
	CHECK(daemon_logged(&h, "levle"));
	struct net_client *chief = daemon_dial(&h, daemon_operator(&h));
	CHECK(may_list(chief));
	net_nng_client_free(chief);
	daemon_close(&h);
}

static void
the_service_manager_hears_ready_and_the_watchdog(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval most = {.tv_sec = 10};
	char got[64] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/confiture-notify.%d",
		 (int)getpid());
	REQUIRE(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	setenv("WATCHDOG_USEC", "1000000", 1);
	daemon_open(&h, "");
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	CHECK(recv(fd, got, sizeof(got) - 1, 0) > 0);
	CHECK_STR(got, "READY=1");
	for (int i = 0; i < 3; i++) {
		memset(got, 0, sizeof(got));
		CHECK(recv(fd, got, sizeof(got) - 1, 0) > 0);
		CHECK_STR(got, "WATCHDOG=1");
	}
	daemon_close(&h);
	close(fd);
	unlink(address.sun_path);
}

static void
two_coordinators_do_not_share_a_journal(void)
{
	const char *none[] = {NULL};
	char out[64];

	daemon_open(&h, "");
	CHECK_INT(daemon_command(&h, none, out, sizeof(out)), 1);
	CHECK(daemon_logged(&h, "another coordinator runs on the journal"));
	daemon_close(&h);
}

/* P18's last column: who shows nothing, or something that nobody knows. */
static void
p18_nobody_is_answered_nothing(void)
{
	static const char wrong[] = "confiture_00000000000000000000000000000000";
	const char *const tokens[] = {NULL, wrong};

	daemon_open(&h, "");
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		struct net_client *nobody = daemon_dial(&h, tokens[i]);
		for (int kind = MESSAGE_NONE + 1; kind < MESSAGE_KINDS; kind++) {
			const struct message_type *type = message_type((enum message_kind)kind);
			if (type == NULL)
				continue;
			CHECK(daemon_ask(&h, nobody, (enum message_kind)kind,
					 sample_bare(&h.arena, type->request)) == NULL);
			CHECK(error_is(&h.err, E_AUTH_001));
		}
	}
	daemon_close(&h);
}

/* A journal that is put back to an older copy: the worker is told so until an operator says that it
 * is meant. The words of the command are those of the hint. */
static void
an_operator_accepts_a_restored_journal(void)
{
	static const char *const words[] = {"journal", "accept", NULL};
	char out[256];

	daemon_open(&h, "");
	CHECK_INT(daemon_command(&h, words, out, sizeof(out)), 0);
	CHECK_HAS(out, "is accepted as it is");
	struct net_client *client = daemon_dial(&h, daemon_token(&h, "agent:me"));
	struct audit_show_request m = {.limit = 100};
	struct audit_log *log = daemon_ask(&h, client, MESSAGE_audit_show_request, &m);
	REQUIRE(log != NULL);
	bool found = false;
	for (size_t i = 0; i < log->events.count; i++)
		found = found || strcmp(log->events.items[i].kind, "journal.accept") == 0;
	CHECK(found);
	daemon_close(&h);
}

/* In a folder with three of before, of which one may stay beside the new one. */
static void
the_journal_is_copied_on_a_schedule(void)
{
	static const char *const before[] = {"journal-20200101T000000Z.db",
					     "journal-20210101T000000Z.db",
					     "journal-20220101T000000Z.db"};
	struct scratch other;
	char lines[256], path[3][160];

	scratch_open(&other);
	for (size_t i = 0; i < ARRAY_LEN(before); i++) {
		snprintf(path[i], sizeof(path[i]), "%s/%s", other.folder, before[i]);
		FILE *f = fopen(path[i], "we");
		REQUIRE(f != NULL && fclose(f) == 0);
	}
	snprintf(lines, sizeof(lines), "copies:\n  folder: %s\n  every: 1s\n  keep: 2\n",
		 other.folder);
	daemon_open(&h, lines);
	CHECK(daemon_logged(&h, "journal copied"));
	struct net_client *client = daemon_dial(&h, daemon_token(&h, "agent:me"));
	struct audit_verify m = {.full = true};
	struct audit_report *report = daemon_ask(&h, client, MESSAGE_audit_verify, &m);
	REQUIRE(report != NULL && report->health != NULL);
	CHECK(report->ok && report->health->copied_at != NULL);
	CHECK_HAS(report->health->copy, other.folder);
	daemon_close(&h);
	CHECK(!file_exists(path[0]) && !file_exists(path[1]));
	scratch_close(&other);
}

static void
a_copy_by_hand_and_one_that_cannot_be_made(void)
{
	const char *words[] = {"journal", "copy", NULL, NULL};
	char out[512], path[128];

	daemon_open(&h, "copies:\n  folder: /nowhere/at/all\n");
	CHECK(daemon_logged(&h, "the journal could not be copied"));
	snprintf(path, sizeof(path), "%s/by-hand.db", h.scratch.folder);
	words[2] = path;
	CHECK_INT(daemon_command(&h, words, out, sizeof(out)), 0);
	CHECK_HAS(out, "is a copy of the journal");
	CHECK(file_exists(path));
	/* Tables are made anew only where no coordinator works with them. */
	words[1] = "rebuild";
	words[2] = NULL;
	CHECK_INT(daemon_command(&h, words, out, sizeof(out)), 1);
	CHECK_INT(daemon_end(&h, SIGTERM), 0);
	CHECK_INT(daemon_command(&h, words, out, sizeof(out)), 0);
	CHECK_HAS(out, "as its events say");
	daemon_close(&h);
}

/* Used, refused and revoked: in no file but the one that is meant for it. */
static void
p22_no_token_is_in_the_journal_or_the_log(void)
{
	static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
	static const char wrong[] = "confiture_0123456789abcdef0123456789abcdef";
	struct job_list_request m = {.limit = 1};
	char path[160];

	daemon_open(&h, "log: {level: debug}\n");
	const char *const tokens[] = {daemon_token(&h, "agent:me"), daemon_operator(&h), wrong};
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		void *reply =
			daemon_ask(&h, daemon_dial(&h, tokens[i]), MESSAGE_job_list_request, &m);
		CHECK_INT(reply != NULL, tokens[i] != wrong);
	}
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		CHECK(strlen(tokens[i]) > 30);
		CHECK(!file_holds(h.log, tokens[i]));
		for (size_t n = 0; n < ARRAY_LEN(ends); n++) {
			snprintf(path, sizeof(path), "%s%s", h.scratch.journal, ends[n]);
			CHECK(!file_holds(path, tokens[i]));
		}
	}
	daemon_close(&h);
}

static const struct unit_case cases[] = {
	CASE(a_job_goes_over_ws_from_submit_to_outcome),
	CASE(a_file_travels_in_pieces_to_the_worker_that_holds_the_job),
	CASE(a_token_lives_until_it_is_revoked),
	CASE(a_token_that_is_over_is_of_no_use),
	CASE(tokens_are_made_and_ended_in_the_audit_log_and_never_shown_again),
	CASE(a_coordinator_that_is_killed_and_comes_back_goes_on_with_its_jobs),
	CASE(a_coordinator_that_was_paused_takes_no_job_away_for_that),
	CASE(it_starts_anew_in_the_same_process_and_clients_go_on),
	CASE(sigterm_answers_who_waits_and_ends_with_0),
	CASE(sighup_reads_the_log_settings_again),
	CASE(the_service_manager_hears_ready_and_the_watchdog),
	CASE(two_coordinators_do_not_share_a_journal),
	CASE(p18_nobody_is_answered_nothing),
	CASE(an_operator_accepts_a_restored_journal),
	CASE(the_journal_is_copied_on_a_schedule),
	CASE(a_copy_by_hand_and_one_that_cannot_be_made),
	CASE(p22_no_token_is_in_the_journal_or_the_log),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/daemon", cases, ARRAY_LEN(cases), argc, argv);
}
