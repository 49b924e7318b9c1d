/* Migration files on their way: pieces, hashes, limits, and when they go. */
#include <stdio.h>
#include <string.h>

#include "coordinator/journal/journal.h"
#include "shared/digest/digest.h"
#include "tests/unit/coordinator/house.h"

#include "shared/base/banned.h"

static const char *const db = "db";
static struct scratch scratch;
static struct house house;
static char sha256[SHA256_HEX];
static const char content[] = "CREATE TABLE a (id int);";

static void
open_house(void)
{
	scratch_open(&scratch);
	house_open(&house, &(struct house_plan){.journal = scratch.journal, .distributed = true});
	sha256_of(span_str(content), sha256);
}

static void
close_house(void)
{
	house_close(&house);
	scratch_close(&scratch);
}

static struct ack *
put_as(struct net_client *from, struct span data, int64_t offset, int64_t total)
{
	struct bundle_put m = {.sha256 = sha256, .offset = offset, .total = total, .data = data};

	return house_ask(&house, from, MESSAGE_bundle_put, &m);
}

static const struct bundle_info *
bundle_of_one(void)
{
	static struct bundle_file file;
	static struct bundle_info bundle;

	file = (struct bundle_file){
		.name = "001_a.up.sql", .sha256 = sha256, .size = (int64_t)strlen(content)};
	bundle = (struct bundle_info){.hash = sha256, .files = {&file, 1}};
	return &bundle;
}

static size_t
wanted(void)
{
	struct bundle_info bundle = *bundle_of_one();
	struct bundle_offer m = {.bundle = &bundle};
	struct bundle_wanted *reply = house_ask(&house, house.client, MESSAGE_bundle_offer, &m);

	REQUIRE(reply != NULL);
	return reply->sha256.count;
}

static void
pieces_in_order_make_a_file_and_the_last_may_come_twice(void)
{
	size_t len = strlen(content);

	open_house();
	CHECK_INT(wanted(), 1);
	CHECK(put_as(house.client, span_of(content, 10), 0, (int64_t)len) != NULL);
	struct ack *again = put_as(house.client, span_of(content, 10), 0, (int64_t)len);
	CHECK(again != NULL);
	CHECK_INT(wanted(), 1);
	CHECK(put_as(house.client, span_of(content + 10, len - 10), 10, (int64_t)len) != NULL);
	CHECK_INT(wanted(), 0);
	again = put_as(house.client, span_of(content + 10, len - 10), 10, (int64_t)len);
	REQUIRE(again != NULL);
	CHECK(again->replayed);
	close_house();
}

static void
what_is_no_piece_of_the_file_is_refused(void)
{
	static char big[BUNDLE_CHUNK + 1];
	int64_t len = (int64_t)strlen(content);
	const struct {
		struct span data;
		int64_t offset, total;
	} t[] = {
		{span_of(content, 5), 10, len},		     /* does not begin with the first */
		{span_of(content, 5), -1, len},		     /* before the file */
		{span_of(content, 5), len - 2, len},	     /* behind it */
		{span_of(content, 0), 0, len},		     /* nothing */
		{span_of(big, sizeof(big)), 0, sizeof(big)}, /* too large a piece */
		{span_of(content, 5), 0, ((int64_t)1 << 30) + 1}, /* too large a file */
		{span_str("CREATE TABLE b (id int);"), 0, len},	  /* other bytes */
		{span_of(content, 5), 0, -5},
	};

	open_house();
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		CHECK(put_as(house.client, t[i].data, t[i].offset, t[i].total) == NULL);
		CHECK(error_is(&house.err, E_JOB_005));
		CHECK_INT(wanted(), 1);
	}
	snprintf(sha256, sizeof(sha256), "../x");
	CHECK(put_as(house.client, span_str(content), 0, len) == NULL);
	CHECK(error_is(&house.err, E_JOB_005));
	close_house();
}

static void
nobody_spoils_a_file_that_another_sends(void)
{
	int64_t len = (int64_t)strlen(content);

	open_house();
	CHECK(put_as(house.client, span_str("XXXXXXXXXX"), 0, len) != NULL);
	CHECK(put_as(house.operator_, span_of(content, 10), 0, len) != NULL);
	CHECK(put_as(house.operator_, span_str(content + 10), 10, len) != NULL);
	CHECK_INT(wanted(), 0);
	close_house();
}

static void
a_wrong_file_can_be_sent_anew(void)
{
	int64_t len = (int64_t)strlen(content);

	open_house();
	CHECK(put_as(house.client, span_str("XXXXXXXXXX"), 0, len) != NULL);
	CHECK(put_as(house.client, span_str(content + 10), 10, len) == NULL);
	CHECK_HAS(house.err.message, "do not fit the SHA-256");
	CHECK(put_as(house.client, span_str(content), 0, len) != NULL);
	CHECK_INT(wanted(), 0);
	close_house();
}

/* One piece in a savepoint of its own, which `kept` decides about. */
static bool
put_in(struct journal *j, const char *hash, struct span data, int64_t offset, int64_t total,
       bool kept)
{
	struct bundle_put p = {.sha256 = hash, .offset = offset, .total = total, .data = data};
	bool known;

	REQUIRE(journal_savepoint(j, NULL));
	bool ok = journal_bundle_put(j, "agent:a", &p, 1 << 20, &known, NULL);
	if (ok && kept)
		REQUIRE(journal_release(j, NULL));
	else
		journal_undo(j);
	return ok;
}

