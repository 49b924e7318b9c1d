/*
 * Messages as bytes: every record survives the journey whatever it holds, and whatever else arrives
 * is refused in words, without a crash and without memory for what was only announced.
 */
#include "shared/wire/codec.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/compiler.h"
#include "shared/wire/reader.h"
#include "tests/support/unit.h"
#include "tests/unit/wire/random_record.h"
#include "tests/unit/wire/same_record.h"
#include "tests/unit/wire/sample.h"

#include "shared/base/banned.h"

#define BYTES(literal)                                                                             \
	{                                                                                          \
		(literal), sizeof(literal) - 1                                                     \
	}
#define SPAN(literal) span_of((literal), sizeof(literal) - 1)

/* Decoding reads bytes of exactly this size, so that the sanitizer sees a read beyond their end. */
static bool
decode_exact(struct arena *a, const struct record *of, struct span bytes, void **out,
	     struct error *err)
{
	char *exact = malloc(bytes.len > 0 ? bytes.len : 1);

	if (bytes.len > 0)
		memcpy(exact, bytes.ptr, bytes.len);
	bool ok = wire_decode_record(a, of, span_of(exact, bytes.len), out, err);
	/* Nothing that was read borrows from the bytes. */
	memset(exact, 'x', bytes.len);
	free(exact);
	return ok;
}

static void
check_journey(const struct record *of, const void *original)
{
	struct arena a;
	struct text bytes;
	struct error err = {0};
	void *back;

	arena_init(&a);
	text_init(&bytes, 0);
	wire_encode_record(&bytes, of, original);
	bool ok = decode_exact(&a, of, text_span(&bytes), &back, &err);
	CHECK_STR(err.message, "");
	if (ok)
		same_record(of, original, back);
	text_fini(&bytes);
	arena_fini(&a);
}

static void
every_record_survives_the_journey_whatever_it_holds(void)
{
	enum { ROUNDS = 30 };
	uint64_t state = 1;

	for (size_t i = 0; record_at(i) != NULL; i++) {
		struct arena a;
		arena_init(&a);
		check_journey(record_at(i), sample_bare(&a, record_at(i)));
		for (int round = 0; round < ROUNDS; round++) {
			check_journey(record_at(i), random_record(&a, record_at(i), &state));
			arena_reset(&a);
		}
		arena_fini(&a);
	}
}

static void
a_field_of_every_type_survives_the_journey(void)
{
	struct arena a;
	uint64_t state = 2;

	arena_init(&a);
	check_journey(&record_sample, sample_fill(&a, &record_sample));
	check_journey(&record_sample, sample_bare(&a, &record_sample));
	for (int round = 0; round < 200; round++) {
		check_journey(&record_sample, random_record(&a, &record_sample, &state));
		arena_reset(&a);
	}
	arena_fini(&a);
}

static void
the_bytes_are_these(void)
{
	struct part part = {.label = "a", .size = INT_NULL};
	struct bundle_chunk chunk = {.total = 300, .data = span_of("\0\xff", 2)};
	struct text t;

	text_init(&t, 0);
	wire_encode_record(&t, &record_part, &part);
	CHECK(span_equal(text_span(&t), SPAN("\x81\x01\xa1"
					     "a")));
	part.size = -5;
	text_clear(&t);
	wire_encode_record(&t, &record_part, &part);
	CHECK(span_equal(text_span(&t), SPAN("\x82\x01\xa1"
					     "a\x02\xfb")));
	text_clear(&t);
	wire_encode_record(&t, &record_bundle_chunk, &chunk);
	CHECK(span_equal(text_span(&t), SPAN("\x82\x01\xcd\x01\x2c\x02\xc4\x02\x00\xff")));
	text_clear(&t);
	wire_encode_request(&t, MESSAGE_job_show, 1000, &(struct job_show){"j"});
	CHECK(span_equal(text_span(&t), SPAN("\x94\x01\x05\xcd\x03\xe8\x81\x01\xa1j")));
	text_clear(&t);
	wire_encode_reply(&t, MESSAGE_job_events, &(struct ack){true});
	CHECK(span_equal(text_span(&t), SPAN("\x93\x01\x00\x81\x01\xc3")));
	text_fini(&t);
}

/* A cut message is never believed, wherever it is cut; what was given stays as it was. */
static void
every_truncation_of_every_record_is_refused(void)
{
	for (size_t i = 0; record_at(i) != NULL; i++) {
		struct arena a;
		struct text bytes;
		arena_init(&a);
		text_init(&bytes, 0);
		wire_encode_record(&bytes, record_at(i), sample_fill(&a, record_at(i)));
		for (size_t len = 0; len < bytes.len; len++) {
			struct error err = {0};
			void *out = &err;
			if (decode_exact(&a, record_at(i), span_of(bytes.ptr, len), &out, &err) ||
			    out != (void *)&err || !error_is(&err, E_WIRE_001))
				CHECK_STR(record_at(i)->name, "refused when it is cut");
			arena_reset(&a);
		}
		CHECK(bytes.len > 0);
		text_fini(&bytes);
		arena_fini(&a);
	}
}

