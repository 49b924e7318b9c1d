/*
 * The frames around records: requests, replies and refusals, cut, foreign, and of another protocol.
 */
#include "shared/base/compiler.h"
#include "shared/wire/codec.h"
#include "tests/support/unit.h"
#include "tests/unit/wire/same_record.h"
#include "tests/unit/wire/sample.h"

#include "shared/base/banned.h"

#define BYTES(literal)                                                                             \
	{                                                                                          \
		(literal), sizeof(literal) - 1                                                     \
	}
#define SPAN(literal) span_of((literal), sizeof(literal) - 1)

static void
requests_and_replies_come_back(void)
{
	for (int kind = 1; kind < MESSAGE_KINDS; kind++) {
		const struct message_type *type = message_type((enum message_kind)kind);
		struct arena a;
		struct text t;
		struct error err = {0};
		enum message_kind found = MESSAGE_NONE;
		int64_t timeout_ms = 0;
		int status = -1;
		void *body;

		REQUIRE(type != NULL);
		arena_init(&a);
		text_init(&t, 0);
		const void *request = sample_fill(&a, type->request);
		const void *reply = sample_fill(&a, type->reply);
		wire_encode_request(&t, type->kind, 20000, request);
		REQUIRE(wire_decode_request(&a, text_span(&t), &found, &timeout_ms, &body, &err));
		CHECK_INT(found, kind);
		CHECK_INT(timeout_ms, 20000);
		same_record(type->request, request, body);
		CHECK(!wire_decode_reply(&a, text_span(&t), type->kind, &status, &body, &err));
		text_clear(&t);
		wire_encode_reply(&t, type->kind, reply);
		REQUIRE(wire_decode_reply(&a, text_span(&t), type->kind, &status, &body, &err));
		CHECK_INT(status, WIRE_REPLY);
		same_record(type->reply, reply, body);
		text_fini(&t);
		arena_fini(&a);
	}
}

static void
a_refusal_comes_back_whatever_was_asked(void)
{
	struct arena a;
	struct text t;
	struct error err = {0};
	int status = -1;
	void *body;

	arena_init(&a);
	text_init(&t, 0);
	const struct refusal *refusal = sample_fill(&a, &record_refusal);
	wire_encode_refusal(&t, refusal);
	for (int kind = 1; kind < MESSAGE_KINDS; kind++) {
		REQUIRE(wire_decode_reply(&a, text_span(&t), (enum message_kind)kind, &status,
					  &body, &err));
		CHECK_INT(status, WIRE_REFUSAL);
		same_record(&record_refusal, refusal, body);
	}
	text_fini(&t);
	arena_fini(&a);
}

static void
every_truncation_of_a_frame_is_refused(void)
{
	struct arena a;
	struct text t;
	enum message_kind kind;
	int64_t timeout_ms;
	int status;
	void *body;

	arena_init(&a);
	text_init(&t, 0);
	wire_encode_request(&t, MESSAGE_job_submit, 7, sample_fill(&a, &record_job_submit));
	for (size_t len = 0; len < t.len; len++) {
		struct error err = {0};
		CHECK(!wire_decode_request(&a, span_of(t.ptr, len), &kind, &timeout_ms, &body,
					   &err));
		CHECK(error_is(&err, E_WIRE_001));
	}
	text_clear(&t);
	wire_encode_reply(&t, MESSAGE_job_watch, sample_fill(&a, &record_job_watched));
	for (size_t len = 0; len < t.len; len++) {
		struct error err = {0};
		CHECK(!wire_decode_reply(&a, span_of(t.ptr, len), MESSAGE_job_watch, &status, &body,
					 &err));
		CHECK(error_is(&err, E_WIRE_001));
	}
	text_fini(&t);
	arena_fini(&a);
}

