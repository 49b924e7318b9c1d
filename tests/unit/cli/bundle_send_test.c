/* Migration files on their way to a coordinator that keeps what it gets in memory. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bundle_send.h"
#include "shared/migration/migration.h"
#include "tests/support/unit.h"
#include "tests/unit/cli/fixture.h"

#include "shared/base/banned.h"

enum { MOST_FILES = 64 };

struct store {
	struct net_client base; /* first */
	pthread_mutex_t mutex;
	struct stored {
		char sha256[65];
		int64_t size, total;
		int pieces;
	} files[MOST_FILES];
	size_t count;
	const char *has; /* a hash that is there already */
	bool refuse;
};

static bool
put(struct store *s, const struct bundle_put *r, struct error *err)
{
	struct stored *to = NULL;

	if (s->refuse)
		return error_set(err, E_JRNL_001, "disk full");
	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->files[i].sha256, r->sha256) == 0)
			to = &s->files[i];
	}
	if (to == NULL) {
		to = &s->files[s->count++];
		snprintf(to->sha256, sizeof(to->sha256), "%s", r->sha256);
	}
	CHECK_INT(r->offset, to->size);
	CHECK(r->data.len <= 262144);
	to->size += (int64_t)r->data.len;
	to->total = r->total;
	to->pieces++;
	return true;
}

static bool
store_call(struct net_client *c, enum message_kind kind, const void *request, uint64_t deadline_ns,
	   struct arena *arena, void **reply, struct error *err)
{
	struct store *s = (struct store *)c;
	bool ok = true;

	(void)deadline_ns;
	pthread_mutex_lock(&s->mutex);
	if (kind == MESSAGE_bundle_offer) {
		const struct bundle_info *b = ((const struct bundle_offer *)request)->bundle;
		struct bundle_wanted *wanted = arena_new(arena, struct bundle_wanted);
		wanted->sha256.items =
			arena_array(arena, b->files.count + 1, sizeof(*wanted->sha256.items));
		for (size_t i = 0; i < b->files.count; i++) {
			const char *hash = b->files.items[i].sha256;
			bool again = s->has != NULL && strcmp(hash, s->has) == 0;
			for (size_t k = 0; k < wanted->sha256.count; k++)
				again |= strcmp(wanted->sha256.items[k], hash) == 0;
			if (!again)
				wanted->sha256.items[wanted->sha256.count++] = hash;
		}
		*reply = wanted;
	} else {
		ok = put(s, request, err);
		*reply = arena_new(arena, struct ack);
	}
	pthread_mutex_unlock(&s->mutex);
	return ok;
}

static void
store_init(struct store *s)
{
	static const struct net_client_ops ops = {.call = store_call};

	*s = (struct store){.base = {.ops = &ops}, .mutex = PTHREAD_MUTEX_INITIALIZER};
}

static void
make_files(int count)
{
	for (int i = 0; i < count; i++) {
		char path[64], text[64];
		snprintf(path, sizeof(path), "m/%03d_x.up.sql", i);
		snprintf(text, sizeof(text), "SELECT %d;\n", i);
		fixture_file(path, text);
	}
}

static void
what_is_wanted_goes_once_and_whole(void)
{
	struct bundle_info bundle = {0};
	struct error err = {0};
	struct fixture f;
	struct store s;
	char *big = malloc(600001);

	REQUIRE(big != NULL);
	memset(big, ' ', 600000);
	big[600000] = '\0';
	fixture_begin(&f);
	store_init(&s);
	make_files(30);
	fixture_file("m/100_twin.up.sql", "SELECT 1;\n");
	fixture_file("m/101_empty.up.sql", "");
	fixture_file("m/102_big.up.sql", big);
	big[524288] = '\0'; /* two pieces exactly */
	fixture_file("m/103_even.up.sql", big);
	REQUIRE(bundle_scan(&f.cli.arena, "m", true, &bundle, &err));
	CHECK(bundle_send(&f.cli, &s.base, "m", &bundle, &err));
	CHECK_INT(s.count, 33); /* the twin is there already */
	int pieces = 0;
	for (size_t i = 0; i < s.count; i++) {
		CHECK_INT(s.files[i].size, s.files[i].total);
		pieces += s.files[i].pieces;
	}
	CHECK_INT(pieces, 30 + 1 + 3 + 2);
	/* What is there is not sent again. */
	struct store second;
	store_init(&second);
	second.has = bundle.files.items[0].sha256;
	CHECK(bundle_send(&f.cli, &second.base, "m", &bundle, &err));
	CHECK_INT(second.count, 32);
	fixture_end(&f);
	free(big);
}

static void
a_bundle_without_hashes_sends_nothing(void)
{
	struct bundle_info bundle = {0};
	struct error err = {0};
	struct fixture f;
	struct store s;

	fixture_begin(&f);
	store_init(&s);
	make_files(2);
	REQUIRE(bundle_scan(&f.cli.arena, "m", false, &bundle, &err));
	CHECK(bundle_send(&f.cli, &s.base, "m", &bundle, &err));
	CHECK(bundle_send(&f.cli, &s.base, "m", NULL, &err));
	CHECK_INT(s.count, 0);
	fixture_end(&f);
}

static void
a_file_that_changed_stops_it(void)
{
	static const char *const changes[] = {"SELECT 1234;\n", "", "SELECT"};

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		struct bundle_info bundle = {0};
		struct error err = {0};
		struct fixture f;
		struct store s;

		fixture_begin(&f);
		store_init(&s);
		make_files(3);
		REQUIRE(bundle_scan(&f.cli.arena, "m", true, &bundle, &err));
		fixture_file("m/001_x.up.sql", changes[i]);
		CHECK(!bundle_send(&f.cli, &s.base, "m", &bundle, &err));
		CHECK(error_is(&err, E_MIGR_011));
		CHECK_STR(err.at.file, "001_x.up.sql");
		fixture_end(&f);
	}
}

static void
a_file_that_is_gone_and_a_coordinator_that_refuses_stop_it(void)
{
	struct bundle_info bundle = {0};
	struct error err = {0};
	struct fixture f;
	struct store s;

	fixture_begin(&f);
	store_init(&s);
	make_files(12);
	REQUIRE(bundle_scan(&f.cli.arena, "m", true, &bundle, &err));
	REQUIRE(remove("m/001_x.up.sql") == 0);
	CHECK(!bundle_send(&f.cli, &s.base, "m", &bundle, &err));
	CHECK(error_is(&err, E_MIGR_102));
	s.refuse = true;
	CHECK(!bundle_send(&f.cli, &s.base, "m", &bundle, &err));
	CHECK(error_is(&err, E_JRNL_001));
	CHECK_HAS(err.message, "_x.up.sql: disk full");
	fixture_end(&f);
}

static const struct unit_case cases[] = {
	CASE(what_is_wanted_goes_once_and_whole),
	CASE(a_bundle_without_hashes_sends_nothing),
	CASE(a_file_that_changed_stops_it),
	CASE(a_file_that_is_gone_and_a_coordinator_that_refuses_stop_it),
};

int
main(int argc, char **argv)
{
	return unit_main("cli bundle_send", cases, ARRAY_LEN(cases), argc, argv);
}