/* Any byte changed to anything: refused, or a record that is whole enough to be printed and sent.
 */
static void
a_changed_byte_never_makes_half_a_record(void)
{
	uint64_t state = 3;

	for (size_t i = 0; record_at(i) != NULL; i++) {
		struct arena a;
		struct text bytes;
		arena_init(&a);
		text_init(&bytes, 0);
		wire_encode_record(&bytes, record_at(i), sample_fill(&a, record_at(i)));
		for (size_t at = 0; at < bytes.len; at++) {
			struct error err = {0};
			void *out;
			char kept = bytes.ptr[at];
			bytes.ptr[at] = (char)random_below(&state, 256);
			bool ok = decode_exact(&a, record_at(i), text_span(&bytes), &out, &err);
			bytes.ptr[at] = kept;
			if (ok)
				check_journey(record_at(i), out);
			else
				CHECK(err.code != NULL && err.message[0] != '\0');
			arena_reset(&a);
		}
		text_fini(&bytes);
		arena_fini(&a);
	}
}

static void
announced_elements_cost_nothing(void)
{
	static const struct {
		const struct record *of;
		struct span bytes;
	} table[] = {
		{&record_part, {"\xdf\x10\x00\x00\x00", 5}},
		{&record_sample, {"\x81\x07\xdd\x10\x00\x00\x00", 7}},
		{&record_job_events, {"\x81\x03\xdd\x10\x00\x00\x00", 7}},
		{&record_bundle_chunk, {"\x81\x02\xc6\x10\x00\x00\x00", 7}},
		{&record_part, {"\x81\x01\xdb\x10\x00\x00\x00", 7}},
		{&record_part, {"\x81\x63\xdf\x10\x00\x00\x00", 7}},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a;
		struct error err = {0};
		void *out;
		arena_init(&a);
		CHECK(!decode_exact(&a, table[i].of, table[i].bytes, &out, &err));
		CHECK(a.used <= 2 * table[i].of->size + 64);
		arena_fini(&a);
	}
}

/* As many elements as there are bytes, and each of them bad. */
static void
a_long_list_costs_only_what_was_read(void)
{
	struct arena a;
	struct error err = {0};
	struct text t;
	void *out;

	arena_init(&a);
	text_init(&t, 0);
	text_put_span(&t, SPAN("\x81\x03\xdd\x00\x0f\x00\x00"));
	text_repeat(&t, '\x80', 0x0f0000);
	CHECK(!decode_exact(&a, &record_job_events, text_span(&t), &out, &err));
	CHECK_STR(err.message, "job_events.events: item 1: job_event.seq: must be there");
	CHECK(a.used < 16 * sizeof(struct job_event));
	text_fini(&t);
	arena_fini(&a);
}