static void
what_the_database_took_back_is_not_in_a_files_hash(void)
{
	int64_t len = (int64_t)strlen(content);
	struct span first = span_of(content, 10), wrong = span_str("XXXXXXXXXX");
	struct journal *j;
	bool here;

	open_house();
	REQUIRE(journal_open(house.rt, scratch.journal, true, &j, NULL));
	REQUIRE(journal_begin(j, NULL));
	CHECK(put_in(j, sha256, wrong, 0, len, false));
	CHECK(put_in(j, sha256, wrong, 0, len, true));
	journal_rollback(j);
	REQUIRE(journal_begin(j, NULL));
	CHECK(put_in(j, sha256, first, 0, len, true));
	REQUIRE(journal_commit(j, NULL));
	REQUIRE(journal_begin(j, NULL));
	CHECK(put_in(j, sha256, span_str("YYYY"), 10, len, false));
	CHECK(put_in(j, sha256, span_str(content + 10), 10, len, true));
	REQUIRE(journal_commit(j, NULL));
	REQUIRE(journal_bundle_has(j, sha256, &here, NULL));
	CHECK(here);
	journal_close(j);
	close_house();
}

/* More than there are running hashes: the rest are read back when they are whole. */
static void
many_files_may_be_under_way_at_once(void)
{
	enum { FILES = 100 };
	static char hashes[FILES][SHA256_HEX], texts[FILES][24];
	struct journal *j;
	bool here;

	open_house();
	REQUIRE(journal_open(house.rt, scratch.journal, true, &j, NULL));
	REQUIRE(journal_begin(j, NULL));
	for (int half = 0; half < 2; half++) {
		for (int i = 0; i < FILES; i++) {
			snprintf(texts[i], sizeof(texts[i]), "SELECT 'file %03d';", i);
			sha256_of(span_str(texts[i]), hashes[i]);
			size_t len = strlen(texts[i]), at = half == 0 ? 0 : 6;
			CHECK(put_in(j, hashes[i], span_of(texts[i] + at, half == 0 ? 6 : len - 6),
				     (int64_t)at, (int64_t)len, true));
		}
	}
	REQUIRE(journal_commit(j, NULL));
	for (int i = 0; i < FILES; i++) {
		REQUIRE(journal_bundle_has(j, hashes[i], &here, NULL));
		CHECK(here);
	}
	journal_close(j);
	close_house();
}

static void
only_jobs_whose_files_are_read_need_them(void)
{
	static const struct {
		const char *kind;
		bool reads;
	} t[] = {{"apply", true},    {"rollback", true},  {"rollback_to", true},
		 {"verify", true},   {"preflight", true}, {"status", false},
		 {"current", false}, {"baseline", false}, {"checksums", false}};

	open_house();
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct bundle_info bundle = *bundle_of_one();
		struct job_spec spec = spec_of(t[i].kind, db, NULL);
		struct job_submit m = {.spec = &spec};
		spec.bundle = &bundle;
		CHECK_INT(house_ask(&house, house.client, MESSAGE_job_submit, &m) == NULL,
			  t[i].reads);
		CHECK(!t[i].reads || error_is(&house.err, E_JOB_005));
	}
	close_house();
}

/* ---- when they go ---- */
static bool
has(struct journal *j)
{
	bool here;

	REQUIRE(journal_bundle_has(j, sha256, &here, NULL));
	return here;
}

static void
prune_all(struct journal *j)
{
	int64_t later = j != NULL ? house.rt->ops->wall_us(house.rt) + 1000000 : 0;

	REQUIRE(journal_begin(j, NULL));
	REQUIRE(journal_prune(j, later, NULL));
	REQUIRE(journal_commit(j, NULL));
}

static void
files_go_after_the_last_job_that_uses_them_and_not_before(void)
{
	struct job_info *info;
	struct journal *j;

	open_house();
	struct bundle_info bundle = *bundle_of_one();
	struct job_spec spec = spec_of("apply", db, NULL);
	spec.bundle = &bundle;
	REQUIRE(put_as(house.client, span_str(content), 0, (int64_t)strlen(content)) != NULL);
	const char *job = house_submit(&house, &spec, NULL);
	struct worker_offer *offer = house_next(&house, db);
	CHECK_STR(offer->job, job);
	REQUIRE(house_begin(&house, offer) && house_emit(&house, offer, 1, 3));
	REQUIRE(journal_open(house.rt, scratch.journal, true, &j, NULL));
	prune_all(j);
	CHECK(has(j));
	REQUIRE(house_finish(&house, offer, NULL, false));
	/* Not old enough. */
	REQUIRE(journal_begin(j, NULL) && journal_prune(j, 1000000, NULL) &&
		journal_commit(j, NULL));
	CHECK(has(j));
	CHECK_INT(house_watch(&house, job, 0, 0, 0)->events.count, 3);
	prune_all(j);
	CHECK(!has(j));
	CHECK_INT(house_watch(&house, job, 0, 0, 0)->events.count, 0);
	info = house_show(&house, job)->info;
	CHECK_STR(info->state, "succeeded");
	struct audit_report report;
	REQUIRE(journal_audit_verify(j, &house.arena, true, &report, NULL));
	CHECK(report.ok);
	journal_close(j);
	close_house();
}

static const struct unit_case cases[] = {
	CASE(pieces_in_order_make_a_file_and_the_last_may_come_twice),
	CASE(what_is_no_piece_of_the_file_is_refused),
	CASE(nobody_spoils_a_file_that_another_sends),
	CASE(a_wrong_file_can_be_sent_anew),
	CASE(what_the_database_took_back_is_not_in_a_files_hash),
	CASE(many_files_may_be_under_way_at_once),
	CASE(only_jobs_whose_files_are_read_need_them),
	CASE(files_go_after_the_last_job_that_uses_them_and_not_before),
};

int
main(int argc, char **argv)
{
	return unit_main("coordinator/bundles", cases, ARRAY_LEN(cases), argc, argv);
}
