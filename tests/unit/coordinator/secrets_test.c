/*
 * P22: a password that somebody plants where names belong gets no further: not into an answer, not
 * into the log, not into any byte of the journal's files.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

#define PLANTED "pl4nted-s3cret"

static const char url[] = "postgresql://me:" PLANTED "@db.example:5432/app";
static struct scratch scratch;
static struct house h;

static bool
file_has(const char *path)
{
	static char bytes[1 << 22];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, bytes, sizeof(bytes)) : 0;

	if (fd >= 0)
		close(fd);
	REQUIRE(n < (ssize_t)sizeof(bytes));
	return n > 0 && memmem(bytes, (size_t)n, PLANTED, strlen(PLANTED)) != NULL;
}

static void
check_files(void)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char path[128];

	CHECK(file_exists(scratch.journal));
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		snprintf(path, sizeof(path), "%s%s", scratch.journal, ends[i]);
		CHECK(!file_has(path));
	}
}

/* Refused, and in no word of the refusal. */
static void
check_refused(const void *reply, enum error_id code)
{
	CHECK(reply == NULL);
	CHECK(error_is(&h.err, code));
	CHECK(strstr(h.err.message, PLANTED) == NULL);
	CHECK(strstr(h.err.cause, PLANTED) == NULL);
	CHECK(strstr(h.err.hint, PLANTED) == NULL);
}

static void
p22_an_address_where_a_name_belongs_is_refused_and_not_repeated(void)
{
	struct job_options source = {.source_target = url}, replay = {.replay_target = url};
	struct job_spec plain = spec_of("apply", "db", "key"), specs[5];
	struct job_submit m = {0};

	for (size_t i = 0; i < ARRAY_LEN(specs); i++)
		specs[i] = plain;
	specs[0].target = url;
	specs[1].environment = url;
	specs[2].target_key = url;
	specs[3].options = &source;
	specs[4].options = &replay;
	for (int distributed = 0; distributed < 2; distributed++) {
		scratch_open(&scratch);
		house_open(&h, &(struct house_plan){.journal = scratch.journal,
						    .distributed = distributed != 0});
		(void)house_run(&h, "key");
		for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
			m.spec = &specs[i];
			check_refused(house_ask(&h, h.client, MESSAGE_job_submit, &m),
				      E_CONFIG_007);
			m.idempotency_key = "k";
			check_refused(house_ask(&h, h.operator_, MESSAGE_job_submit, &m),
				      E_CONFIG_007);
			m.idempotency_key = NULL;
		}
		check_files();
		house_close(&h);
		check_files();
		scratch_close(&scratch);
	}
}

static void
p22_a_worker_cannot_announce_an_address(void)
{
	struct worker_target targets[] = {
		{.name = url, .environment = "postgresql:"},
		{.name = "db/more", .environment = "db", .target_key = url},
		{.name = "db/more", .environment = "db", .target_key = "me:" PLANTED "@host/app"},
	};

	scratch_open(&scratch);
	house_open(&h, &(struct house_plan){.journal = scratch.journal, .distributed = true});
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		struct worker_hello m = {.version = "1", .targets = {&targets[i], 1}};
		check_refused(house_ask(&h, h.worker, MESSAGE_worker_hello, &m), E_CONFIG_005);
	}
	struct worker_list_request all = {0};
	CHECK(house_ask(&h, h.client, MESSAGE_worker_list_request, &all) != NULL);
	check_files();
	house_close(&h);
	check_files();
	scratch_close(&scratch);
}

/* What is refused for any other reason leaves nothing of itself behind either. */
static void
p22_a_refused_request_leaves_no_byte_in_the_journal(void)
{
	struct job_cancel cancel = {.job = PLANTED, .reason = PLANTED};
	struct job_settle settle = {.job = PLANTED, .state = "failed", .note = PLANTED};
	struct worker_drain drain = {.worker = PLANTED};

	scratch_open(&scratch);
	house_open(&h, &(struct house_plan){.journal = scratch.journal, .distributed = true});
	(void)house_run(&h, "key");
	CHECK(house_ask(&h, h.client, MESSAGE_job_cancel, &cancel) == NULL);
	CHECK(house_ask(&h, h.client, MESSAGE_job_settle, &settle) == NULL);
	CHECK(house_ask(&h, h.operator_, MESSAGE_worker_drain, &drain) == NULL);
	check_files();
	house_close(&h);
	check_files();
	scratch_close(&scratch);
}

static const struct unit_case cases[] = {
	CASE(p22_an_address_where_a_name_belongs_is_refused_and_not_repeated),
	CASE(p22_a_worker_cannot_announce_an_address),
	CASE(p22_a_refused_request_leaves_no_byte_in_the_journal),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/secrets", cases, ARRAY_LEN(cases), argc, argv);
}