static void
unknown_fields_are_skipped(void)
{
	static const struct span table[] = {
		/* before and behind: a number, a text, and a map with all that msgpack has */
		BYTES("\x82\x09\x01\x01\xa1"
		      "a"),
		BYTES("\x82\x01\xa1"
		      "a\x09\xa3"
		      "abc"),
		BYTES("\x83\xcd\x01\x00\x82\xa1k\x93\xc0\xcb\0\0\0\0\0\0\0\0\xc3\xc0\xd4\x01z\x01"
		      "\xa1"
		      "a"
		      "\x7f\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a;
		struct error err = {0};
		void *out = NULL;
		arena_init(&a);
		REQUIRE(decode_exact(&a, &record_part, table[i], &out, &err));
		CHECK_STR(((const struct part *)out)->label, "a");
		CHECK_INT(((const struct part *)out)->size, INT_NULL);
		arena_fini(&a);
	}
}

/* What the sample is made of, each as field number and value. */
#define DEFAULT "\x01\xa1x"
#define COUNT	"\x03\x01"
#define READY	"\x05\xc3"
#define NAMES	"\x07\x90"

static void
what_does_not_fit_is_refused_with_its_path(void)
{
	static const struct {
		struct span bytes;
		const char *words;
	} table[] = {
		{BYTES(""), "sample: the message ends in the middle of a value"},
		{BYTES("\xc0"), "sample: must be a map from field numbers"},
		{BYTES("\x90"), "sample: must be a map from field numbers"},
		{BYTES("\x80"), "sample.default: must be there"},
		{BYTES("\x81" DEFAULT), "sample.count: must be there"},
		{BYTES("\x82" DEFAULT COUNT), "sample.ready: must be there"},
		{BYTES("\x83" DEFAULT COUNT READY), "sample.names: must be there"},
		{BYTES("\x84" DEFAULT COUNT READY NAMES "\xc0"),
		 "1 bytes follow the end of the message"},
		{BYTES("\x81\xa1"
		       "1\x01"),
		 "sample: must be a map from field numbers"},
		{BYTES("\x81\xcf\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
		 "sample: must be a map from field numbers"},
		{BYTES("\x81\xfe\x01"),
		 "sample: field -2 must be understood, and this version does not"},
		{BYTES("\x82" DEFAULT DEFAULT), "sample.default: must be there once"},
		{BYTES("\x81\x01\xc0"), "sample.default: must be a text"},
		{BYTES("\x81\x01\x01"), "sample.default: must be a text"},
		{BYTES("\x81\x01\xc4\x01x"), "sample.default: must be a text"},
		{BYTES("\x81\x01\xa2\0x"), "sample.default: must be a text without NUL"},
		{BYTES("\x81\x02\xa4smal"), "sample.kind: must be small|large"},
		{BYTES("\x81\x02\xa0"), "sample.kind: must be small|large"},
		{BYTES("\x81\x02\xabsmall|large"), "sample.kind: must be small|large"},
		{BYTES("\x81\x03\xcb\0\0\0\0\0\0\0\0"), "sample.count: must be a whole number"},
		{BYTES("\x81\x03\xa1"
		       "1"),
		 "sample.count: must be a whole number"},
		{BYTES("\x81\x03\xcf\x80\0\0\0\0\0\0\0"), "sample.count: must be a whole number"},
		{BYTES("\x81\x03\xd3\x80\0\0\0\0\0\0\0"), "sample.count: must be a whole number"},
		{BYTES("\x81\x04\x01"), "sample.ratio: must be a number"},
		{BYTES("\x81\x04\xcb\x7f\xf8\0\0\0\0\0\0"), "sample.ratio: must be a number"},
		{BYTES("\x81\x04\xcb\x7f\xf0\0\0\0\0\0\0"), "sample.ratio: must be a number"},
		{BYTES("\x81\x05\x01"), "sample.ready: must be true or false"},
		{BYTES("\x81\x07\x80"), "sample.names: must be a list"},
		{BYTES("\x81\x07\x92\xa0\x01"), "sample.names: item 2: must be a text"},
		{BYTES("\x81\x08\x90"), "sample.first: part: must be a map from field numbers"},
		{BYTES("\x81\x09\x92\x81" DEFAULT "\x80"),
		 "sample.parts: item 2: part.label: must be there"},
		{BYTES("\x81\x0a\x80"),
		 "sample.result: must be a list of a record's name and the record"},
		{BYTES("\x81\x0a\x93\xa3"
		       "ack\x80\x80"),
		 "sample.result: must be a list of a record's name and the record"},
		{BYTES("\x81\x0a\x92\xa7nothing\x80"),
		 "sample.result: must be a record of a kind that this version knows"},
		{BYTES("\x81\x0a\x92\xa3"
		       "ack\x80"),
		 "sample.result: ack.replayed: must be there"},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a;
		struct error err = {0};
		void *out = &err;
		arena_init(&a);
		CHECK(!decode_exact(&a, &record_sample, table[i].bytes, &out, &err));
		CHECK(out == &err);
		CHECK_STR(err.message, table[i].words);
		CHECK(error_is(&err, E_WIRE_001));
		arena_fini(&a);
	}
}

static void
records_below_records_end_at_sixteen_levels(void)
{
	/* An outcome whose result is an outcome whose result is … */
	static const char layer[] = "\x82\x01\x00\x02\x92\xabjob_outcome";
	struct arena a;
	struct error err = {0};
	struct text t;
	void *out;

	arena_init(&a);
	text_init(&t, 0);
	for (int i = 0; i < 50000; i++)
		text_put_span(&t, span_of(layer, sizeof(layer) - 1));
	CHECK(!decode_exact(&a, &record_job_outcome, text_span(&t), &out, &err));
	CHECK_HAS(err.message, "the message is nested deeper than 16");
	text_fini(&t);
	arena_fini(&a);
}

static void
what_passes_the_limit_of_the_text_is_seen(void)
{
	struct bundle_chunk chunk = {.total = 1};
	struct text big, small;

	text_init(&big, 0);
	text_init(&small, 1000);
	text_repeat(&big, 'x', 2000);
	chunk.data = text_span(&big);
	wire_encode_record(&small, &record_bundle_chunk, &chunk);
	CHECK(small.truncated);
	text_fini(&small);
	text_fini(&big);
}

static const struct unit_case cases[] = {
	CASE(every_record_survives_the_journey_whatever_it_holds),
	CASE(a_field_of_every_type_survives_the_journey),
	CASE(the_bytes_are_these),
	CASE(every_truncation_of_every_record_is_refused),
	CASE(a_changed_byte_never_makes_half_a_record),
	CASE(announced_elements_cost_nothing),
	CASE(a_long_list_costs_only_what_was_read),
	CASE(unknown_fields_are_skipped),
	CASE(what_does_not_fit_is_refused_with_its_path),
	CASE(records_below_records_end_at_sixteen_levels),
	CASE(what_passes_the_limit_of_the_text_is_seen),
};

int
main(int argc, char **argv)
{
	return unit_main("wire_codec", cases, ARRAY_LEN(cases), argc, argv);
}
