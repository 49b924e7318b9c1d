/*
 * Any bytes as a message of the protocol. The first byte says what is expected: a request, or the
 * reply to a request of that kind. What is believed is sent again as a message that reads back as
 * the same, and prints as JSON; what is not is refused with words.
 */
#include "shared/wire/codec.h"
#include "tests/fuzz/fuzz.h"

#include "shared/base/banned.h"

struct message {
	bool request;
	enum message_kind kind;
	int64_t timeout_ms;
	int status;
	void *body;
};

static bool
decode(struct arena *arena, struct span bytes, struct message *m, struct error *err)
{
	if (m->request)
		return wire_decode_request(arena, bytes, &m->kind, &m->timeout_ms, &m->body, err);
	return wire_decode_reply(arena, bytes, m->kind, &m->status, &m->body, err);
}

static const struct record *
record_of(const struct message *m)
{
	if (m->request)
		return message_type(m->kind)->request;
	return m->status == WIRE_REFUSAL ? &record_refusal : message_type(m->kind)->reply;
}

static void
encode(struct text *out, const struct message *m)
{
	if (m->request)
		wire_encode_request(out, m->kind, m->timeout_ms, m->body);
	else if (m->status == WIRE_REFUSAL)
		wire_encode_refusal(out, m->body);
	else
		wire_encode_reply(out, m->kind, m->body);
}

static void
check_journey(struct arena *arena, const struct message *m)
{
	struct message back = {.request = m->request, .kind = m->kind};
	struct text first, second, shown;
	struct error err = {0};

	text_init(&first, 0);
	text_init(&second, 0);
	text_init(&shown, 0);
	encode(&first, m);
	FUZZ_CHECK(decode(arena, text_span(&first), &back, &err));
	FUZZ_CHECK(back.kind == m->kind && back.status == m->status &&
		   back.timeout_ms == m->timeout_ms);
	encode(&second, &back);
	FUZZ_CHECK(span_equal(text_span(&first), text_span(&second)));
	record_json_named(&shown, record_of(m), m->body);
	FUZZ_CHECK(shown.len > 0);
	text_fini(&shown);
	text_fini(&second);
	text_fini(&first);
}

/* Memory for what was read, not for what was announced; records are wide, so by a factor. */
static void
check_cost(const struct arena *arena, size_t size)
{
	FUZZ_CHECK(arena->used <= 16 * 1024 + 512 * size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct error err = {0};
	struct message m = {0};

	if (size == 0)
		return 0;
	m.request = data[0] % MESSAGE_KINDS == MESSAGE_NONE;
	m.kind = (enum message_kind)(data[0] % MESSAGE_KINDS);
	arena_init(&arena);
	bool ok = decode(&arena, span_of((const char *)data + 1, size - 1), &m, &err);
	check_cost(&arena, size);
	FUZZ_CHECK(ok == (err.code == NULL));
	FUZZ_CHECK(ok || err.message[0] != '\0');
	if (ok)
		check_journey(&arena, &m);
	arena_fini(&arena);
	return 0;
}
