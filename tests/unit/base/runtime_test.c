/* The real machine behind the seams: identifiers, times, clocks, threads and waits. */
#include <stdlib.h>
#include <string.h>

#include "shared/base/runtime.h"
#include "tests/support/unit.h"

#include "shared/base/banned.h"

enum { IDS = 10000, ADDERS = 8, ADDS = 2000 };

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
identifiers_are_unique_and_of_version_7(void)
{
	struct runtime *rt = runtime_system();
	static char ids[IDS][ID_TEXT];

	for (size_t i = 0; i < IDS; i++) {
		runtime_id(rt, ids[i]);
		CHECK_INT(strlen(ids[i]), ID_TEXT - 1);
		CHECK_INT(strspn(ids[i], "0123456789abcdef-"), ID_TEXT - 1);
		CHECK(ids[i][8] == '-' && ids[i][13] == '-' && ids[i][18] == '-' &&
		      ids[i][23] == '-');
		CHECK_INT(ids[i][14], '7');
		CHECK(strchr("89ab", ids[i][19]) != NULL);
	}
	qsort(ids, IDS, ID_TEXT, compare_ids);
	for (size_t i = 1; i < IDS; i++)
		CHECK(strcmp(ids[i - 1], ids[i]) != 0);
}

static void
an_identifier_begins_with_its_time(void)
{
	struct runtime *rt = runtime_system();
	char id[ID_TEXT], digits[13] = "";
	int64_t before = rt->ops->wall_us(rt) / 1000;

	runtime_id(rt, id);
	memcpy(digits, id, 8);
	memcpy(digits + 8, id + 9, 4);
	int64_t ms = strtoll(digits, NULL, 16);
	CHECK(ms >= before && ms <= rt->ops->wall_us(rt) / 1000);
}

static void
times_print_in_utc_with_microseconds(void)
{
	static const struct {
		int64_t us;
		const char *out;
	} table[] = {
		{0, "1970-01-01T00:00:00.000000Z"},
		{1, "1970-01-01T00:00:00.000001Z"},
		{-1, "1969-12-31T23:59:59.999999Z"},
		{-1000000, "1969-12-31T23:59:59.000000Z"},
		{951782399999999, "2000-02-28T23:59:59.999999Z"},
		{951782400000000, "2000-02-29T00:00:00.000000Z"},
		{1795341600000000, "2026-11-22T10:00:00.000000Z"},
		{4102444800000000, "2100-01-01T00:00:00.000000Z"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char out[TIME_TEXT];
		time_print(table[i].us, out);
		CHECK_STR(out, table[i].out);
	}
}

static void
the_boot_clock_moves_on_and_a_sleep_is_long_enough(void)
{
	struct runtime *rt = runtime_system();
	uint64_t start = runtime_boot_ns(rt);

	rt->ops->sleep_ns(rt, 10 * NS_PER_MS);
	CHECK(runtime_boot_ns(rt) - start >= 10 * NS_PER_MS);
	CHECK(runtime_deadline(rt, 1000) >= start + NS_PER_S);
	CHECK(rt->boot_id[0] != '\0');
	CHECK(runtime_system() == rt);
}

static void
random_bytes_differ_and_stay_in_their_place(void)
{
	struct runtime *rt = runtime_system();
	unsigned char a[64] = {0}, b[64] = {0};

	rt->ops->random(rt, a, 60);
	rt->ops->random(rt, b, 60);
	CHECK(memcmp(a, b, 60) != 0);
	CHECK(memcmp(a + 60, "\0\0\0", 4) == 0);
}

/* ---- threads ---- */
struct shared {
	struct runtime *rt;
	struct mutex *mutex;
	struct cond *cond;
	int64_t sum;
	int ready;
};

static void
add(void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < ADDS; i++) {
		s->rt->ops->mutex_lock(s->rt, s->mutex);
		s->sum++;
		s->rt->ops->mutex_unlock(s->rt, s->mutex);
	}
	s->rt->ops->mutex_lock(s->rt, s->mutex);
	s->ready++;
	s->rt->ops->cond_wake(s->rt, s->cond);
	s->rt->ops->mutex_unlock(s->rt, s->mutex);
}

static struct shared
shared_new(void)
{
	struct shared s = {.rt = runtime_system()};

	s.mutex = s.rt->ops->mutex_new(s.rt);
	s.cond = s.rt->ops->cond_new(s.rt);
	return s;
}

static void
shared_free(struct shared *s)
{
	s->rt->ops->cond_free(s->rt, s->cond);
	s->rt->ops->mutex_free(s->rt, s->mutex);
}

static void
threads_share_under_a_mutex_and_wake_who_waits(void)
{
	struct shared s = shared_new();
	struct thread *threads[ADDERS];
	bool in_time = true;

	for (int i = 0; i < ADDERS; i++)
		threads[i] = s.rt->ops->thread_start(s.rt, "a name of some length", add, &s);
	uint64_t deadline = runtime_deadline(s.rt, 60000);
	s.rt->ops->mutex_lock(s.rt, s.mutex);
	while (s.ready < ADDERS && in_time)
		in_time = s.rt->ops->cond_wait(s.rt, s.cond, s.mutex, deadline);
	CHECK_INT(s.sum, ADDERS * ADDS);
	s.rt->ops->mutex_unlock(s.rt, s.mutex);
	for (int i = 0; i < ADDERS; i++)
		s.rt->ops->thread_join(s.rt, threads[i]);
	CHECK(in_time);
	shared_free(&s);
}

static void
a_wait_ends_at_its_deadline(void)
{
	struct shared s = shared_new();
	uint64_t deadline = runtime_deadline(s.rt, 20);

	s.rt->ops->mutex_lock(s.rt, s.mutex);
	while (s.rt->ops->cond_wait(s.rt, s.cond, s.mutex, deadline))
		CHECK(runtime_boot_ns(s.rt) < deadline + NS_PER_S);
	CHECK(runtime_boot_ns(s.rt) >= deadline);
	CHECK(!s.rt->ops->cond_wait(s.rt, s.cond, s.mutex, 0)); /* long past */
	s.rt->ops->mutex_unlock(s.rt, s.mutex);
	shared_free(&s);
}

static const struct unit_case cases[] = {
	CASE(identifiers_are_unique_and_of_version_7),
	CASE(an_identifier_begins_with_its_time),
	CASE(times_print_in_utc_with_microseconds),
	CASE(the_boot_clock_moves_on_and_a_sleep_is_long_enough),
	CASE(random_bytes_differ_and_stay_in_their_place),
	CASE(threads_share_under_a_mutex_and_wake_who_waits),
	CASE(a_wait_ends_at_its_deadline),
};

int
main(int argc, char **argv)
{
	return unit_main("base_runtime", cases, ARRAY_LEN(cases), argc, argv);
}