static void
a_request_that_is_none_is_refused_in_words(void)
{
	static const struct {
		struct span bytes;
		enum error_id code;
		const char *words;
	} table[] = {
		{BYTES(""), E_WIRE_001, "the message ends in the middle of a value"},
		{BYTES("GET / HTTP/1.1\r\n"), E_WIRE_001,
		 "not a request: must be a list of 4 or more"},
		{BYTES("\x93\x01\x05\x00"), E_WIRE_001,
		 "not a request: must be a list of 4 or more"},
		{BYTES("\x94\xa1x\x05\x00\x80"), E_WIRE_001, "protocol: must be a whole number"},
		{BYTES("\x94\x01\xc0\x00\x80"), E_WIRE_001, "kind: must be a whole number"},
		{BYTES("\x94\x01\x05\xc0\x80"), E_WIRE_001, "timeout_ms: must be a whole number"},
		{BYTES("\x94\x01\x00\x00\x80"), E_WIRE_001,
		 "request 0 is not known to this version"},
		{BYTES("\x94\x01\xff\x00\x80"), E_WIRE_001,
		 "request -1 is not known to this version"},
		{BYTES("\x94\x01\xcd\x7f\xff\x00\x80"), E_WIRE_001,
		 "request 32767 is not known to this version"},
		{BYTES("\x94\x01\x05\x00\x80"), E_WIRE_001, "job_show.job: must be there"},
		{BYTES("\x94\x01\x05\x00\x81\x01\xa1j\xc0"), E_WIRE_001,
		 "1 bytes follow the end of the message"},
		{BYTES("\x94\x02\x05\x00\x80"), E_COORD_002,
		 "the other side speaks protocol 2; this program speaks 1 to 1"},
		{BYTES("\x94\x00\x05\x00\x80"), E_COORD_002,
		 "the other side speaks protocol 0; this program speaks 1 to 1"},
		{BYTES("\x94\x02\xcd\x7f\xff\x00\x80"), E_COORD_002,
		 "the other side speaks protocol 2; this program speaks 1 to 1"},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a;
		struct error err = {0};
		enum message_kind kind = MESSAGE_NONE;
		int64_t timeout_ms = -7;
		void *body = &err;
		arena_init(&a);
		CHECK(!wire_decode_request(&a, table[i].bytes, &kind, &timeout_ms, &body, &err));
		CHECK_STR(err.message, table[i].words);
		CHECK(error_is(&err, table[i].code));
		CHECK(kind == MESSAGE_NONE && timeout_ms == -7 && body == &err);
		arena_fini(&a);
	}
}

static void
later_protocols_may_say_more_and_hello_always_gets_through(void)
{
	/* protocol 9, with a field and an element of its own */
	static const struct span frame =
		BYTES("\x95\x09\x0f\x00\x85\x01\x01\x02\x09\x03\xa1p\x04\xa1v\x14\xc3\x81\xc0\xc0");
	struct arena a;
	struct error err = {0};
	enum message_kind kind;
	int64_t timeout_ms, protocol = 0;
	void *body;
	int status;

	arena_init(&a);
	REQUIRE(wire_decode_request(&a, frame, &kind, &timeout_ms, &body, &err));
	CHECK_INT(kind, MESSAGE_hello);
	CHECK(wire_protocol_agree(body, &protocol, &err));
	CHECK_INT(protocol, WIRE_PROTOCOL);
	/* job_show's reply of protocol 2 does not; a hello's reply and a refusal do. */
	CHECK(!wire_decode_reply(&a, SPAN("\x93\x02\x00\x80"), MESSAGE_job_show, &status, &body,
				 &err));
	CHECK(error_is(&err, E_COORD_002));
	CHECK(wire_decode_reply(&a, SPAN("\x94\x02\x00\x82\x01\x02\x02\xa1v\xc0"), MESSAGE_hello,
				&status, &body, &err));
	struct text t;
	text_init(&t, 0);
	wire_encode_refusal(&t, sample_bare(&a, &record_refusal));
	t.ptr[1] = 2;
	CHECK(wire_decode_reply(&a, text_span(&t), MESSAGE_job_show, &status, &body, &err));
	CHECK_INT(status, WIRE_REFUSAL);
	text_fini(&t);
	arena_fini(&a);
}

static void
two_programs_agree_on_the_newest_protocol_that_both_speak(void)
{
	static const struct {
		int64_t min, max, agreed; /* 0: none */
	} table[] = {
		{1, 1, 1}, {0, 1, 1}, {1, 2, 1}, {0, 9, 1}, {2, 3, 0}, {0, 0, 0}, {3, 1, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct hello hello = {table[i].min, table[i].max, "confiture", "9.1"};
		struct error err = {0};
		int64_t protocol = 0;
		bool ok = wire_protocol_agree(&hello, &protocol, &err);
		CHECK_INT(ok, table[i].agreed != 0);
		CHECK_INT(protocol, table[i].agreed);
		CHECK_INT(error_is(&err, E_COORD_002), !ok);
	}
	struct hello hello = {2, 3, "confiture", "9.1"};
	struct error err = {0};
	int64_t protocol;
	CHECK(!wire_protocol_agree(&hello, &protocol, &err));
	CHECK_STR(err.message,
		  "confiture 9.1 speaks protocol 2 to 3; the coordinator speaks 1 to 1");
}

static const struct unit_case cases[] = {
	CASE(requests_and_replies_come_back),
	CASE(a_refusal_comes_back_whatever_was_asked),
	CASE(every_truncation_of_a_frame_is_refused),
	CASE(a_request_that_is_none_is_refused_in_words),
	CASE(later_protocols_may_say_more_and_hello_always_gets_through),
	CASE(two_programs_agree_on_the_newest_protocol_that_both_speak),
};

int
main(int argc, char **argv)
{
	return unit_main("wire_frame", cases, ARRAY_LEN(cases), argc, argv);
}
