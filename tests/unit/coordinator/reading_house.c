/* See the header. */
#include "tests/unit/coordinator/reading_house.h"

#include <string.h>

#include "tests/support/unit.h"

#include "shared/base/banned.h"

const char reading_content[] = "{\"a structure\":1}\n{\"an object\":2}\n";
char reading_sha256[SHA256_HEX];

struct worker_offer *
reading_next(struct house *h, const char *target)
{
	static const char *kinds[] = {"introspect"};
	struct worker_next m = {.worker = "w1", .targets = {&target, 1}, .kinds = {kinds, 1}};
	struct worker_offer *offer = house_ask(h, h->worker, MESSAGE_worker_next, &m);

	sha256_of(span_str(reading_content), reading_sha256);
	REQUIRE(offer != NULL);
	return offer;
}

struct worker_offer *
reading_begin(struct house *h, const char *target)
{
	struct job_spec spec = spec_of("introspect", target, NULL);
	const char *job = house_submit(h, &spec, NULL);
	struct worker_offer *offer = reading_next(h, target);

	CHECK_STR(offer->job, job);
	REQUIRE(house_begin(h, offer));
	return offer;
}

static struct structure_put
piece_of(const struct worker_offer *offer, size_t offset, size_t len)
{
	return (struct structure_put){.job = offer->job,
				      .attempt = offer->attempt,
				      .sha256 = reading_sha256,
				      .offset = (int64_t)offset,
				      .total = (int64_t)strlen(reading_content),
				      .data = span_of(reading_content + offset, len)};
}

struct structure_kept *
reading_put(struct house *h, struct net_client *from, const struct worker_offer *offer,
	    size_t offset, size_t len)
{
	struct structure_put m = piece_of(offer, offset, len);

	return house_ask(h, from, MESSAGE_structure_put, &m);
}

bool
reading_end(struct house *h, const struct worker_offer *offer)
{
	struct structure_read read = {.database = "d",
				      .server_version = "15.1",
				      .fingerprint = "f",
				      .objects = 1,
				      .sha256 = reading_sha256,
				      .bytes = (int64_t)strlen(reading_content)};
	struct job_outcome outcome = {.result = {&record_structure_read, &read}};
	struct job_finish m = {
		.worker = "w1", .job = offer->job, .attempt = offer->attempt, .outcome = &outcome};

	return house_ask(h, h->worker, MESSAGE_job_finish, &m) != NULL;
}

struct structure_piece *
reading_get(struct house *h, struct net_client *from, const char *job, size_t offset)
{
	struct structure_get m = {.job = job, .offset = (int64_t)offset};

	return house_ask(h, from, MESSAGE_structure_get, &m);
}

/* ---- rights ---- */
static struct house *world;
static struct worker_offer *reads, *has_read;

void
reading_world(struct house *h, const char *target)
{
	world = h;
	has_read = reading_begin(h, target);
	REQUIRE(reading_put(h, h->worker, has_read, 0, strlen(reading_content)) != NULL);
	REQUIRE(reading_end(h, has_read));
	reads = reading_begin(h, target);
}

void *
reading_ask_put(void)
{
	struct structure_put *m = record_new(&world->arena, &record_structure_put);

	*m = piece_of(reads, 0, strlen(reading_content));
	return m;
}

void *
reading_ask_get(void)
{
	struct structure_get *m = record_new(&world->arena, &record_structure_get);

	m->job = has_read->job;
	return m;
}
