/* Structures on their way: who is asked to read them, their pieces, and who gets them. */
#include <string.h>

#include "coordinator/journal/journal.h"
#include "tests/support/unit.h"
#include "tests/unit/coordinator/reading_house.h"

#include "shared/base/banned.h"

static const char *const db = "db";
static struct scratch scratch;
static struct house house;

static void
open_house(void)
{
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal, .distributed = true});
}

static void
close_house(void)
{
	house_close(&house);
	scratch_close(&scratch);
}

static void
what_a_worker_read_is_given_to_whoever_asks(void)
{
	size_t len = strlen(reading_content);

	open_house();
	struct worker_offer *offer = reading_begin(&house, db);
	CHECK(reading_get(&house, house.client, offer->job, 0) == NULL);
	CHECK(error_is(&house.err, E_JOB_002));
	struct structure_kept *kept = reading_put(&house, house.worker, offer, 0, 9);
	REQUIRE(kept != NULL);
	CHECK(!kept->whole);
	/* The answer was lost, and it is sent again. */
	kept = reading_put(&house, house.worker, offer, 0, 9);
	REQUIRE(kept != NULL);
	CHECK(!kept->whole);
	kept = reading_put(&house, house.worker, offer, 9, len - 9);
	REQUIRE(kept != NULL);
	CHECK(kept->whole);
	REQUIRE(reading_end(&house, offer));
	struct structure_piece *piece = reading_get(&house, house.client, offer->job, 0);
	REQUIRE(piece != NULL);
	CHECK_INT(piece->total, len);
	CHECK(span_equal(piece->data, span_of(reading_content, 9)));
	piece = reading_get(&house, house.client, offer->job, 9);
	REQUIRE(piece != NULL);
	CHECK(span_equal(piece->data, span_of(reading_content + 9, len - 9)));
	close_house();
}

/* The same structure again, by whatever job: its first piece is enough. */
static void
what_is_there_is_not_sent_again(void)
{
	size_t len = strlen(reading_content);

	open_house();
	struct worker_offer *first = reading_begin(&house, db);
	struct worker_offer *second = reading_begin(&house, db);
	REQUIRE(reading_put(&house, house.worker, first, 0, 9) != NULL);
	/* Two at once do not disturb each other. */
	REQUIRE(reading_put(&house, house.worker, second, 0, 4) != NULL);
	struct structure_kept *kept = reading_put(&house, house.worker, first, 9, len - 9);
	REQUIRE(kept != NULL);
	CHECK(kept->whole);
	kept = reading_put(&house, house.worker, second, 4, 3);
	REQUIRE(kept != NULL);
	CHECK(kept->whole);
	REQUIRE(reading_end(&house, second));
	CHECK(reading_get(&house, house.client, second->job, 0) != NULL);
	close_house();
}

static void
what_is_no_piece_of_a_structure_is_refused(void)
{
	struct bundle_put file = {.total = 1, .data = span_of("x", 1)};
	char sha256[SHA256_HEX];

	open_house();
	struct worker_offer *other = house_run(&house, NULL);
	CHECK(reading_put(&house, house.worker, other, 0, 9) == NULL);
	CHECK(error_is(&house.err, E_JOB_002));
	struct worker_offer *offer = reading_begin(&house, db);
	struct structure_put m = {.job = offer->job,
				  .attempt = offer->attempt,
				  .sha256 = "short",
				  .total = 1,
				  .data = span_of("x", 1)};
	CHECK(house_ask(&house, house.worker, MESSAGE_structure_put, &m) == NULL);
	CHECK(error_is(&house.err, E_JOB_005));
	m.sha256 = reading_sha256; /* of other bytes */
	CHECK(house_ask(&house, house.worker, MESSAGE_structure_put, &m) == NULL);
	CHECK(error_is(&house.err, E_JOB_005));
	/* A job's files are no structure that it read. */
	sha256_of(span_of("x", 1), sha256);
	file.sha256 = sha256;
	REQUIRE(house_ask(&house, house.client, MESSAGE_bundle_put, &file) != NULL);
	REQUIRE(house_finish(&house, offer, NULL, false));
	CHECK(reading_get(&house, house.client, offer->job, 0) == NULL);
	CHECK(error_is(&house.err, E_JOB_002));
	CHECK(reading_get(&house, house.client, other->job, 0) == NULL);
	close_house();
}

/* A worker of a former version could not read the offer. */
static void
a_worker_that_does_not_know_the_kind_is_not_asked(void)
{
	struct job_spec spec = spec_of("introspect", db, NULL);

	open_house();
	const char *job = house_submit(&house, &spec, NULL);
	CHECK(house_next(&house, db)->job == NULL);
	struct job_watched *seen = house_watch(&house, job, 0, 0, 0);
	REQUIRE(seen != NULL && seen->outcome != NULL && seen->outcome->error != NULL);
	CHECK_STR(seen->info->state, "cancelled");
	CHECK_STR(seen->outcome->error->code, "WORKER_003");
	CHECK_INT(seen->outcome->exit_code, 3);
	CHECK_HAS(seen->outcome->error->message, "introspect");
	CHECK(reading_next(&house, db)->job == NULL);
	/* Other kinds are as before. */
	spec = spec_of("status", db, NULL);
	job = house_submit(&house, &spec, NULL);
	CHECK_STR(house_next(&house, db)->job, job);
	close_house();
}

static const struct unit_case cases[] = {
	CASE(what_a_worker_read_is_given_to_whoever_asks),
	CASE(what_is_there_is_not_sent_again),
	CASE(what_is_no_piece_of_a_structure_is_refused),
	CASE(a_worker_that_does_not_know_the_kind_is_not_asked),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/reading", cases, ARRAY_LEN(cases), argc, argv);
}
